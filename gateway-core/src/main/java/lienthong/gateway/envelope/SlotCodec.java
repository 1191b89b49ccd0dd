package lienthong.gateway.envelope;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import lienthong.gateway.crypto.HpkeSender;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.ProvidedWrap;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SingleUseCipher;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.UnsafeKeyAccess;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.SealedEnvelope;
import org.jspecify.annotations.Nullable;

/**
 * One slot's layout and its bindings. Stateless, thread-safe. Source: docs/spec/envelope.md, "Slot"; RFC 9180 §5.1.1, §5.3.
 *
 * <pre>
 * slot  = key id (32) ‖ enc (by suite) ‖ random (32) ‖ wrap (304)
 * info  = "lienthong-info 1\n" ‖ suite (1) ‖ network (32) ‖ H(sender's certificate) (32) ‖ key id (32)
 * key   = HPKE.Export("lienthong-wrap 1\n" ‖ H(core) (32) ‖ key id (32) ‖ slot number (4) ‖ random (32), 32)
 * wrap  = AES-256-GCM(key, nonce 0, aad = H(core) ‖ key id ‖ slot number, inside)
 * inside = 1 (1) ‖ content key (32) ‖ incarnation (8) ‖ first number (8) ‖ previous core (32) ‖ key predecessor (8)
 *          ‖ length of ordering key (1) ‖ ordering key, UTF-8 ‖ zeros up to 288 bytes
 * </pre>
 *
 * Numbers are big-endian. The random bytes make the wrapping key single-use: an id alone would repeat key and nonce in a retry. A suite of the State
 * cipher service has the same layout; its product makes {@code enc} and {@code wrap} over {@code inside}, bound to info and exporter context.
 */
final class SlotCodec {
    static final int KEY_BYTES = 32;
    private static final int RANDOM_BYTES = SealedEnvelope.Slot.RANDOM_BYTES;
    private static final int WRAP_BYTES = SealedEnvelope.Slot.WRAP_BYTES;
    static final int INSIDE_BYTES = WRAP_BYTES - SingleUseCipher.OVERHEAD_BYTES;
    private static final int ORDERING_AT = 90;
    static final int ORDERING_BYTES_MAX = 3 * Limits.ORDERING_KEY_CHARS_MAX;
    private static final byte VERSION = 1;
    private static final byte[] INFO_LABEL = "lienthong-info 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WRAP_LABEL = "lienthong-wrap 1\n".getBytes(StandardCharsets.US_ASCII);

    private SlotCodec() {}

    /** A slot's parts, by position. */
    record Parts(Hash keyId, Bytes enc, Bytes random, Bytes wrap) {}

    /** The key found inside a slot, and what stands beside it. */
    record Inside(SecretBytes contentKey, SlotFacts facts) {}

    static Bytes info(Suite suite, Hash network, Hash signer, Hash keyId) {
        byte[] info = new byte[INFO_LABEL.length + 1 + 3 * Hash.SIZE_BYTES];
        ByteBuffer.wrap(info)
                .put(INFO_LABEL)
                .put((byte) suite.number())
                .put(network.bytes().asBuffer())
                .put(signer.bytes().asBuffer())
                .put(keyId.bytes().asBuffer());
        return Bytes.ofOwned(info);
    }

    /** Seals one slot; {@code sender} was started with {@link #info} for this key. */
    static Bytes seal(
            HpkeSender sender,
            RecipientKey key,
            Hash core,
            int number,
            SecretBytes contentKey,
            SlotFacts facts,
            Randomness randomness) {
        Bytes random = Bytes.ofOwned(randomness.bytes(RANDOM_BYTES));
        SecretBytes wrapKey = sender.export(exporterContext(core, key.keyId(), number, random), KEY_BYTES);
        byte[] inside = inside(contentKey, facts);
        Bytes wrap = SingleUseCipher.seal(wrapKey, aad(core, key.keyId(), number), inside);
        Arrays.fill(inside, (byte) 0);
        wrapKey.destroy();
        Bytes enc = sender.enc();
        byte[] slot = new byte[size(key.suite())];
        key.keyId().bytes().copyTo(slot, 0);
        enc.copyTo(slot, Hash.SIZE_BYTES);
        random.copyTo(slot, Hash.SIZE_BYTES + enc.size());
        wrap.copyTo(slot, Hash.SIZE_BYTES + enc.size() + RANDOM_BYTES);
        return Bytes.ofOwned(slot);
    }

    /** Seals one slot by the State cipher service's product; {@link lienthong.gateway.crypto.TokenAway} when that does not answer. */
    static Bytes seal(
            InstalledCipher cipher,
            RecipientKey key,
            Hash network,
            Hash signer,
            Hash core,
            int number,
            SecretBytes contentKey,
            SlotFacts facts,
            Randomness randomness) {
        Bytes random = Bytes.ofOwned(randomness.bytes(RANDOM_BYTES));
        byte[] inside = inside(contentKey, facts);
        try {
            Bytes context = context(info(key.suite(), network, signer, key.keyId()), core, key.keyId(), number, random);
            return slot(key.keyId(), random, cipher.wrap(key, context, inside));
        } finally {
            Arrays.fill(inside, (byte) 0);
        }
    }

    private static Bytes slot(Hash keyId, Bytes random, ProvidedWrap wrapped) {
        return keyId.bytes().plus(wrapped.enc()).plus(random).plus(wrapped.wrap());
    }

    /** What a product's wrap is bound to: all that an HPKE wrap is. */
    static Bytes context(Bytes info, Hash core, Hash keyId, int number, Bytes random) {
        return info.plus(exporterContext(core, keyId, number, random));
    }

    /** Bytes of a slot of this suite, one of our own. */
    static int size(Suite suite) {
        return size(suite.encBytes());
    }

    private static int size(int encBytes) {
        return SealedEnvelope.Slot.ENC_AT + encBytes + SealedEnvelope.Slot.AFTER_ENC_BYTES;
    }

    /** Splits a slot; null when it has not the size that its suite's {@code enc} gives it. */
    static @Nullable Parts split(int encBytes, Bytes slot) {
        if (slot.size() != size(encBytes)) {
            return null;
        }
        int enc = Hash.SIZE_BYTES;
        int random = enc + encBytes;
        int wrap = random + RANDOM_BYTES;
        return new Parts(
                new Hash(slot.slice(0, Hash.SIZE_BYTES)),
                slot.slice(enc, encBytes),
                slot.slice(random, RANDOM_BYTES),
                slot.slice(wrap, WRAP_BYTES));
    }

    static Bytes exporterContext(Hash core, Hash keyId, int number, Bytes random) {
        byte[] context = new byte[WRAP_LABEL.length + 2 * Hash.SIZE_BYTES + 4 + RANDOM_BYTES];
        ByteBuffer.wrap(context)
                .put(WRAP_LABEL)
                .put(core.bytes().asBuffer())
                .put(keyId.bytes().asBuffer())
                .putInt(number)
                .put(random.asBuffer());
        return Bytes.ofOwned(context);
    }

    static Bytes aad(Hash core, Hash keyId, int number) {
        byte[] aad = new byte[2 * Hash.SIZE_BYTES + 4];
        ByteBuffer.wrap(aad)
                .put(core.bytes().asBuffer())
                .put(keyId.bytes().asBuffer())
                .putInt(number);
        return Bytes.ofOwned(aad);
    }

    private static byte[] inside(SecretBytes contentKey, SlotFacts facts) {
        byte[] ordering = facts.orderingKey().orElse("").getBytes(StandardCharsets.UTF_8);
        Invariant.check(ordering.length <= ORDERING_BYTES_MAX, "ordering key of %d bytes", ordering.length);
        byte[] inside = new byte[INSIDE_BYTES];
        byte[] key = contentKey.copy(UnsafeKeyAccess.get());
        Invariant.check(key.length == KEY_BYTES, "content key of %d bytes", key.length);
        ByteBuffer.wrap(inside)
                .put(VERSION)
                .put(key)
                .putLong(facts.incarnation().value())
                .putLong(facts.firstNumber())
                .put(facts.previousCore().bytes().asBuffer())
                .putLong(facts.keyPredecessor())
                .put((byte) ordering.length)
                .put(ordering);
        Arrays.fill(key, (byte) 0);
        return inside;
    }

    /** Reads what a wrap held, overwriting it; empty for anything that {@link #inside} would not have written. */
    static Optional<Inside> parseInside(byte[] inside) {
        try {
            if (inside.length != INSIDE_BYTES || inside[0] != VERSION) {
                return Optional.empty();
            }
            ByteBuffer in = ByteBuffer.wrap(inside).position(1 + KEY_BYTES);
            long incarnation = in.getLong();
            long first = in.getLong();
            byte[] previous = new byte[Hash.SIZE_BYTES];
            in.get(previous);
            long predecessor = in.getLong();
            int length = in.get() & 0xFF;
            if (incarnation == 0
                    || first < 0
                    || first > Long.MAX_VALUE - 1_000_000
                    || predecessor < 0
                    || predecessor > 0 && predecessor >= first
                    || length > ORDERING_BYTES_MAX
                    || length == 0 && predecessor > 0) {
                return Optional.empty();
            }
            for (int i = ORDERING_AT + length; i < INSIDE_BYTES; i++) {
                if (inside[i] != 0) {
                    return Optional.empty();
                }
            }
            String ordering = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(inside, ORDERING_AT, length))
                    .toString();
            if (length > 0 && !ManifestTexts.ordering(ordering).isOk()) {
                return Optional.empty();
            }
            byte[] key = Arrays.copyOfRange(inside, 1, 1 + KEY_BYTES);
            SlotFacts facts = new SlotFacts(
                    new Incarnation(incarnation),
                    first,
                    new Hash(Bytes.ofOwned(previous)),
                    predecessor,
                    length == 0 ? Optional.empty() : Optional.of(ordering));
            Inside found = new Inside(SecretBytes.copyOf(key, UnsafeKeyAccess.get()), facts);
            Arrays.fill(key, (byte) 0);
            return Optional.of(found);
        } catch (CharacterCodingException notText) {
            return Optional.empty();
        } finally {
            Arrays.fill(inside, (byte) 0);
        }
    }
}
