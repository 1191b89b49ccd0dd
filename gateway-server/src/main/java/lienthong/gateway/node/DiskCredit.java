package lienthong.gateway.node;

import java.time.Instant;
import lienthong.gateway.link.CreditPolicy;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.store.DiskGate;

/**
 * What neighbours may send ahead, by the same levels as what they bring is judged by: a window stays open exactly while {@link DiskGate} would
 * take something of that precedence, so that neither credit is given for what would be refused nor refused what there is room for. Thread-safe.
 */
record DiskCredit(DiskGate gate, long windowBytesMax) implements CreditPolicy {
    @Override
    public long windowBytes(Precedence precedence, long outstandingBytes, Instant now) {
        return gate.level().passes(weight(precedence))
                ? Math.min(windowBytesMax, Math.max(1, gate.freeBytes() / 4))
                : 0;
    }

    /** The lightest thing of a precedence: large ones are judged one by one when they are offered. */
    private static DiskGate.Weight weight(Precedence precedence) {
        if (precedence.compareTo(Precedence.FLASH) >= 0) {
            return DiskGate.Weight.FLASH;
        }
        return precedence == Precedence.ROUTINE ? DiskGate.Weight.BULK : DiskGate.Weight.NORMAL;
    }
}
