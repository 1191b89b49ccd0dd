package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Reads from the ledgers whether what waited during outages came in the order of its precedence: the last letter of an id says it. */
final class Precedences {
    private Precedences() {}

    /** From when nodes fell until all served again, milliseconds since 1970 as in the ledgers. */
    record Outage(long fellAt, long backAt) {}

    /** Of a flash and a routine message that waited for the same office, how many came flash first. */
    record Pairs(long flashFirst, long all) {}

    /**
     * Compares what was accepted before the end of an outage and came after it. Where order was asked for a message waits for its predecessor,
     * whatever both say: such are left out.
     *
     * @param ledgers folder of the offices' ledgers; a last line may be torn
     */
    static Pairs pairs(Path ledgers, List<Outage> outages) throws IOException {
        Map<String, Long> acceptedAt = new HashMap<>();
        List<Path> receivers = new ArrayList<>();
        try (Stream<Path> files = Files.list(ledgers)) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".sender.tsv")) {
                    for (String[] line : lines(file)) {
                        if (line[5].equals("accepted") && line[1].equals("-")) {
                            acceptedAt.putIfAbsent(line[0], millis(line));
                        }
                    }
                } else if (file.toString().endsWith(".receiver.tsv")) {
                    receivers.add(file);
                }
            }
        }
        long flashFirst = 0;
        long all = 0;
        for (Path receiver : receivers) {
            List<String[]> arrivals = firstArrivals(receiver);
            for (Outage outage : outages) {
                long flash = 0;
                long routine = 0;
                for (String[] line : arrivals) {
                    Long accepted = acceptedAt.get(line[0]);
                    if (accepted == null || accepted >= outage.backAt || millis(line) < outage.backAt) {
                        continue;
                    }
                    char letter = line[0].charAt(line[0].indexOf('@') - 1);
                    if (letter == 'f') {
                        all += routine;
                        flash++;
                    } else if (letter == 'r') {
                        all += flash;
                        flashFirst += flash;
                        routine++;
                    }
                }
            }
        }
        return new Pairs(flashFirst, all);
    }

    private static List<String[]> firstArrivals(Path receiver) throws IOException {
        List<String[]> arrivals = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String[] line : lines(receiver)) {
            if (!line[5].equals("done") && seen.add(line[0])) {
                arrivals.add(line);
            }
        }
        return arrivals;
    }

    private static List<String[]> lines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(line -> line.split("\t", -1))
                    .filter(line -> line.length == 6)
                    .toList();
        }
    }

    private static long millis(String[] line) {
        return Math.round(Double.parseDouble(line[4]) * 1_000);
    }
}
