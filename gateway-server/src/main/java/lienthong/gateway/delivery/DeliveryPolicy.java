package lienthong.gateway.delivery;

import java.time.Duration;

/**
 * Numbers a node may set; {@link #DEFAULT} is what the documentation promises.
 *
 * @param keepDelivered how long the origin keeps a payload after delivered, when nothing more is heard
 * @param askAfter silence after custody before the origin asks along the path
 * @param returnsMax a message given back this often is set aside as poison
 * @param heldBackMax successors held per stream before its credit stops
 * @param alternativeAfter a neighbour away this long gives way to an alternative
 * @param retryFirst first wait after a temporary refusal, doubling
 * @param retryMax longest wait between tries
 * @param clientIdsKept how long a client id is remembered after its message was accepted
 * @param cipherProvider whether a provider of the State cipher service is installed: only then mật is carried from here
 */
public record DeliveryPolicy(
        Duration keepDelivered,
        Duration askAfter,
        int returnsMax,
        int heldBackMax,
        Duration alternativeAfter,
        Duration retryFirst,
        Duration retryMax,
        Duration clientIdsKept,
        boolean cipherProvider) {
    public static final DeliveryPolicy DEFAULT = new DeliveryPolicy(
            Duration.ofDays(7),
            Duration.ofHours(1),
            5,
            1_000,
            Duration.ofMinutes(2),
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            Duration.ofDays(30),
            false);
}
