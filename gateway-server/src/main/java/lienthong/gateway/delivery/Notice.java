package lienthong.gateway.delivery;

import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;

/** What a sender has to say to a recipient's node about its stream of messages, parsed from a verified notice. */
public sealed interface Notice {
    /** Address whose node it is for. */
    Address recipient();

    /** These numbers come to nothing: successors need not wait for them. */
    record Skip(Address from, Incarnation incarnation, Address recipient, long number, ErrorCode reason)
            implements Notice {}

    /** The recipient's keys changed: a new slot for an envelope already sealed. */
    record Rewrap(MessageId id, Hash leaf, Address recipient, Hash slotHash, Bytes slot) implements Notice {}
}
