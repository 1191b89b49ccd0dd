package lienthong.gateway.client;

import lienthong.gateway.message.Refusal;

/**
 * The state folder cannot be used. Thrown by {@link GatewayClient#open} alone, at a program's start: there is nothing a running program could
 * decide differently, a person has to look.
 */
public final class CannotOpen extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    CannotOpen(Refusal refusal) {
        super(refusal.toString());
        this.refusal = refusal;
    }

    /** The numbered reason, and what to look at. */
    public Refusal refusal() {
        return refusal;
    }
}
