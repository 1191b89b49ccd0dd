package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A wall clock of its own for every node, which can be set while the node runs: libfaketime reads how far it is off from a file. The
 * monotonic clock stays the machine's, as it does when somebody sets a real clock.
 */
final class Clocks implements Ground {
    private static final String LIBRARY = "faketime/libfaketimeMT.so.1";
    private static final String NEEDS = "libfaketime (on Debian: apt-get install faketime): ";
    private static final Duration PROBE = Duration.ofDays(1_000);

    private final Path library;
    private final Path folder;
    private final Map<String, Duration> offsets = new HashMap<>();

    private Clocks(Path library, Path folder) {
        this.library = library;
        this.folder = folder;
    }

    /** Looks whether this machine can, by asking a program for the time. */
    static Means<Clocks> open(Kind.Setting setting) throws IOException, InterruptedException {
        Optional<Path> library = library();
        if (library.isEmpty()) {
            return new Means.Missing<>(NEEDS + LIBRARY + " is in no folder of /usr/lib");
        }
        Clocks clocks = new Clocks(
                library.get(), Files.createDirectories(setting.folder().resolve("clocks")));
        clocks.set("probe", PROBE);
        ProcessBuilder date = new ProcessBuilder("date", "+%s");
        date.environment().putAll(clocks.environment("probe"));
        Process process = date.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said;
        try (InputStream out = process.getInputStream()) {
            said = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
        long right = System.currentTimeMillis() / 1_000;
        return process.waitFor() == 0
                        && said.matches("[0-9]{1,12}")
                        && Long.parseLong(said) - right > PROBE.toSeconds() / 2
                ? new Means.Here<>(clocks)
                : new Means.Missing<>(NEEDS + "date says " + said);
    }

    private static Optional<Path> library() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
            return Stream.concat(Stream.of(Path.of("/usr/lib")), folders.sorted())
                    .map(one -> one.resolve(LIBRARY))
                    .filter(Files::exists)
                    .findFirst();
        }
    }

    @Override
    public Map<String, String> environment(String code) {
        if (!offsets.containsKey(code)) {
            set(code, Duration.ZERO);
        }
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAKETIME_TIMESTAMP_FILE",
                file(code).toString(),
                // It reads the file again after so many seconds. Read at each call, the time costs 0.1 ms, and a node
                // takes a minute to start.
                "FAKETIME_CACHE_DURATION",
                "1",
                // The name has changed between versions.
                "DONT_FAKE_MONOTONIC",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                // Times of files are the file system's.
                "NO_FAKE_STAT",
                "1");
    }

    private Path file(String code) {
        return folder.resolve(code);
    }

    /** Sets the clock of an office's machine so much ahead of the right time; negative: behind. */
    void set(String code, Duration ahead) {
        offsets.put(code, ahead);
        try {
            // Read by other processes at any moment: whole or not at all.
            Path next = folder.resolve(code + ".next");
            Files.writeString(
                    next, (ahead.isNegative() ? "" : "+") + ahead.toSeconds() + "\n", StandardCharsets.US_ASCII);
            Files.move(next, file(code), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException dead) {
            throw new UncheckedIOException(dead);
        }
    }

    /** How far the clock of an office's machine is ahead. */
    Duration ahead(String code) {
        return offsets.getOrDefault(code, Duration.ZERO);
    }
}
