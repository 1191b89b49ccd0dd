package lienthong.gateway.client;

import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;

/**
 * Two messages of one sender contradict each other about what stood before: the sender, or who else has its key, sealed two histories. Nobody on the
 * way can change what stands in a slot. Both messages are whole and their seals hold, so that they are handed over all the same.
 *
 * @param sender whose messages they are
 * @param incarnation the life of its keys, within which its numbers count
 * @param number of the earlier message; 0 before the first
 * @param is SHA-256 of the core that came with this number; zeros for 0
 * @param named of the core that the message after it names
 */
public record SequenceBreak(Address sender, Incarnation incarnation, long number, Hash is, Hash named) {}
