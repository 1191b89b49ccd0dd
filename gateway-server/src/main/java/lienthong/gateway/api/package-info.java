/**
 * The gRPC services of a node, for developers and for operators: authenticate, authorise, validate, conform. May know the doors defined here
 * (which {@code node} implements), {@code message} and the generated API classes, which stop in this room. Never knows keys, store, routing
 * or what a link is.
 */
@NullMarked
package lienthong.gateway.api;

import org.jspecify.annotations.NullMarked;
