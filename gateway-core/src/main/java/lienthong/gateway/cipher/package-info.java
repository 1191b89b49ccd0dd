/**
 * Where a product of the State cipher service (ngành Cơ yếu) plugs in: {@link lienthong.gateway.cipher.CipherProvider}, found by
 * {@link java.util.ServiceLoader}. None ships. Whoever implements it needs this room and the JDK, nothing else of the gateway.
 *
 * <p>May know: nothing. Never knows: envelopes, directories, files, sockets, whose key it is.
 */
@NullMarked
package lienthong.gateway.cipher;

import org.jspecify.annotations.NullMarked;
