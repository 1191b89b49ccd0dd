package lienthong.gateway.envelope.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.envelope.Kit;
import lienthong.gateway.envelope.TestNetwork;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Receipt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EvidenceVerifierTest {
    private static EvidenceKit kit;

    @BeforeAll
    static void evidence() throws IOException {
        kit = new EvidenceKit();
    }

    @Test
    void wholeEvidenceHoldsAndSaysWhy() {
        Report report = kit.verify(kit.files);
        assertThat(report.firstFailure()).isEmpty();
        assertThat(report.holds()).isTrue();
        assertThat(report.id()).contains(kit.envelope.facts().header().id());
        assertThat(report.receipts())
                .extracting(Receipt::kind)
                .containsExactly(Receipt.Kind.DELIVERED, Receipt.Kind.CONSUMED, Receipt.Kind.DELIVERED);
        assertThat(report.steps())
                .extracting(Step::id)
                .containsExactly(
                        Step.Id.FILES,
                        Step.Id.NETWORK,
                        Step.Id.DIRECTORY,
                        Step.Id.ENVELOPE,
                        Step.Id.PATH,
                        Step.Id.SIGNATURE,
                        Step.Id.SIGNER,
                        Step.Id.MANIFEST,
                        Step.Id.PARTS,
                        Step.Id.RECEIPT,
                        Step.Id.RECEIPT,
                        Step.Id.RECEIPT,
                        Step.Id.AUDIT,
                        Step.Id.SEQUENCE,
                        Step.Id.REVOCATION);
    }

    @Test
    void namesTheFingerprintToCompareWhenNoneIsGiven() {
        Report report = EvidenceKit.verify(EvidenceKit.pack(kit.files), Optional.empty());
        assertThat(report.holds()).isTrue();
        assertThat(report.network()).contains(kit.network.network());
        assertThat(report.steps().get(1).outcome()).isEqualTo(Step.Outcome.NOTE);
    }

    @Test
    void refusesEvidenceOfAnotherNetwork() {
        Report report = EvidenceKit.verify(EvidenceKit.pack(kit.files), Optional.of(Hash.of(Bytes.utf8("another"))));
        assertThat(report.firstFailure()).map(Step::id).contains(Step.Id.NETWORK);
    }

    /**
     * Each check costs some milliseconds, so that a run takes every n-th byte from a random beginning; with {@code -Dlienthong.tests=all} every
     * byte of every file.
     */
    @Test
    void findsAFlippedByteWhereverItIs() {
        long seed = System.nanoTime();
        boolean all = "all".equals(System.getProperty("lienthong.tests"));
        Random random = new Random(seed);
        List<String> unseen = new ArrayList<>();
        kit.files.forEach((name, content) -> {
            int step = all ? 1 : Math.max(1, content.size() / 10);
            for (int position = random.nextInt(step); position < content.size(); position += step) {
                if (kit.verify(kit.with(name, EvidenceKit.flipped(content, position)))
                        .holds()) {
                    unseen.add(name + " byte " + position);
                }
            }
        });
        assertThat(unseen).as("seed %d", seed).isEmpty();
    }

    @Test
    void findsEveryMissingFile() {
        for (String name : kit.files.keySet()) {
            Map<String, Bytes> changed = kit.without(name);
            boolean partsGone = name.startsWith("parts/");
            assertThat(kit.verify(changed).holds())
                    .as("without %s%s", name, partsGone ? " (the other part is there)" : "")
                    .isFalse();
        }
    }

    @Test
    void refusesFilesThatBelongToNothing() {
        assertThat(kit.verify(kit.with("message/more.txt", Bytes.utf8("x"))).firstFailure())
                .map(Step::id)
                .contains(Step.Id.FILES);
        assertThat(kit.verify(kit.with("../../etc/passwd", Bytes.utf8("x"))).holds())
                .isFalse();
        assertThat(kit.verify(kit.with("receipts/0004/receipt.txt", kit.files.get("receipts/0001/receipt.txt")))
                        .holds())
                .isFalse();
        assertThat(kit.verify(kit.with("certificates/crl-" + "0".repeat(64) + "-0001.pem", Bytes.utf8("x")))
                        .holds())
                .isFalse();
    }

    @Test
    void refusesAReceiptOfAnotherMessage() throws IOException {
        EvidenceKit other = new EvidenceKit();
        Map<String, Bytes> changed = new LinkedHashMap<>(kit.files);
        for (String file : List.of("receipt.txt", "place.txt", "root.txt", "seal.der")) {
            changed.put("receipts/0001/" + file, other.files.get("receipts/0001/" + file));
        }
        assertThat(kit.verify(changed).firstFailure()).map(Step::id).contains(Step.Id.RECEIPT);
    }

    @Test
    void refusesAnotherMessagesManifest() throws IOException {
        EvidenceKit other = new EvidenceKit();
        assertThat(kit.verify(kit.with("message/manifest.txt", other.files.get("message/manifest.txt")))
                        .firstFailure())
                .map(Step::id)
                .contains(Step.Id.MANIFEST);
    }

    @Test
    void aRevokedSignerCountsOnlyWhenSomebodyElseWitnessedBefore() throws IOException {
        TestNetwork network = new TestNetwork();
        EvidenceKit before = new EvidenceKit(network);
        assertThat(before.verify(before.files).holds()).isTrue();
        // Revoked at the very time that the seal claims: no receipt is older.
        network.revoke(network.signing(TestNetwork.COMMUNE).certificate(), TestNetwork.COMMUNE, Kit.NOW);
        assertThat(before.verify(before.write(network.view())).firstFailure())
                .map(Step::id)
                .contains(Step.Id.REVOCATION);
        TestNetwork later = new TestNetwork();
        EvidenceKit witnessed = new EvidenceKit(later);
        later.revoke(later.signing(TestNetwork.COMMUNE).certificate(), TestNetwork.COMMUNE, Kit.NOW.plusSeconds(3_600));
        Report report = witnessed.verify(witnessed.write(later.view()));
        assertThat(report.firstFailure()).isEmpty();
        assertThat(report.steps())
                .anyMatch(step -> step.id() == Step.Id.REVOCATION && step.outcome() == Step.Outcome.NOTE);
    }

    @Test
    void damagedZipsAreReportedNotThrown() {
        byte[] zip = EvidenceKit.pack(kit.files);
        assertThat(EvidenceKit.verify(new byte[0], Optional.empty()).holds()).isFalse();
        assertThat(EvidenceKit.verify(
                                "not a zip".getBytes(java.nio.charset.StandardCharsets.US_ASCII), Optional.empty())
                        .holds())
                .isFalse();
        // From there on only the list of contents is cut, which a reader of the files in order does not need.
        int listing = new String(zip, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
        for (int length = 1; length < listing; length += 997) {
            assertThat(EvidenceKit.verify(java.util.Arrays.copyOf(zip, length), Optional.empty())
                            .holds())
                    .as("first %d bytes", length)
                    .isFalse();
        }
    }

    @Test
    void namesWhatIsMissingBeforeItWrites() throws IOException {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        var refused = EvidenceWriter.write(
                zip,
                new EvidenceSource(
                        Kit.id(),
                        kit.envelope.sealed().core(),
                        kit.envelope.sealed().statement(),
                        kit.envelope.sealed().seal(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        List.of(),
                        kit.network.view(),
                        Kept.NONE));
        assertThat(refused.refusal().reason()).isEqualTo(ErrorCode.EVIDENCE_INVALID);
        assertThat(zip.size()).isZero();
    }
}
