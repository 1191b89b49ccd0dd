/**
 * Evidence for strangers: one zip for one message that openssl and coreutils can check, and our own check that explains each step in words.
 *
 * <p>May know: what {@code envelope} knows, and the directory's signed extract. Never knows: the store, the API, anybody's private key.
 *
 * <p>Format: docs/spec/evidence.md.
 */
@NullMarked
package lienthong.gateway.envelope.evidence;

import org.jspecify.annotations.NullMarked;
