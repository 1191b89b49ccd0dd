/**
 * The operator's commands: each an outside user of a running node's doors, or a worker on files. May know {@code text}, {@code api}'s generated
 * calls, {@code config}, and of the core {@code directory}, {@code identity}, {@code envelope} with their values. Never knows store, delivery,
 * links; never reads the environment (main does) and never takes a secret as an argument, which every user of the machine could read.
 */
@NullMarked
package lienthong.gateway.cli;

import org.jspecify.annotations.NullMarked;
