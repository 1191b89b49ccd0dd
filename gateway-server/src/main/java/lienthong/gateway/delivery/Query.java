package lienthong.gateway.delivery;

import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;

/**
 * The origin asks after an envelope for one recipient, along the path.
 *
 * @param id first message of the envelope
 * @param leaf which sealed envelope
 * @param recipient for whom
 * @param asker sender's address: the answer goes to its node
 */
public record Query(MessageId id, Hash leaf, Address recipient, Address asker) {}
