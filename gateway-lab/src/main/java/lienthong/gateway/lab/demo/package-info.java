/**
 * The demonstration: a small province on this machine, a real document end to end, a hub killed in the middle of a large transfer, evidence checked
 * with standard tools, and three things that must be refused.
 *
 * <p>May know: {@code lab.province}, {@code lab.forger}, {@code lab.outside}, {@code lab.process}. Never knows: the inside of a node.
 */
@NullMarked
package lienthong.gateway.lab.demo;

import org.jspecify.annotations.NullMarked;
