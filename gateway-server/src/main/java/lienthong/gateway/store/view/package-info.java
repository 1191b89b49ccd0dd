/**
 * The view: lines for people, derived from the log and made anew from it at any doubt.
 *
 * <p>May know: {@code store}. Never knows: what a value means; the {@link lienthong.gateway.store.Projection} does.
 */
@NullMarked
package lienthong.gateway.store.view;

import org.jspecify.annotations.NullMarked;
