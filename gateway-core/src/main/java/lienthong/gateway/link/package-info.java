/**
 * Frames and their limits, sessions between two nodes (or a client and its node), flow control, overtaking, resume, reconnect, TLS.
 * The session logic is confined to the node's loop and knows neither sockets nor Netty: {@link lienthong.gateway.link.LinkSessions} makes
 * sessions over a {@code Wire}; the sub-package {@code netty} makes wires of TLS connections.
 *
 * <p>May know: {@code message}, {@code environment}, TLS keys handed in by {@code identity}, generated frames (in the codec alone), Netty (in
 * {@code netty} alone). Never knows: how to open an envelope, the store, routing.
 */
@NullMarked
package lienthong.gateway.link;

import org.jspecify.annotations.NullMarked;
