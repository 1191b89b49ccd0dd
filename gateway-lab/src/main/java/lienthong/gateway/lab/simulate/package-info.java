/**
 * A whole province in one thread, one queue of events and one seed: the real nodes with their real log, keys and link sessions, over a disk that
 * forgets, wires that break, clocks that differ and people who err. A judge who stands outside knows what was promised to whom.
 *
 * <p>May know: everything of the product that makes a node, and what the proof's judge calls a breach. Never knows: a thread, a real clock, a real
 * disk, a socket, unseeded randomness.
 */
@NullMarked
package lienthong.gateway.lab.simulate;

import org.jspecify.annotations.NullMarked;
