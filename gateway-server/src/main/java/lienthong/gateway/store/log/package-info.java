/**
 * The embedded engine of {@link lienthong.gateway.store.MessageStore}: a log of segments with group commit, and what is composed around it.
 *
 * <p>May know: the other packages of {@code store}. Never knows: what is in a value.
 */
@NullMarked
package lienthong.gateway.store.log;

import org.jspecify.annotations.NullMarked;
