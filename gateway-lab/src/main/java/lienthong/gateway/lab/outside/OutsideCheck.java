package lienthong.gateway.lab.outside;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import lienthong.gateway.lab.province.LabFailed;

/** Runs the {@code verify.sh} of an exported evidence in a shell: openssl and coreutils, nothing of ours. */
public final class OutsideCheck {
    private OutsideCheck() {}

    /** What the shell said. */
    public record Outcome(int exitCode, List<String> lines) {
        /** The line that says which step did not hold. */
        public Optional<String> failure() {
            return lines.stream().filter(line -> line.startsWith("FAILED")).findFirst();
        }
    }

    /**
     * Unpacks and checks.
     *
     * @param fingerprint of the network, 64 hexadecimal digits, known from elsewhere
     */
    public static Outcome run(Path zip, Path folder, String fingerprint) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path file = folder.resolve(entry.getName()).normalize();
                if (!file.startsWith(folder)) {
                    throw new LabFailed("a name in the evidence leaves its folder: " + entry.getName());
                }
                if (!entry.isDirectory()) {
                    Files.createDirectories(Objects.requireNonNull(file.getParent()));
                    Files.copy(in, file);
                }
            }
        }
        return check(folder, fingerprint);
    }

    /** Checks a copy in which one byte of the statement was changed. */
    public static Outcome runAltered(Path folder, Path altered, String fingerprint)
            throws IOException, InterruptedException {
        List<Path> all;
        try (Stream<Path> tree = Files.walk(folder)) {
            all = tree.toList();
        }
        for (Path one : all) {
            Path copy = altered.resolve(folder.relativize(one).toString());
            if (Files.isDirectory(one)) {
                Files.createDirectories(copy);
            } else {
                Files.copy(one, copy);
            }
        }
        Path statement;
        try (Stream<Path> tree = Files.walk(altered)) {
            statement = tree.filter(file -> String.valueOf(file.getFileName()).startsWith("statement"))
                    .findFirst()
                    .orElseThrow(() -> new LabFailed("the evidence has no statement"));
        }
        byte[] bytes = Files.readAllBytes(statement);
        bytes[bytes.length / 2] ^= 1;
        Files.write(statement, bytes);
        return check(altered, fingerprint);
    }

    /** What coreutils' {@code sha256sum} says of a file, 64 hexadecimal digits. */
    public static String sha256sum(Path file) throws IOException, InterruptedException {
        Outcome said = ended(new ProcessBuilder("sha256sum", file.toString()));
        if (said.exitCode() != 0 || said.lines().isEmpty()) {
            throw new LabFailed("sha256sum: " + said.lines());
        }
        return said.lines().get(0).split(" ", 2)[0];
    }

    private static Outcome check(Path folder, String fingerprint) throws IOException, InterruptedException {
        return ended(new ProcessBuilder("sh", "verify.sh", fingerprint).directory(folder.toFile()));
    }

    private static Outcome ended(ProcessBuilder command) throws IOException, InterruptedException {
        Process process = command.redirectErrorStream(true).start();
        process.getOutputStream().close();
        List<String> lines;
        try (InputStream in = process.getInputStream()) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .lines()
                    .toList();
        }
        return new Outcome(process.waitFor(), lines);
    }
}
