package lienthong.gateway.store.check;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.store.ArchiveKind;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.SpoolId;

/**
 * What a look at a whole store has found.
 *
 * @param segments of the log
 * @param lastNumber of the last good record
 * @param live values of each kind that has any
 * @param archiveFiles months
 * @param archived records of each kind that has any
 * @param spoolFiles that values name
 * @param spoolBytes of their payloads
 * @param damages places that were good once and are not now, in log, archive and {@code store.txt}
 * @param missingSegments numbers of log segments that should be there
 * @param badPayloads spool files that are absent, short, foreign, or not what their value says
 * @param orphans names in {@code spool/} that nothing names: the next start removes them, nothing is lost
 * @param unfinished files whose end was never acknowledged: the next start cuts it off, nothing is lost
 * @param view how {@code view.db} compares with the log
 */
public record StoreFindings(
        int segments,
        long lastNumber,
        Map<Kind, Integer> live,
        int archiveFiles,
        Map<ArchiveKind, Long> archived,
        int spoolFiles,
        long spoolBytes,
        List<Place> damages,
        List<Long> missingSegments,
        List<BadPayload> badPayloads,
        List<String> orphans,
        List<String> unfinished,
        ViewState view) {
    /**
     * Damage.
     *
     * @param records how many are lost; 0 when it is not known or none
     * @param kind what the damaged record claims to be, a word; empty when it is not plausible
     * @param known whether a start has set it aside and reported it before
     */
    public record Place(
            String file, long offset, long length, long records, Optional<Kind> kind, long key, boolean known) {}

    /** A value and the spool file that it names. */
    public record BadPayload(SpoolId id, Kind kind, long key, Detail why) {}

    /** How the view compares. */
    public enum ViewVerdict {
        /** Every line is the one that the log gives, but for those still to come. */
        AGREES,
        /** There is none, or one of another store or version: the next start makes it. */
        ABSENT,
        /** It cannot be read: the next start makes it anew. */
        DAMAGED,
        /** It can be read and says something else than the log. */
        DIFFERS
    }

    /**
     * The view.
     *
     * @param lines compared
     * @param behind values that it has not seen yet, as after an unclean stop: not compared
     * @param wrong lines that are missing, too many or different
     */
    public record ViewState(ViewVerdict verdict, long lines, long behind, long wrong, Detail detail) {}

    public StoreFindings {
        live = Map.copyOf(live);
        archived = Map.copyOf(archived);
        damages = List.copyOf(damages);
        missingSegments = List.copyOf(missingSegments);
        badPayloads = List.copyOf(badPayloads);
        orphans = List.copyOf(orphans);
        unfinished = List.copyOf(unfinished);
    }

    /** The gravest that was found; empty when everything acknowledged is there and whole, and the view says what the log says. */
    public Optional<ErrorCode> gravest() {
        if (!damages.isEmpty() || !missingSegments.isEmpty()) {
            return Optional.of(ErrorCode.RECORD_DAMAGED);
        }
        if (!badPayloads.isEmpty()) {
            return Optional.of(ErrorCode.SPOOL_MISSING);
        }
        return view.verdict() == ViewVerdict.DAMAGED || view.verdict() == ViewVerdict.DIFFERS
                ? Optional.of(ErrorCode.RECORD_DAMAGED)
                : Optional.empty();
    }
}
