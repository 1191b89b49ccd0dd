package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.COMMUNE;
import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.HUB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.crypto.HpkeSender;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import org.junit.jupiter.api.Test;

/** T14: a malicious sender: two plaintexts under one seal, or a manifest that lies. The seal is true each time; nothing opens. */
class T14TwoPlaintextsTest {
    private final TestNetwork network = TestNetwork.shared();
    private final Kit kit = Kit.shared().message("bản thật");
    private final SealPlan plan = kit.plan();
    private final List<Bytes> manifests = new ArrayList<>();
    private final Bytes plaintext = Forger.plaintext(kit, plan, manifests);

    private Opening<OpenedEnvelope> opening(Bytes forged, List<Bytes> stated) {
        SealedEnvelope sealed = Forger.around(kit, plan, forged, stated, network.signing(COMMUNE));
        return Kit.open(Kit.verify(sealed).orBug(), DISTRICT);
    }

    private void assertNotOpened(Bytes forged) {
        assertThat(opening(forged, manifests)).isEqualTo(Opening.no());
    }

    @Test
    void theHonestPlaintextOpens() {
        assertThat(opening(plaintext, manifests)).isInstanceOf(Opening.Opened.class);
    }

    @Test
    void anotherKeyForOneRecipientOpensNothing() {
        Kit both = Kit.shared().to(DISTRICT, HUB).message("hai bản");
        VerifiedEnvelope honest = both.seal();
        RecipientKey key =
                network.view().recipientKey(HUB, Suite.HYBRID_1, Kit.NOW).orBug();
        Bytes info = SlotCodec.info(
                Suite.HYBRID_1, network.network(), honest.facts().header().signer(), key.keyId());
        Bytes other = SlotCodec.seal(
                HpkeSender.start(key, info, TestNetwork.RANDOM),
                key,
                honest.core(),
                0,
                SecretBytes.random(32, TestNetwork.RANDOM),
                both.facts(7),
                TestNetwork.RANDOM);
        SealedEnvelope two = Forger.sealed(
                honest.facts().header(),
                honest.sealed().core(),
                List.of(
                        other,
                        honest.sealed().slots().get(1).bytes(),
                        honest.sealed().slots().get(2).bytes()),
                ((Ciphertext.Inline) honest.sealed().ciphertext()).bytes(),
                honest.facts().manifests(),
                network.signing(COMMUNE));
        VerifiedEnvelope arrived = Kit.verify(two).orBug();
        assertThat(Kit.open(arrived, DISTRICT)).isInstanceOf(Opening.Opened.class);
        assertThat(Kit.open(arrived, HUB)).isEqualTo(Opening.no());
    }

    @Test
    void anotherManifestThanTheStatedOneOpensNothing() {
        Bytes other = Bytes.utf8(manifests.get(0).utf8().replace("Về việc thử 1", "Về việc khác!"));
        assertThat(opening(plaintext, List.of(other))).isEqualTo(Opening.no());
    }

    @Test
    void aManifestThatLiesAboutAPartOpensNothing() {
        String honest = manifests.get(0).utf8();
        String hash = Hash.of(Bytes.utf8("bản thật")).hex();
        for (String lie : List.of(
                honest.replace(hash, "0".repeat(64)),
                honest.replace("name phần-1.txt", "name phần-2.txt"),
                honest.replace("type text/plain", "type text/other"),
                honest.replace("bytes 12 ", "bytes 13 "),
                honest.substring(0, honest.indexOf("name ")),
                honest + honest.substring(honest.indexOf("name ")))) {
            assertThat(lie).isNotEqualTo(honest);
            Bytes text = Bytes.utf8(lie);
            assertThat(opening(withManifest(text), List.of(text))).as(lie).isEqualTo(Opening.no());
        }
    }

    @Test
    void aManifestOfAnotherMessageOpensNothing() {
        String honest = manifests.get(0).utf8();
        String id = plan.header().id().toString();
        Bytes text = Bytes.utf8(honest.replace(id, Kit.id().toString()));
        assertThat(opening(withManifest(text), List.of(text))).isEqualTo(Opening.no());
        Bytes ordered = Bytes.utf8(honest.replace("ordering -", "ordering k"));
        assertThat(opening(withManifest(ordered), List.of(ordered))).isEqualTo(Opening.no());
    }

    /** The same records with another manifest. */
    private Bytes withManifest(Bytes text) {
        return Forger.padded(beforeManifest().plus(Forger.record(PayloadFormat.MANIFEST, text)));
    }

    private Bytes beforeManifest() {
        byte[] marker = Forger.record(PayloadFormat.MANIFEST, manifests.get(0)).toArray();
        byte[] all = plaintext.toArray();
        for (int at = 0; at + marker.length <= all.length; at++) {
            if (java.util.Arrays.equals(all, at, at + marker.length, marker, 0, marker.length)) {
                return plaintext.slice(0, at);
            }
        }
        throw new AssertionError("no manifest in the plaintext");
    }

    @Test
    void paddingIsZerosUpToTheBucketAndNothingElse() {
        Bytes records = beforeManifest().plus(Forger.record(PayloadFormat.MANIFEST, manifests.get(0)));
        Bytes good = Forger.padded(records);
        assertThat(opening(good, manifests)).isInstanceOf(Opening.Opened.class);
        assertNotOpened(records);
        assertNotOpened(good.plus(Bytes.ofOwned(new byte[1])));
        assertNotOpened(good.slice(0, good.size() - 1));
        byte[] hidden = good.toArray();
        hidden[hidden.length - 1] = 1;
        assertThat(hidden.length).isGreaterThan(records.size() + 1);
        assertNotOpened(Bytes.ofOwned(hidden));
    }

    @Test
    void messagesMoreOrFewerThanTheCoreNamesOpenNothing() {
        Bytes records = beforeManifest().plus(Forger.record(PayloadFormat.MANIFEST, manifests.get(0)));
        assertNotOpened(Forger.padded(records.plus(records)));
        assertNotOpened(Forger.padded(Bytes.empty()));
    }

    @Test
    void recordsOutOfPlaceOpenNothing() {
        Bytes opening = openingOf(12);
        Bytes stored = Forger.record(PayloadFormat.STORED, Bytes.utf8("bản thật"));
        Bytes end = Forger.record(PayloadFormat.END, Bytes.empty());
        Bytes manifest = Forger.record(PayloadFormat.MANIFEST, manifests.get(0));
        assertThat(opening(Forger.padded(opening.plus(stored).plus(end).plus(manifest)), manifests))
                .isInstanceOf(Opening.Opened.class);
        for (List<Bytes> order : List.of(
                List.of(stored, opening, end, manifest),
                List.of(opening, end, manifest),
                List.of(opening, stored, manifest),
                List.of(opening, stored, stored, end, manifest),
                List.of(opening, stored, end, end, manifest),
                List.of(opening, manifest),
                List.of(opening, stored, end),
                List.of(opening, Forger.record(7, Bytes.empty()), stored, end, manifest),
                List.of(opening, Forger.record(PayloadFormat.STORED, Bytes.empty()), stored, end, manifest),
                List.of(opening, stored, Forger.record(PayloadFormat.END, Bytes.utf8("x")), manifest),
                List.of(opening, Forger.record(PayloadFormat.ZSTD, Bytes.utf8("bản thật")), end, manifest),
                List.of(openingOf(13), stored, end, manifest),
                List.of(openingOf(11), stored, end, manifest),
                List.of(openingOf(-1), stored, end, manifest),
                List.of(Forger.record(PayloadFormat.OPENING, Bytes.empty()), stored, end, manifest))) {
            Bytes joined = Bytes.empty();
            for (Bytes record : order) {
                joined = joined.plus(record);
            }
            assertNotOpened(Forger.padded(joined));
        }
    }

    private static Bytes openingOf(long length) {
        byte[] name = "phần-1.txt".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] type = "text/plain".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        java.nio.ByteBuffer body = java.nio.ByteBuffer.allocate(2 + 2 + name.length + 2 + type.length + 8)
                .putShort((short) 1)
                .putShort((short) name.length)
                .put(name)
                .putShort((short) type.length)
                .put(type)
                .putLong(length);
        return Forger.record(PayloadFormat.OPENING, Bytes.ofOwned(body.array()));
    }
}
