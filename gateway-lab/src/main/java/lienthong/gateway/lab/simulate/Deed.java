package lienthong.gateway.lab.simulate;

/**
 * One thing that somebody or something does to the province, decided before the run so that it can be left out of the next one.
 *
 * @param at nanoseconds from the beginning
 * @param what of all kinds
 * @param place number of a site, or of a line
 * @param amount a time in nanoseconds or a count, as the kind says
 * @param chance whatever else is drawn for it comes from this
 */
record Deed(long at, What what, int place, long amount, long chance) {
    /** Kinds. */
    enum What {
        /** {@code amount} messages from a site. */
        SEND("%s sends %d messages", true),
        /** {@code amount} and some more messages with one key to the same recipients. */
        BURST("%s sends messages in an order", true),
        KILL("%s: kill -9", true),
        KILL_INSIDE("%s: kill -9 inside disk operation %d from now", true),
        POWER("%s: power cut", true),
        POWER_INSIDE("%s: power cut inside disk operation %d from now", true),
        POWER_ALL("power cut of the whole province", true),
        CUT("line %s cut", false),
        BREAK("connection %s breaks", false),
        SILENT("line %s silent in one direction", false),
        HANG("line %s: who dials waits in vain", false),
        SLOW("line %s slow", false),
        FSYNC("%s: sync %d from now fails", true),
        READ("%s: read %d from now fails", true),
        FULL("%s: disk full", true),
        RESTORE("%s: an old copy is put back", true),
        CLOCK("%s: clock set wrong by %d ns", true),
        DRIFT("%s: clock drifts", true),
        APPLICATION("%s: the receiving program dies", true),
        // ---- those below are drawn apart: a seed's other deeds are the same with and without them
        LOSE("%s: disk and keys are gone for good", true),
        ACCEPT_LOSS("%s: the disk is copied, and the copy will be all that is left", true),
        WEEKS("the whole province is switched off for %2$d ns", true);

        private final String words;
        private final boolean ofASite;

        What(String words, boolean ofASite) {
            this.words = words;
            this.ofASite = ofASite;
        }

        /** Whether directory or keys are other ones afterwards. */
        boolean changesKeys() {
            return isDrawnApart();
        }

        boolean isDrawnApart() {
            return compareTo(LOSE) >= 0;
        }

        boolean isFault() {
            return this != SEND && this != BURST;
        }

        boolean isOfASite() {
            return ofASite;
        }
    }

    boolean isFault() {
        return what.isFault();
    }

    /** In words. */
    String words(String where) {
        return String.format(java.util.Locale.ROOT, what.words, where, amount);
    }
}
