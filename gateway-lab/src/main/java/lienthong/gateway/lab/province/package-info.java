/**
 * A small province on this machine: an authority's folder, nodes joined by invitation files through the same commands an office uses, each node
 * a process of its own with its own data folder and keys.
 *
 * <p>May know: {@code lab.process}, the command line and the API's protos. Never knows: the inside of a node.
 */
@NullMarked
package lienthong.gateway.lab.province;

import org.jspecify.annotations.NullMarked;
