/**
 * A gRPC channel to a node's local socket.
 *
 * <p>May know: gRPC and Netty. Never knows: what is said over it, and nothing of the gateway's own rooms: the offices of the proof use it, and
 * they must not share code with what they judge.
 */
@NullMarked
package lienthong.gateway.lab.channel;

import org.jspecify.annotations.NullMarked;
