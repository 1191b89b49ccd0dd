/**
 * The queue manager: numbers, duplicates, gaps, precedence, fan-out, expiry, hand-over to applications, receipts home. Everything is confined
 * to the node's loop and deterministic. May know {@code store}, {@code routing}, {@code message}, {@code environment}; links, signing and applications are
 * its ports. Never knows keys, the opener, Netty, gRPC: a relay must be unable to read what it carries.
 */
@NullMarked
package lienthong.gateway.delivery;

import org.jspecify.annotations.NullMarked;
