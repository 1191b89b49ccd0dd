/**
 * {@code ./lienthong proof}: a real network under load, faults that strike it, and the judgement of ledgers that were kept outside.
 *
 * <p>May know: {@code lab.province}, {@code lab.process}, {@code lab.outside}, {@code lab.forger}, {@code lab.simulate}, {@code proof.oracle}, and the command line of
 * {@code proof.office}. Never knows: the inside of a node.
 */
@NullMarked
package lienthong.gateway.lab.proof;

import org.jspecify.annotations.NullMarked;
