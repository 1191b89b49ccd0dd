/**
 * Operating-system processes that the lab starts, watches and ends, each by its own process id; and what the kernel says they cost.
 *
 * <p>May know: the JDK. Never knows: what the processes do.
 */
@NullMarked
package lienthong.gateway.lab.process;

import org.jspecify.annotations.NullMarked;
