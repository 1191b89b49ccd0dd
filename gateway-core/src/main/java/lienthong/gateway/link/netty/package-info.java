/**
 * The real form of a link's wire: TLS 1.3 over TCP with exactly the key agreement the policy names, frames with a length in front, and who
 * may connect how often. Its threads only do sockets, TLS and framing; whole frames are passed to the node's loop.
 *
 * <p>May know: Netty, {@code link}. Never knows: what a frame means.
 */
@NullMarked
package lienthong.gateway.link.netty;

import org.jspecify.annotations.NullMarked;
