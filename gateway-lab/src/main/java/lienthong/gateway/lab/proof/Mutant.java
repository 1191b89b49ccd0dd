package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import lienthong.gateway.lab.province.LabFailed;

/**
 * The product with one deliberate bug: a patch whose first lines say {@code bug: …} and {@code caught by: …}. It is applied to copies, never
 * to the checkout.
 *
 * @param name of the patch's file, for instance {@code M01}
 * @param bug in words
 * @param check that must find it: {@code tear MODEL}, {@code syscall ACTION [before|after]} or {@code simulate}; several, each of which must, with {@code ;}
 *     between them
 * @param patch the file
 */
record Mutant(String name, String bug, String check, Path patch) {
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
                        said(file, "bug: "),
                        said(file, "caught by: "),
                        file));
            }
        }
        return all;
    }

    private static String said(Path file, String word) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(word))
                .findFirst()
                .map(line -> line.substring(word.length()))
                .orElseThrow(() -> new LabFailed(file.getFileName() + " has no line \"" + word + "\""));
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
