package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.proof.oracle.Breach;
import lienthong.gateway.lab.province.LabFailed;

/**
 * The product with one deliberate bug: a patch whose first lines say {@code bug: …} and {@code caught by: …}. It is applied to copies, never
 * to the checkout.
 *
 * @param name of the patch's file, for instance {@code M01}
 * @param bug in words
 * @param check that must find it: of the store by itself {@code tear MODEL}, {@code flip store} or {@code syscall ACTION [before|after]}; {@code simulate}; or any other
 *     kind of proof, {@code KIND [STRIKES]}, whose nodes then have the bug; several, each of which must, with {@code ;} between them
 * @param finds what a kind of proof has to say for the mutant to be caught, from a line {@code finds: …}: one or more, with {@code ,} between them, of
 *     the words of {@link Breach} and of the keys, without {@code proof.}, of the sentences in a verdict; empty for any breach or failed strike. A node
 *     that does not even start has not been caught at its bug.
 * @param patch the file
 */
record Mutant(String name, String bug, String check, List<String> finds, Path patch) {
    Mutant {
        finds = List.copyOf(finds);
    }

    /** Those kept in the checkout, by name. */
    static List<Mutant> all(Path home) throws IOException {
        List<Mutant> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(home.resolve("gateway-lab/src/test/mutants"))) {
            for (Path file : files.filter(name -> name.toString().endsWith(".patch"))
                    .sorted()
                    .toList()) {
                String name = String.valueOf(file.getFileName());
                all.add(new Mutant(
                        name.substring(0, name.length() - ".patch".length()),
                        must(file, "bug: "),
                        must(file, "caught by: "),
                        said(file, "finds: ")
                                .map(words -> List.of(words.split(", ", -1)))
                                .orElse(List.of()),
                        file));
            }
        }
        return all;
    }

    private static String must(Path file, String word) throws IOException {
        return said(file, word).orElseThrow(() -> new LabFailed(file.getFileName() + " has no line \"" + word + "\""));
    }

    private static Optional<String> said(Path file, String word) throws IOException {
        return Files.readAllLines(file).stream()
                .takeWhile(line -> !line.startsWith("--- "))
                .filter(line -> line.startsWith(word))
                .findFirst()
                .map(line -> line.substring(word.length()));
    }

    /** Whether one of its checks starts real nodes, which takes a minute or two. */
    boolean needsNodes() {
        return Stream.of(check.split("; ", -1))
                .anyMatch(one -> !one.matches("(tear|syscall|flip) [A-Za-z].*|simulate"));
    }

    /** What of this verdict shows the bug; empty when nothing does. */
    Optional<String> shownBy(Verdict verdict, LabTexts texts) {
        if (finds.isEmpty()) {
            return Stream.concat(breaches(verdict), verdict.failed() == 0 ? Stream.empty() : verdict.broken().stream())
                    .findFirst();
        }
        return finds.stream()
                .flatMap(word -> Stream.concat(
                        breaches(verdict).filter(found -> found.startsWith(word + ": ")),
                        texts.has("proof." + word)
                                ? verdict.broken().stream().filter(sentence -> texts.isText("proof." + word, sentence))
                                : Stream.empty()))
                .findFirst();
    }

    private static Stream<String> breaches(Verdict verdict) {
        return Stream.of(Breach.values())
                .flatMap(breach ->
                        verdict.findings().examples(breach).stream().map(example -> breach.word() + ": " + example));
    }

    /**
     * Applies the patch to copies of the sources it names and compiles them against the product.
     *
     * @param folder new or empty
     * @return what goes before the product on a class path
     */
    Path build(Path home, Path folder) throws IOException, InterruptedException {
        List<Path> sources = new ArrayList<>();
        for (String line : Files.readAllLines(patch)) {
            if (line.startsWith("+++ b/")) {
                Path relative = Path.of(line.substring("+++ b/".length()).strip());
                Path copy = folder.resolve("sources").resolve(relative);
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                Files.copy(home.resolve(relative), copy);
                sources.add(copy);
            }
        }
        Process git = new ProcessBuilder("git", "apply", patch.toAbsolutePath().toString())
                .directory(folder.resolve("sources").toFile())
                .redirectErrorStream(true)
                .start();
        git.getOutputStream().close();
        String said;
        try (InputStream out = git.getInputStream()) {
            said = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
        if (git.waitFor() != 0) {
            throw new LabFailed(name + " no longer fits the sources, renew it: " + said);
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new LabFailed("mutants need a JDK, this is a runtime without a compiler");
        }
        List<String> words = new ArrayList<>(List.of(
                "-nowarn", "-proc:none", "-cp", System.getProperty("java.class.path"), "-d", classes.toString()));
        sources.forEach(source -> words.add(source.toString()));
        if (compiler.run(null, null, null, words.toArray(String[]::new)) != 0) {
            throw new LabFailed(name + " does not compile, renew it");
        }
        return classes;
    }
}
