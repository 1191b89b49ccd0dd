/**
 * My own: the authority's keys and what it signs; an office's keys, certificates, epochs, renewals; joining, and enrolling an embedded
 * client. The only room that writes private keys to a disk.
 *
 * <p>May know: {@code message}, {@code environment}, {@code crypto}, {@code directory}. Never knows: the network, the store.
 */
@NullMarked
package lienthong.gateway.identity;

import org.jspecify.annotations.NullMarked;
