package lienthong.gateway.link;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SignedReceipt;

/** Envelopes and receipts as the link sees them: parts with sizes, nothing inside. */
final class Samples {
    private final Random random;

    Samples(long seed) {
        this.random = new Random(seed);
    }

    Bytes bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return Bytes.ofOwned(bytes);
    }

    Hash hash() {
        return new Hash(bytes(32));
    }

    /** A seal at some place of the tree with this root text. */
    SealedEnvelope.Seal seal(Bytes rootText) {
        return new SealedEnvelope.Seal(3, 8, List.of(hash(), hash(), hash()), rootText, rootText, Optional.empty());
    }

    /** With {@code slots} slots of suite 1 that share {@code enc}. */
    SealedEnvelope small(int ciphertextBytes, int slots, Bytes enc, Bytes rootText) {
        List<SealedEnvelope.Slot> list = new ArrayList<>();
        for (int i = 0; i < slots; i++) {
            list.add(new SealedEnvelope.Slot(
                    2 * i,
                    bytes(SealedEnvelope.Slot.ENC_AT).plus(enc).plus(bytes(SealedEnvelope.Slot.AFTER_ENC_BYTES))));
        }
        return new SealedEnvelope(
                bytes(300),
                list,
                new SealedEnvelope.Ciphertext.Inline(bytes(ciphertextBytes)),
                bytes(250),
                seal(rootText));
    }

    SealedEnvelope small(int ciphertextBytes) {
        return small(ciphertextBytes, 1, bytes(1_120), bytes(200));
    }

    /** Its ciphertext lies elsewhere. */
    SealedEnvelope large(long ciphertextBytes, int slots) {
        List<SealedEnvelope.Slot> list = new ArrayList<>();
        for (int i = 0; i < slots; i++) {
            list.add(new SealedEnvelope.Slot(i, bytes(1_488)));
        }
        return new SealedEnvelope(
                bytes(300),
                list,
                new SealedEnvelope.Ciphertext.Spooled(1, ciphertextBytes),
                bytes(250),
                seal(bytes(200)));
    }

    CarriedReceipt receipt(Bytes rootText) {
        return new CarriedReceipt(
                Address.parse("A08.10/eoffice").orBug(), new SignedReceipt(bytes(400), seal(rootText)));
    }
}
