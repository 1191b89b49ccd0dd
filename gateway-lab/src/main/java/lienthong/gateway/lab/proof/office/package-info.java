/**
 * An office's own programs, one process per office: they send and receive over the developers' API and write down what they saw in ledgers on
 * a disk that is never faulted.
 *
 * <p>May know: the generated stubs, gRPC, the JDK. Never knows: any class of the gateway. An oracle that shares code with what it judges
 * repeats its mistakes.
 */
@NullMarked
package lienthong.gateway.lab.proof.office;

import org.jspecify.annotations.NullMarked;
