/**
 * Who is who: offices, tree, nodes, routes, policy, certificate authorities, delegates, revocations, and the self-certifying records below
 * them; versions, deltas, extracts, forks; verification of all of it.
 *
 * <p>May know: {@code message}, {@code merkle}, {@code crypto}. Never knows: private keys, the network, the store.
 */
@NullMarked
package lienthong.gateway.directory;

import org.jspecify.annotations.NullMarked;
