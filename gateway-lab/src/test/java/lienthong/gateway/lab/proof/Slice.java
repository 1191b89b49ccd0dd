package lienthong.gateway.lab.proof;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The seed of a build's slices of proof: another one for every commit, the same one for the same commit. */
final class Slice {
    private Slice() {}

    /** From {@code -Dlienthong.seed}, else from the commit's hash; 1 where there is no commit. Printed. */
    static long seed(Path root) throws Exception {
        Long given = Long.getLong("lienthong.seed");
        long seed = given == null ? ofCommit(root) : given;
        System.out.println("seed " + seed + " (again with -Dlienthong.seed=" + seed + ")");
        return seed;
    }

    private static long ofCommit(Path root) throws Exception {
        Process git = new ProcessBuilder("git", "-C", root.toString(), "rev-parse", "HEAD")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream out = git.getInputStream()) {
            String hash = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 && hash.length() >= 8 ? Long.parseLong(hash.substring(0, 8), 16) : 1;
        }
    }
}
