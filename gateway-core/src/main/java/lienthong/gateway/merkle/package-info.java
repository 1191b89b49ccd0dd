/**
 * Hash trees as certificate transparency has them (RFC 9162 §2.1, SHA-256): leaf and node hashes, roots, inclusion paths, consistency proofs,
 * a builder that grows by one leaf, and the tree over a ciphertext's blocks.
 *
 * <p>May know: {@code message}. Never knows: what a leaf stands for, keys, files.
 */
@NullMarked
package lienthong.gateway.merkle;

import org.jspecify.annotations.NullMarked;
