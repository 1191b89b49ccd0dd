/**
 * Every text an operator reads, in Vietnamese and English, by error number and key. May know {@code message}; computes nothing.
 */
@NullMarked
package lienthong.gateway.text;

import org.jspecify.annotations.NullMarked;
