package lienthong.gateway.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the bench refuses, and what it takes for damage. */
class BenchCommandTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "smal",
                "small trickle",
                "small --messages 0",
                "small --messages many",
                "small --seconds -1",
                "small --second 3",
                "small --warm-up",
                "--json"
            })
    void wordsThatAreNotUnderstoodEndWith64(String words) {
        assertThat(BenchCommand.run(words.isEmpty() ? new String[0] : words.split(" ", -1)))
                .isEqualTo(64);
    }

    @Test
    void withJsonAMistakeIsAnObjectToo() {
        PrintStream before = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(BenchCommand.run(new String[] {"smal", "--json"})).isEqualTo(64);
            assertThat(BenchCommand.run(new String[] {"--json", "--bogus"})).isEqualTo(64);
        } finally {
            System.setOut(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("{\"ok\":false,\"error\":{\"number\":1101,"));
    }

    @Test
    void aPayloadWithOneBitChangedIsNotIntact() {
        long seed = 20;
        Payload payload = new Payload(1024, new Random(seed));
        ByteString made = payload.make(7, 99);
        assertThat(payload.isIntact(made.toByteArray())).isTrue();
        assertThat(Payload.sequence(made.toByteArray())).isEqualTo(7);
        assertThat(Payload.dueNanos(made.toByteArray())).isEqualTo(99);
        for (int at : new int[] {0, 8, 16, 47, 48, 1023}) {
            byte[] damaged = made.toByteArray();
            damaged[at] ^= 1;
            assertThat(payload.isIntact(damaged)).as("bit of byte %d", at).isFalse();
        }
        assertThat(payload.isIntact(made.substring(0, 1023).toByteArray())).isFalse();
    }
}
