/**
 * Payloads that are too large for the log: one file each, in place before a record names it.
 *
 * <p>May know: {@code store} and its records. Never knows: what is in a payload.
 */
@NullMarked
package lienthong.gateway.store.spool;

import org.jspecify.annotations.NullMarked;
