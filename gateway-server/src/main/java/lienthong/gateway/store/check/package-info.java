/**
 * Looks at a store without changing it. May know {@code message}, {@code environment} and the store's other rooms; never knows what a value means: who
 * knows judges payloads for it.
 */
@NullMarked
package lienthong.gateway.store.check;

import org.jspecify.annotations.NullMarked;
