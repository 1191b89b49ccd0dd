/**
 * One running node: composes keys, directory, store, delivery, links and doors; fulfils delivery's ports; starts and stops them in order;
 * gathers evidence. Here, and only here, what delivery decides meets the keys.
 *
 * <p>May know: all rooms of the core, {@code store}, {@code routing}, {@code delivery}, {@code audit}, and the doors that {@code api} defines. Never
 * knows: gRPC, the command line, bridges, the console.
 */
@NullMarked
package lienthong.gateway.node;

import org.jspecify.annotations.NullMarked;
