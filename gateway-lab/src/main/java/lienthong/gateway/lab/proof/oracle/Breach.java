package lienthong.gateway.lab.proof.oracle;

import java.util.Locale;

/** The ways in which a gateway can break its promises, as far as ledgers show them. */
public enum Breach {
    /** Accepted, and then nothing: neither received nor refused, returned, expired, nor listed as still queued. */
    LOST,
    /** Handed over again without the redelivered mark, or again after its acknowledgement was confirmed. */
    DUPLICATED,
    /** Within a key, an earlier number handed over for the first time after a later one. */
    REORDERED,
    /** What arrived is not what was sent. */
    CORRUPTED,
    /** Received though nobody sent it, or though its sender had been told that it was refused. */
    PHANTOM,
    /** The sender holds a receipt for what its receiver never had. */
    FALSE_RECEIPT,
    /** Refused for a reason that the run did not ask for. */
    WRONG_REFUSAL,
    /** One message ended in two ways. */
    TWO_ENDS;

    /** The name in tables, ledgers and JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
