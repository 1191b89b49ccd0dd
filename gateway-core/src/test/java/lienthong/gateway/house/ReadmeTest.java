package lienthong.gateway.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README is the first that a developer copies from. */
class ReadmeTest {
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    /** What a reader's program has around the lines that he copies. */
    private static final String PROGRAM = """
            import java.nio.file.Path;
            import lienthong.gateway.client.*;
            import lienthong.gateway.message.*;

            final class Program {
                static void run(Address province) throws Exception {
                    %s
                }

                static void archive(Received message) {}

                static void awaitShutdown() {}
            }
            """;

    private static Path root() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("README.md"))) {
            root = root.getParent();
        }
        return root;
    }

    private static JavaFileObject source(String text) {
        return new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    private static boolean compiles(String lines, Path into, StringWriter said) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        return compiler.getTask(
                        said,
                        null,
                        null,
                        List.of("-proc:none", "-d", into.toString(), "-cp", System.getProperty("java.class.path")),
                        null,
                        List.of(source(PROGRAM.formatted(lines))))
                .call();
    }

    @Test
    void itsExampleCompilesAsItStands(@TempDir Path into) throws IOException {
        Matcher example = JAVA.matcher(Files.readString(root().resolve("README.md")));
        assertThat(example.find()).as("a block of Java in the README").isTrue();
        StringWriter said = new StringWriter();
        assertThat(compiles(example.group(1), into, said)).as("%s", said).isTrue();
        assertThat(compiles(example.group(1).replace(".subject(", ".subjekt("), into, said))
                .as("a wrong word is seen")
                .isFalse();
        assertThat(example.group(1).lines().filter(line -> !line.isBlank()).count())
                .as("ten lines, as its heading says, and a brace")
                .isLessThanOrEqualTo(11);
    }
}
