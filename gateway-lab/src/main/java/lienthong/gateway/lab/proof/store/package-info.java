/**
 * The store by itself, as a small program that faults strike and an opener that judges what is left: thousands of disks in the time that one
 * network needs to start.
 *
 * <p>May know: the gateway's {@code store}, {@code environment} and {@code message}. Never knows: what the tools of {@code proof/tools} do to its
 * files.
 */
@NullMarked
package lienthong.gateway.lab.proof.store;

import org.jspecify.annotations.NullMarked;
