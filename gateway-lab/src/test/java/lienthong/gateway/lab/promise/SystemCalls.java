package lienthong.gateway.lab.promise;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What strace saw of one process: writes and syncs, each with its begin and its end in the order in which they were seen. */
final class SystemCalls {
    private static final Pattern WHOLE = Pattern.compile("(\\d+) +(\\d+\\.\\d+) (\\w+)\\((.*)\\) += (-?\\d+).*");
    private static final Pattern BEGUN = Pattern.compile("(\\d+) +(\\d+\\.\\d+) (\\w+)\\((.*) <unfinished \\.\\.\\.>");
    private static final Pattern ENDED =
            Pattern.compile("(\\d+) +(\\d+\\.\\d+) <\\.\\.\\. (\\w+) resumed>(.*)\\) += (-?\\d+).*");

    /** How long each fdatasync is held back before it returns: an answer that does not wait for it would be seen that much earlier. */
    static final int SYNC_HELD_MILLIS = 150;

    /**
     * One call.
     *
     * @param begun, ended places in the order of everything seen
     * @param endedAt seconds since 1970; for a call seen as one line the begin's, which is not later
     * @param text its arguments; strings as {@code \x} escapes
     */
    record Call(String name, String text, int begun, int ended, double endedAt, long result) {
        boolean isSync() {
            return name.equals("fdatasync") || name.equals("fsync");
        }

        boolean isOn(String kind) {
            int end = text.indexOf('>');
            String file = text.substring(0, Math.max(0, end));
            return file.contains(kind) || file.contains(escaped(kind));
        }

        boolean carries(String ascii) {
            return text.contains(escaped(ascii));
        }

        private static String escaped(String ascii) {
            StringBuilder escaped = new StringBuilder();
            for (byte b : ascii.getBytes(StandardCharsets.US_ASCII)) {
                escaped.append(String.format(Locale.ROOT, "\\x%02x", b));
            }
            return escaped.toString();
        }
    }

    private SystemCalls() {}

    /** The tracer's words; it writes to {@code trace}. */
    static List<String> tracer(Path trace) {
        return List.of(
                "strace",
                "-D",
                "-f",
                "-qq",
                "-y",
                "-xx",
                "-ttt",
                "-s",
                "1000000",
                "-e",
                "trace=fdatasync,fsync,write,pwrite64,writev,pwritev,sendmsg,sendto",
                "-e",
                "inject=fdatasync:delay_exit=" + SYNC_HELD_MILLIS * 1_000,
                "-o",
                trace.toString());
    }

    /** Why this machine cannot trace; empty when it can. */
    static Optional<String> cannotTrace(Path folder) throws IOException, InterruptedException {
        List<String> probe = new ArrayList<>(tracer(folder.resolve("probe.trace")));
        probe.add("true");
        try {
            Process process = new ProcessBuilder(probe)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("probe.out").toFile())
                    .start();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.of("strace does not end");
            }
            String said = Files.readString(folder.resolve("probe.out")).strip();
            return process.exitValue() == 0 && said.isEmpty() ? Optional.empty() : Optional.of("strace: " + said);
        } catch (IOException absent) {
            return Optional.of("strace is not here; on Debian: apt-get install strace");
        }
    }

    /** Reads what was traced so far, in the order of the calls' ends. */
    static List<Call> read(Path trace) throws IOException {
        List<Call> calls = new ArrayList<>();
        Map<String, Object[]> open = new HashMap<>();
        int line = 0;
        for (String text : Files.readAllLines(trace, StandardCharsets.ISO_8859_1)) {
            line++;
            Matcher begun = BEGUN.matcher(text);
            if (begun.matches()) {
                open.put(begun.group(1), new Object[] {begun.group(4), line});
                continue;
            }
            Matcher ended = ENDED.matcher(text);
            if (ended.matches()) {
                Object[] before = open.remove(ended.group(1));
                if (before != null) {
                    calls.add(new Call(
                            ended.group(3),
                            String.valueOf(before[0]),
                            (Integer) before[1],
                            line,
                            Double.parseDouble(ended.group(2)),
                            Long.parseLong(ended.group(5))));
                }
                continue;
            }
            Matcher whole = WHOLE.matcher(text);
            if (whole.matches()) {
                calls.add(new Call(
                        whole.group(3),
                        whole.group(4),
                        line,
                        line,
                        Double.parseDouble(whole.group(2)),
                        Long.parseLong(whole.group(5))));
            }
        }
        return calls;
    }
}
