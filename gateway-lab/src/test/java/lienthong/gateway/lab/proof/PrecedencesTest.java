package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecedencesTest {
    /** Seconds as in the ledgers; the outage is from 100 to 200. */
    private static final List<Precedences.Outage> OUTAGE = List.of(new Precedences.Outage(100_000, 200_000));

    @TempDir
    Path folder;

    private static String line(String id, String key, int second, String state) {
        return String.format(
                Locale.ROOT, "%s@A08.02\t%s\t-\t%s\t%d.000\t%s\n", id, key, "ab".repeat(32), second, state);
    }

    private Precedences.Pairs pairs(String sent, String received) throws IOException {
        Files.writeString(folder.resolve("A08.sender.tsv"), sent);
        Files.writeString(folder.resolve("A08.02.receiver.tsv"), received);
        return Precedences.pairs(folder, OUTAGE);
    }

    @Test
    void countsPairsThatWaitedForOneOffice() throws IOException {
        String sent = line("p-A08-1r", "-", 150, "accepted")
                + line("p-A08-2f", "-", 160, "accepted")
                + line("p-A08-3r", "-", 170, "accepted");
        String received = line("p-A08-1r", "-", 201, "got")
                + line("p-A08-2f", "-", 202, "redelivered")
                + line("p-A08-3r", "-", 203, "got")
                + line("p-A08-3r", "-", 203, "done");
        assertThat(pairs(sent, received)).isEqualTo(new Precedences.Pairs(1, 2));
    }

    @Test
    void leavesOutWhatDidNotWaitAndWhatWaitedForItsPredecessor() throws IOException {
        String sent = line("p-A08-1r", "-", 90, "accepted")
                + line("p-A08-2f", "A08>A08.02/k1", 160, "accepted")
                + line("p-A08-3r", "-", 205, "accepted")
                + line("p-A08-4u", "-", 150, "accepted")
                + line("p-A08-5f", "-", 150, "accepted")
                + line("p-A08-6r", "-", 150, "tried");
        String received = line("p-A08-1r", "-", 95, "got")
                + line("p-A08-2f", "A08>A08.02/k1", 202, "got")
                + line("p-A08-5f", "-", 203, "got")
                + line("p-A08-4u", "-", 204, "got")
                + line("p-A08-3r", "-", 206, "got")
                + line("p-A08-6r", "-", 207, "got")
                // came again after it had come before the outage
                + line("p-A08-1r", "-", 208, "redelivered");
        assertThat(pairs(sent, received)).isEqualTo(new Precedences.Pairs(0, 0));
    }
}
