/**
 * Settled evidence in monthly files, and their index.
 *
 * <p>May know: {@code store} and its records. Never knows: what a piece of evidence says.
 */
@NullMarked
package lienthong.gateway.store.archive;

import org.jspecify.annotations.NullMarked;
