package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.SealedEnvelope;

/**
 * One message lent to an application until it acknowledges, gives back or stays silent for the lease time.
 *
 * @param lease names it in the answers
 * @param address whose slot {@code sealed} carries
 * @param id the message
 * @param position of the message among the envelope's, from 0
 * @param sealed the whole envelope, still sealed: the node or the client opens it
 * @param rewrap the signed notice whose slot opens it instead of the sealed one, where the recipient's keys changed
 * @param redelivered it may have been handed over before
 * @param deliveryCount how often it is handed over, this time included
 * @param arrived when this node took it over
 * @param age how long it has been on its way, all dwell times added, when it was leased
 */
public record LeasedMessage(
        long lease,
        Address address,
        MessageId id,
        int position,
        SealedEnvelope sealed,
        EnvelopeFacts facts,
        Optional<Bytes> rewrap,
        boolean redelivered,
        int deliveryCount,
        Instant arrived,
        Duration age) {}
