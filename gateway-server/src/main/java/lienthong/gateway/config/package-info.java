/**
 * The configuration file of a node, typed and strict: unknown keys, wrong types and doubled keys are errors with line, column and the nearest
 * known key, all in one go. May know {@code message} and {@code text}; never knows keys, network or store: it is read before they exist.
 */
@NullMarked
package lienthong.gateway.config;

import org.jspecify.annotations.NullMarked;
