/**
 * Compares the ledgers that the offices wrote and says what the gateway did wrong.
 *
 * <p>May know: the JDK. Never knows: the gateway, the offices' programs, the faults.
 */
@NullMarked
package lienthong.gateway.lab.proof.oracle;

import org.jspecify.annotations.NullMarked;
