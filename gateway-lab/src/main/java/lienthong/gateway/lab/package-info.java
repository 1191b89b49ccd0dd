/**
 * Whatever runs a whole network: the demonstration, benchmarks, forged and replayed traffic. Reached through the launcher from a checkout; in no
 * release jar.
 *
 * <p>May know: everything. Is known by: nobody.
 */
@NullMarked
package lienthong.gateway.lab;

import org.jspecify.annotations.NullMarked;
