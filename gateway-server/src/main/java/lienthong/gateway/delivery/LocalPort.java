package lienthong.gateway.delivery;

import lienthong.gateway.message.Address;
import lienthong.gateway.message.MessageId;

/** What delivery tells the applications' doors. Called in the loop; must not call back before returning. */
public interface LocalPort {
    /** Messages wait for this address: its consumers may lease. At most once a turn for each address. */
    void available(Address address);

    /** The state of a message of an own sender changed: who watches may ask {@link Delivery#track}. */
    void progressed(MessageId id);
}
