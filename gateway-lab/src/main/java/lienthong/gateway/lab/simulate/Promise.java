package lienthong.gateway.lab.simulate;

import java.util.Locale;
import java.util.Optional;
import lienthong.gateway.lab.proof.oracle.Breach;
import org.jspecify.annotations.Nullable;

/** What the judge holds the province to. */
public enum Promise {
    NOT_LOST(Breach.LOST),
    ON_DISK(Breach.LOST),
    ENDS(Breach.LOST),
    ONCE(Breach.DUPLICATED),
    ONE_LEASE(Breach.DUPLICATED),
    IN_ORDER(Breach.REORDERED),
    AS_SENT(Breach.CORRUPTED),
    SENT_BY_SOMEBODY(Breach.PHANTOM),
    TRUE_RECEIPTS(Breach.FALSE_RECEIPT),
    REASON_TO_REFUSE(Breach.WRONG_REFUSAL),
    ONE_END(Breach.TWO_ENDS),
    CONFIDENTIAL(null),
    STARTS_AGAIN(null),
    STOPS_WHEN_A_SYNC_FAILED(null),
    NO_STOP_WITHOUT_A_REASON(null),
    NOBODY_IS_CALLED_A_FORGER(null),
    NOTHING_SET_ASIDE(null),
    OLD_DISK_REFUSED(null),
    DIRECTORY_NEVER_FALLS(null),
    DIRECTORY_COMES_EVERYWHERE(null),
    NO_BUG(null);

    private final @Nullable Breach breach;

    Promise(@Nullable Breach breach) {
        this.breach = breach;
    }

    /** Its name in the lab's texts, {@code proof.promise.…}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its column in the book; empty where the book counts it as failed and nothing else. */
    public Optional<Breach> breach() {
        return Optional.ofNullable(breach);
    }
}
