package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.HUB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Seal;
import lienthong.gateway.message.SealedEnvelope.Slot;
import lienthong.gateway.message.SignedReceipt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** T2: a hub alters one byte of what it carries. The next honest hop refuses, with one face. */
class T02AlteredEnvelopeTest {
    private static VerifiedEnvelope envelope;
    private static SealedEnvelope sealed;
    private static SignedReceipt receipt;
    private static final EnvelopeVerifier VERIFIER = new EnvelopeVerifier(new SealCache());

    @BeforeAll
    static void seal() {
        List<Unsealed> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(Kit.shared().to(DISTRICT, HUB).message("văn bản " + i).unsealed());
        }
        var key = TestNetwork.shared().signing(TestNetwork.COMMUNE);
        envelope =
                SealBatch.sign(waiting, key, Optional.empty(), Kit.NOW).orBug().get(1);
        sealed = envelope.sealed();
        var own = TestNetwork.shared().signing(DISTRICT);
        receipt = ReceiptSigner.sign(
                        List.of(
                                Kit.shared()
                                        .receipt(
                                                Receipt.Kind.CONSUMED,
                                                envelope,
                                                DISTRICT,
                                                own.certificate().hash()),
                                Kit.shared()
                                        .receipt(
                                                Receipt.Kind.DELIVERED,
                                                envelope,
                                                DISTRICT,
                                                own.certificate().hash())),
                        1,
                        own,
                        Kit.NOW)
                .orBug()
                .get(0);
    }

    private static Result<VerifiedEnvelope> verify(SealedEnvelope altered) {
        Bytes ciphertext = ((Ciphertext.Inline) altered.ciphertext()).bytes();
        return VERIFIER.verify(
                altered,
                BlockTree.rootOf(ciphertext),
                ciphertext.size(),
                TestNetwork.shared().view());
    }

    private static Bytes altered(Bytes part, int position, int mask) {
        byte[] bytes = part.toArray();
        bytes[position] ^= (byte) mask;
        return Bytes.ofOwned(bytes);
    }

    /** Every position of a part, in the lowest and in the highest bit. */
    private static void everyByte(String part, Bytes bytes, Function<Bytes, SealedEnvelope> with) {
        for (int position = 0; position < bytes.size(); position++) {
            for (int mask : new int[] {1, 0x80}) {
                Result<VerifiedEnvelope> judged = verify(with.apply(altered(bytes, position, mask)));
                assertThat(judged.isOk())
                        .as("%s, byte %d, mask %x", part, position, mask)
                        .isFalse();
                assertThat(judged.refusal().reason())
                        .as("%s, byte %d, mask %x", part, position, mask)
                        .isEqualTo(ErrorCode.SEAL_INVALID);
                assertThat(judged.refusal().detail()).isEmpty();
            }
        }
    }

    private static SealedEnvelope with(Seal seal) {
        return new SealedEnvelope(sealed.core(), sealed.slots(), sealed.ciphertext(), sealed.statement(), seal);
    }

    private static SealedEnvelope core(Bytes core) {
        return new SealedEnvelope(core, sealed.slots(), sealed.ciphertext(), sealed.statement(), sealed.seal());
    }

    private static SealedEnvelope statement(Bytes statement) {
        return new SealedEnvelope(sealed.core(), sealed.slots(), sealed.ciphertext(), statement, sealed.seal());
    }

    @Test
    void theUnalteredEnvelopeIsTaken() {
        assertThat(verify(sealed).isOk()).isTrue();
    }

    @Test
    void everyByteOfTheCore() {
        everyByte("core", sealed.core(), T02AlteredEnvelopeTest::core);
    }

    @Test
    void everyByteOfTheStatement() {
        everyByte("statement", sealed.statement(), T02AlteredEnvelopeTest::statement);
    }

    @Test
    void everyByteOfEverySlot() {
        for (int number = 0; number < 3; number++) {
            int slot = number;
            everyByte("slot " + slot, sealed.slots().get(slot).bytes(), bytes -> {
                List<Slot> slots = new ArrayList<>(sealed.slots());
                slots.set(slot, new Slot(slot, bytes));
                return sealed.withSlots(slots);
            });
        }
    }

    @Test
    void everyByteOfTheCiphertext() {
        everyByte(
                "ciphertext",
                ((Ciphertext.Inline) sealed.ciphertext()).bytes(),
                bytes -> sealed.withCiphertext(new Ciphertext.Inline(bytes)));
    }

    @Test
    void everyByteOfRootTextCmsAndPath() {
        Seal seal = sealed.seal();
        everyByte(
                "root text",
                seal.rootText(),
                bytes -> with(new Seal(seal.index(), seal.size(), seal.path(), bytes, seal.cms(), seal.pqCms())));
        everyByte(
                "cms",
                seal.cms(),
                bytes -> with(new Seal(seal.index(), seal.size(), seal.path(), seal.rootText(), bytes, seal.pqCms())));
        for (int i = 0; i < seal.path().size(); i++) {
            int step = i;
            everyByte("path " + i, seal.path().get(i).bytes(), bytes -> {
                List<Hash> path = new ArrayList<>(seal.path());
                path.set(step, new Hash(bytes));
                return with(new Seal(seal.index(), seal.size(), path, seal.rootText(), seal.cms(), seal.pqCms()));
            });
        }
    }

    @Test
    void bytesCutOffOrAdded() {
        Bytes more = Bytes.utf8("\n");
        Seal seal = sealed.seal();
        Bytes ciphertext = ((Ciphertext.Inline) sealed.ciphertext()).bytes();
        List<SealedEnvelope> altered = List.of(
                core(sealed.core().plus(more)),
                core(sealed.core().slice(0, sealed.core().size() - 1)),
                core(Bytes.empty()),
                statement(sealed.statement().plus(more)),
                statement(sealed.statement().slice(0, sealed.statement().size() - 1)),
                sealed.withCiphertext(new Ciphertext.Inline(ciphertext.plus(more))),
                sealed.withCiphertext(new Ciphertext.Inline(ciphertext.slice(0, ciphertext.size() - 1))),
                sealed.withSlots(
                        List.of(new Slot(0, sealed.slots().get(0).bytes().plus(more)))),
                with(new Seal(
                        seal.index(),
                        seal.size(),
                        seal.path(),
                        seal.rootText(),
                        seal.cms().plus(more),
                        seal.pqCms())),
                with(new Seal(seal.index(), seal.size(), seal.path(), seal.rootText(), Bytes.empty(), seal.pqCms())),
                with(new Seal(seal.index(), seal.size(), List.of(), seal.rootText(), seal.cms(), seal.pqCms())),
                with(new Seal(0, seal.size(), seal.path(), seal.rootText(), seal.cms(), seal.pqCms())),
                with(new Seal(seal.index(), 4, seal.path(), seal.rootText(), seal.cms(), seal.pqCms())),
                with(new Seal(
                        seal.index(), seal.size(), seal.path(), seal.rootText(), seal.cms(), Optional.of(seal.cms()))));
        for (int i = 0; i < altered.size(); i++) {
            assertThat(verify(altered.get(i)).isOk()).as("alteration %d", i).isFalse();
        }
    }

    @Test
    void slotsSwappedDoubledOrUnderAnotherNumber() {
        Slot first = sealed.slots().get(0);
        Slot second = sealed.slots().get(1);
        for (List<Slot> slots : List.of(
                List.of(new Slot(0, second.bytes()), new Slot(1, first.bytes())),
                List.of(first, first),
                List.of(second, first),
                List.of(new Slot(7, first.bytes())),
                List.of(new Slot(-1, first.bytes())))) {
            assertThat(verify(sealed.withSlots(slots)).isOk()).isFalse();
        }
    }

    @Test
    void everyByteOfAReceiptAndItsSeal() {
        ReceiptVerifier verifier = new ReceiptVerifier(new SealCache());
        var view = TestNetwork.shared().view();
        assertThat(verifier.verify(receipt, view).isOk()).isTrue();
        Seal seal = receipt.seal();
        List<Bytes> parts = List.of(
                receipt.text(), seal.rootText(), seal.cms(), seal.path().get(0).bytes());
        for (int part = 0; part < parts.size(); part++) {
            for (int position = 0; position < parts.get(part).size(); position++) {
                Bytes other = altered(parts.get(part), position, 1);
                SignedReceipt changed = new SignedReceipt(
                        part == 0 ? other : receipt.text(),
                        new Seal(
                                seal.index(),
                                seal.size(),
                                part == 3 ? List.of(new Hash(other)) : seal.path(),
                                part == 1 ? other : seal.rootText(),
                                part == 2 ? other : seal.cms(),
                                Optional.empty()));
                Result<Receipt> judged = verifier.verify(changed, view);
                assertThat(judged.isOk()).as("part %d, byte %d", part, position).isFalse();
                assertThat(judged.refusal().reason()).isEqualTo(ErrorCode.RECEIPT_FORGED);
            }
        }
    }
}
