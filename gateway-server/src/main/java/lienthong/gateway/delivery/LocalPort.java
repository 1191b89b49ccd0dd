package lienthong.gateway.delivery;

import lienthong.gateway.message.Address;

/** What delivery tells the applications' doors. Called in the loop; must not call back before returning. */
public interface LocalPort {
    /** Messages wait for this address: its consumers may lease. At most once a turn for each address. */
    void available(Address address);

    /** A lease ended by itself; its message may come again, marked redelivered. */
    void lapsed(ConsumerId consumer, long lease);

    /** Something happened to a message of an own sender. */
    void progressed(Progress progress);
}
