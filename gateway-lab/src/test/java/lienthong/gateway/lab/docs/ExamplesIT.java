package lienthong.gateway.lab.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs in other languages against two nodes: {@code examples/run-examples} starts the nodes itself. A language that is not there is a skip that says so. */
class ExamplesIT {
    private static final Duration AT_MOST = Duration.ofMinutes(5);

    @TempDir
    static Path home;

    private static Optional<Shell.Said> said = Optional.empty();

    @BeforeAll
    static void runThem() throws Exception {
        try (Shell shell = Shell.at(Shell.root(), home)) {
            said = Optional.of(shell.type("examples/run-examples", AT_MOST));
        }
    }

    @Test
    void pythonSendsADocumentAndReceivesTheAnswer() {
        passed("python");
    }

    @Test
    void nodeJsSendsADocumentAndReceivesTheAnswer() {
        passed("node");
    }

    private static void passed(String language) {
        String text = said.orElseThrow().text();
        String last = text.substring(text.lastIndexOf('\n') + 1);
        Optional<String> missing = text.lines()
                .filter(line -> line.contains("SKIPPED: the " + language + " example"))
                .findFirst();
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
        assertThat(last).as(text).matches(".*\"passed\":\\[[^]]*\"" + language + "\".*");
    }
}
