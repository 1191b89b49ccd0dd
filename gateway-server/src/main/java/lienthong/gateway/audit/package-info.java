/**
 * The append-only log of what happened at a node, as a Merkle tree whose checkpoints neighbours keep: who edits, cuts or replaces it is found out.
 *
 * <p>May know: {@code message}, {@code merkle}, {@code environment}. Never knows: payloads, keys.
 */
@NullMarked
package lienthong.gateway.audit;

import org.jspecify.annotations.NullMarked;
