package lienthong.gateway.lab.proof;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.proof.oracle.Breach;
import lienthong.gateway.lab.proof.oracle.Findings;
import lienthong.gateway.lab.province.LabFailed;

/**
 * How one run ended.
 *
 * @param struck how often the fault hit
 * @param quarantined records and files that nodes had set aside at the end
 * @param evidence samples whose evidence held with standard tools
 * @param slowestStartSeconds of all starts that were awaited
 * @param starts how many were awaited
 * @param failed strikes on the store alone after which it was not what it must be
 * @param atStake what each strike that took a disk took with it: messages in its custody, or taken over since the copy that was put back
 * @param broken what else did not hold, a sentence each
 */
record Verdict(
        String kind,
        long seed,
        long struck,
        Findings findings,
        long quarantined,
        int evidence,
        double slowestStartSeconds,
        long starts,
        double seconds,
        long failed,
        List<Long> atStake,
        List<String> broken) {
    Verdict {
        atStake = List.copyOf(atStake);
        broken = List.copyOf(broken);
    }

    /** Of a run that took no disk. */
    Verdict(
            String kind,
            long seed,
            long struck,
            Findings findings,
            long quarantined,
            int evidence,
            double slowestStartSeconds,
            long starts,
            double seconds,
            long failed,
            List<String> broken) {
        this(
                kind,
                seed,
                struck,
                findings,
                quarantined,
                evidence,
                slowestStartSeconds,
                starts,
                seconds,
                failed,
                List.of(),
                broken);
    }

    /** Of a run that did not come to its judgement: nothing was shown. */
    static Verdict brokenOff(String kind, long seed, double seconds, LabFailed why) {
        return ofStore(kind, seed, 0, 0, seconds, List.of(String.valueOf(why.getMessage())));
    }

    /** Of a run without a network: no ledgers, no nodes. */
    static Verdict ofStore(String kind, long seed, long struck, long failed, double seconds, List<String> broken) {
        return new Verdict(kind, seed, struck, new Findings(), 0, 0, 0, 0, seconds, failed, broken);
    }

    boolean isGood() {
        return failed == 0 && broken.isEmpty() && findings.isClean();
    }

    /** The book's keys that the run itself knows. */
    void into(JsonObject line) {
        line.addProperty("kind", kind);
        line.addProperty("seed", seed);
        line.addProperty("cycles", struck);
        line.addProperty("struck", struck);
        line.addProperty("accepted", findings.accepted());
        for (Breach breach : Breach.values()) {
            line.addProperty(breach.word(), findings.count(breach));
        }
        line.addProperty("quarantined", quarantined);
        line.addProperty("seconds", Math.round(seconds));
        line.addProperty("failed", failed);
        line.addProperty("ok", isGood());
        line.addProperty("redelivered", findings.redelivered());
        line.addProperty("set_aside", findings.setAside());
        if (!atStake.isEmpty()) {
            JsonArray each = new JsonArray();
            atStake.forEach(each::add);
            line.add("at_stake", each);
            line.addProperty("came_again", findings.cameAgain());
        }
        line.addProperty("evidence", evidence);
        line.addProperty("slowest_start_seconds", Math.round(slowestStartSeconds * 100) / 100.0);
    }

    /** For people. */
    void print(PrintStream out, LabTexts texts) {
        row(out, texts.text("proof.row.struck", kind), struck);
        if (findings.sent() == 0) {
            row(out, texts.text("proof.row.failed"), failed);
        } else {
            network(out, texts);
        }
        broken.forEach(sentence -> out.println("  " + sentence));
        out.println(texts.text(isGood() ? "proof.held" : "proof.broken", seed));
    }

    private void network(PrintStream out, LabTexts texts) {
        row(out, texts.text("proof.row.sent"), findings.sent());
        row(out, texts.text("proof.row.accepted"), findings.accepted());
        row(out, texts.text("proof.row.received"), findings.received());
        row(out, texts.text("proof.row.redelivered"), findings.redelivered());
        if (!atStake.isEmpty()) {
            row(
                    out,
                    texts.text("proof.row.at_stake"),
                    atStake.stream().mapToLong(Long::longValue).sum());
            row(out, texts.text("proof.row.came_again"), findings.cameAgain());
        }
        row(out, texts.text("proof.row.evidence"), evidence);
        row(out, texts.text("proof.row.quarantined"), quarantined);
        row(out, texts.text("proof.row.set-aside"), findings.setAside());
        for (Breach breach : Breach.values()) {
            row(out, texts.text("proof.row." + breach.word()), findings.count(breach));
        }
        out.println(texts.text("proof.starts", starts, String.format(Locale.ROOT, "%.1f", slowestStartSeconds)));
        for (Breach breach : Breach.values()) {
            findings.examples(breach).forEach(example -> out.println("  " + breach.word() + ": " + example));
        }
    }

    private static void row(PrintStream out, String label, long value) {
        out.println(String.format(Locale.ROOT, "   %-60s %,14d", label, value));
    }
}
