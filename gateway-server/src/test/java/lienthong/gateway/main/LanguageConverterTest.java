package lienthong.gateway.main;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lienthong.gateway.message.Detail;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The log of a node speaks the operator's language; what is for developers stays English. */
class LanguageConverterTest {
    private static final Path SOURCES = Path.of("src/main/java/lienthong/gateway");

    /** A line as {@code logback.xml} writes it, without its time. */
    private static String line(String language, @Nullable Throwable bug, String pattern, Object... arguments)
            throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
        context.putProperty(LanguageConverter.LANGUAGE, language);
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var appender = (ConsoleAppender<ILoggingEvent>) root.getAppender("words");
        var encoder = (PatternLayoutEncoder) appender.getEncoder();
        String line = new String(
                encoder.encode(
                        new LoggingEvent("", context.getLogger("lienthong.node"), Level.WARN, pattern, bug, arguments)),
                StandardCharsets.UTF_8);
        context.stop();
        assertThat(line.strip().lines()).as("one event, one line").hasSize(1);
        return line.substring(line.indexOf(' ') + 1).strip();
    }

    @Test
    void aLineForOperatorsIsSaidInTheirLanguage() throws Exception {
        Detail up = Detail.of("link to {0} is up", "A08");
        assertThat(line("vi", null, "{}", up)).isEqualTo("WARN  node đã nối với A08");
        assertThat(line("en", null, "{}", up)).isEqualTo("WARN  node link to A08 is up");
        assertThat(line("", null, "{}", up)).isEqualTo("WARN  node link to A08 is up");
    }

    @Test
    void whatCameFromElsewhereStaysEnglishAndSaysSo() throws Exception {
        Detail cut = Detail.of("{0}: {1}", "127.0.0.1:7701", Detail.technical("Connection refused by it"));
        assertThat(line("vi", null, "{}", cut))
                .isEqualTo("WARN  node 127.0.0.1:7701: chi tiết kỹ thuật (tiếng Anh): Connection refused by it");
        assertThat(line("en", null, "{}", cut)).isEqualTo("WARN  node 127.0.0.1:7701: Connection refused by it");
    }

    @Test
    void aStrangersLineFeedsAndGapsAreOnlyText() throws Exception {
        Detail forged = Detail.of("{0}: {1}", "x\n2026-11-24 ERROR", Detail.technical("{} {0}\r\nmore words"));
        assertThat(line("vi", null, "{}", forged))
                .contains("x 2026-11-24 ERROR: ")
                .contains("{} {0} more words");
    }

    @Test
    void linesForDevelopersAreAsTheyAre() throws Exception {
        assertThat(line("vi", new IllegalStateException("inner"), "{} failed", "Send"))
                .startsWith("WARN  node Send failed java.lang.IllegalStateException: inner");
        assertThat(line("vi", null, "while stopping")).isEqualTo("WARN  node while stopping");
    }

    @Test
    void everyLineWithoutAStackTraceIsSaidToOperators() throws IOException {
        // A literal with words in it is a line for developers: it comes with what was thrown, or only below INFO.
        Pattern call = Pattern.compile("LOG\\.(info|warn|error)\\(\\s*\"([^\"]*)\"([^;]*);", Pattern.DOTALL);
        List<String> english = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(SOURCES)) {
            files = all.filter(file -> file.toString().endsWith(".java")).toList();
        }
        for (Path file : files) {
            Matcher found = call.matcher(Files.readString(file));
            while (found.find()) {
                boolean thrown = Pattern.compile("(bug|failed|notClosed|thrown|getCause\\(\\))\\)\\s*$")
                        .matcher(found.group(3))
                        .find();
                if (!found.group(2).equals("{}") && !thrown) {
                    english.add(SOURCES.relativize(file) + ": " + found.group());
                }
            }
        }
        assertThat(english).isEmpty();
    }
}
