package lienthong.gateway.lab.proof.oracle;

import java.io.IOException;

/** A file is not a ledger, or contradicts itself; the text says where. Nothing can be said of the gateway then. */
public final class BadLedger extends IOException {
    private static final long serialVersionUID = 1L;

    BadLedger(String message) {
        super(message);
    }
}
