package lienthong.gateway.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaintextTest {
    private static final long SEED = 20_200_903;
    private static final int WINDOW = 4 * 1024 * 1024;
    private static final String SUBJECT = "Về việc gửi, nhận văn bản";

    @TempDir
    Path folder;

    private byte[] content = {};
    private Path document = Path.of("");
    private Path relay = Path.of("");

    @BeforeEach
    void write() throws IOException {
        content = new byte[100_000];
        new Random(SEED).nextBytes(content);
        document = Files.write(folder.resolve("document"), content);
        relay = Files.createDirectory(folder.resolve("relay"));
    }

    private Plaintext.Found search() throws IOException {
        return Plaintext.of(List.of(document), SUBJECT).searchIn(relay);
    }

    @Test
    void findsTheWholeDocument() throws IOException {
        Files.write(relay.resolve("log"), content);
        assertThat(search().hits()).containsExactly("log");
    }

    @Test
    void findsAPieceOfTheDocumentDeepInAFolder() throws IOException {
        Files.createDirectories(relay.resolve("a/b"));
        Files.write(relay.resolve("a/b/c"), Arrays.copyOfRange(content, 40_000, 45_000));
        assertThat(search().hits()).containsExactly("a/b/c");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, WINDOW - 30, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW - 3})
    void findsTheSubjectWhereverItStandsInAFile(int at) throws IOException {
        byte[] subject = SUBJECT.getBytes(StandardCharsets.UTF_8);
        byte[] file = new byte[at + subject.length];
        System.arraycopy(subject, 0, file, at, subject.length);
        Files.write(relay.resolve("log"), file);
        assertThat(search().hits()).as("at %d", at).containsExactly("log");
    }

    @Test
    void findsNothingWhereNothingIsAndCountsWhatItSearched() throws IOException {
        byte[] other = new byte[5_000_000];
        new Random(SEED + 1).nextBytes(other);
        Files.write(relay.resolve("log"), other);
        Files.write(relay.resolve("empty"), new byte[0]);
        Plaintext.Found found = search();
        assertThat(found.hits()).isEmpty();
        assertThat(found.files()).isEqualTo(2);
        assertThat(found.bytes()).isEqualTo(5_000_000);
    }
}
