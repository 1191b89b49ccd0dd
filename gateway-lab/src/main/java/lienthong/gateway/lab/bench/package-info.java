/**
 * Measures a real chain of nodes from outside, with the workloads, payloads and columns that other store-and-forward systems are measured by, so
 * that figures can stand side by side. Every payload is checked; a damaged, doubled or lost one fails the run.
 *
 * <p>May know: the developers' API, {@code lab.province}, {@code lab.process}. Never knows: the inside of a node.
 */
@NullMarked
package lienthong.gateway.lab.bench;

import org.jspecify.annotations.NullMarked;
