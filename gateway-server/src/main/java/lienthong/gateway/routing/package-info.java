/**
 * The pure decision where an envelope goes next: directory × recipient → deliver here, forward to a neighbour, hold, refuse, each with its
 * reason. May know {@code message} and {@code directory}. Never knows keys, time sources, input and output.
 */
@NullMarked
package lienthong.gateway.routing;

import org.jspecify.annotations.NullMarked;
