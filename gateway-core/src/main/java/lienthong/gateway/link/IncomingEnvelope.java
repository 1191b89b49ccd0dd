package lienthong.gateway.link;

import java.time.Duration;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.SealedEnvelope;

/**
 * A whole envelope that arrived; nothing in it is checked but its limits.
 *
 * @param envelope as received
 * @param ciphertextRoot RFC 9162 root over the ciphertext as received
 * @param precedence claimed; the core has the word that counts
 * @param age how long it has been on its way, as the peer states it
 * @param directory number of the directory in force at the peer; 0 when it has none
 */
public record IncomingEnvelope(
        SealedEnvelope envelope, Hash ciphertextRoot, Precedence precedence, Duration age, long directory) {}
