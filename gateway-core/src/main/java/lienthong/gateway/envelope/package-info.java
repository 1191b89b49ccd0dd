/**
 * Envelopes, receipts and notices: their one written form, how they are sealed, checked at every hop, opened at the end, and stated about.
 *
 * <p>May know: {@code message} (values), {@code environment} (randomness, time as an argument), {@code crypto} and {@code merkle}, the directory's
 * immutable view. Never knows: sockets, the store, queues, configuration. Relays use the codecs, {@link lienthong.gateway.envelope.EnvelopeVerifier}
 * and {@link lienthong.gateway.envelope.ReceiptVerifier} only; whoever opens needs a recipient's private key, and a
 * {@link lienthong.gateway.envelope.VerifiedEnvelope}, which only the verifier makes.
 *
 * <p>Format: docs/spec/envelope.md.
 */
@NullMarked
package lienthong.gateway.envelope;

import org.jspecify.annotations.NullMarked;
