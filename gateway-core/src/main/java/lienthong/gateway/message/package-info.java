/**
 * The values every room speaks in: identifiers, addresses, the header that relays see, precedence, secrecy mark, lifetime, immutable
 * bytes, limits, and the one numbered list of errors.
 *
 * <p>May know: nothing but the JDK. Never knows: files, sockets, keys, protobuf, any other room.
 */
@NullMarked
package lienthong.gateway.message;

import org.jspecify.annotations.NullMarked;
