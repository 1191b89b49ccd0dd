package lienthong.gateway.directory;

import java.time.Instant;
import lienthong.gateway.message.Bytes;

/**
 * Two signed things that cannot both be true: somebody shows different people different directories, or two key sets claim one address. Loud,
 * never settled by the program; both are kept.
 *
 * @param kind what is twofold
 * @param about which version or address, for the operator
 * @param inForce what was known first and stays in force
 * @param other what came later
 * @param seen when, by this machine's clock
 */
public record Fork(Kind kind, String about, Bytes inForce, Bytes other, Instant seen) {
    /** What is twofold. */
    public enum Kind {
        /** Two hashes of one directory version, or a version that does not follow the one it should. */
        DIRECTORY,
        /** Two bundles of one number, or of two incarnations without a signed re-join. */
        BUNDLE,
        /** Two beginnings of a key set under one CA, or two continuations of one certificate. */
        KEY_SET
    }
}
