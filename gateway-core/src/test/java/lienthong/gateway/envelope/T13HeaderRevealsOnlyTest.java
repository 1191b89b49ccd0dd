package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.HUB;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.Test;

/** T13: a relay or a tap learns no more than the core says. */
class T13HeaderRevealsOnlyTest {
    private static List<String> golden() throws IOException {
        try (InputStream in = T13HeaderRevealsOnlyTest.class.getResourceAsStream("core-fields.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    @Test
    void theCoreHasTheseFieldsAndNoOthers() throws IOException {
        Bytes core = Kit.shared()
                .to(DISTRICT, HUB)
                .ordering("k")
                .shown(Service.DOCUMENT)
                .pqRequired()
                .message("a")
                .message("b")
                .plan()
                .core();
        List<String> names = new ArrayList<>();
        core.utf8().lines().map(line -> line.substring(0, line.indexOf(' '))).forEach(name -> {
            if (!names.contains(name)) {
                names.add(name);
            }
        });
        assertThat(names).isEqualTo(golden());
    }

    @Test
    void nothingInsideShowsOutside() {
        String secret = "NỘI-DUNG-BÍ-MẬT-4711";
        SealedEnvelope sealed = Kit.shared()
                .ordering("khóa-thứ-tự-4711")
                .message(
                        List.of(new MessageHead.Part(
                                "tên-tệp-4711.pdf",
                                "application/x-4711",
                                Bytes.utf8(secret).size())),
                        List.of(Bytes.utf8(secret)))
                .seal()
                .sealed();
        String outside = new String(EnvelopeWire.toBytes(sealed).toArray(), StandardCharsets.UTF_8);
        assertThat(outside).doesNotContain("4711").doesNotContain("Về việc thử").doesNotContain("document");
    }

    @Test
    void theServiceShowsOnlyWherePolicyWantsIt() {
        assertThat(Kit.shared().message("a").plan().core().utf8()).contains("\nservice -\n");
        assertThat(Kit.shared().shown(Service.MAIL).message("a").header().service())
                .contains(Service.MAIL);
    }

    @Test
    void sizesShowOnlyAsBuckets() {
        // Noise, so that compression does not move the length.
        java.util.Random random = new java.util.Random(1);
        TreeSet<Long> lengths = new TreeSet<>();
        for (int size = 4_000; size < 6_000; size += 7) {
            lengths.add(Kit.shared()
                    .message(List.of(Kit.random(random, size)))
                    .unsealed()
                    .ciphertext()
                    .length());
        }
        assertThat(lengths).hasSizeLessThanOrEqualTo(18);
    }

    @Test
    void aBucketIsAtMostAnEighthLarger() {
        for (long length = 2; length < 5_000_000; length += 1 + length / 97) {
            long padded = PayloadFormat.padme(length);
            assertThat(padded).isGreaterThanOrEqualTo(length).isLessThanOrEqualTo(length + length / 8 + 1);
            assertThat(PayloadFormat.padme(padded)).isEqualTo(padded);
        }
        assertThat(PayloadFormat.padme(10L << 30)).isEqualTo(10L << 30);
        assertThat(PayloadFormat.padme((10L << 30) + 1)).isGreaterThan(10L << 30);
    }

    @Test
    void everySlotOfASuiteHasOneSize() {
        SealedEnvelope with = Kit.shared()
                .ordering("một khóa rất dài để thử")
                .message("a")
                .seal()
                .sealed();
        SealedEnvelope without = Kit.shared().message("a").seal().sealed();
        assertThat(with.slots().get(0).bytes().size())
                .isEqualTo(without.slots().get(0).bytes().size())
                .isEqualTo(without.slots().get(1).bytes().size())
                .isEqualTo(1_488);
    }
}
