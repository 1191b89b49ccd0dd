/**
 * Durable custody: a keyed store whose truth is an append-only log, with the spool for large payloads, the archive for evidence and a view
 * for questions. It knows kinds, keys and bytes; what a value means is {@code delivery}'s business.
 *
 * <p>May know: {@code message}, {@code environment}. Never knows: keys, network, what is inside an envelope.
 */
@NullMarked
package lienthong.gateway.store;

import org.jspecify.annotations.NullMarked;
