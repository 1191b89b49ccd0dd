/**
 * Ports to what a program cannot decide: time, disk, wire, randomness; each with its real form. The simulator has other forms, so that a whole
 * network of nodes can run in one test from one seed.
 *
 * <p>May know: {@code message}. Never knows: anything of the gateway.
 */
@NullMarked
package lienthong.gateway.environment;

import org.jspecify.annotations.NullMarked;
