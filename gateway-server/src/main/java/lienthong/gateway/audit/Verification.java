package lienthong.gateway.audit;

import lienthong.gateway.message.Hash;

/** What {@link AuditLog#verify} found. */
public sealed interface Verification {
    /** Every line is whole and the log agrees with every checkpoint. */
    record Intact(long size, Hash root, int checkpoints) implements Verification {}

    /**
     * It was edited, cut or damaged.
     *
     * @param firstBad index of the first entry that is wrong or missing; where only checkpoints tell, the first after the last one that agrees
     * @param detail what is wrong, in words
     */
    record Broken(long firstBad, String detail) implements Verification {}
}
