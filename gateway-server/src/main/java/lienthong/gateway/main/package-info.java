/** Where a process begins: the only reader of environment variables and arguments. May know every room of the server. */
@NullMarked
package lienthong.gateway.main;

import org.jspecify.annotations.NullMarked;
