/**
 * Checks with tools that are not ours: {@code openssl} and coreutils in a shell.
 *
 * <p>May know: the JDK, {@code lab.province}'s failure. Never knows: the inside of evidence.
 */
@NullMarked
package lienthong.gateway.lab.outside;

import org.jspecify.annotations.NullMarked;
