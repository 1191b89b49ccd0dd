package lienthong.gateway.envelope;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.ChunkedSealer;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Slot;

/**
 * Makes envelopes, all but the seal. In this order: {@link SealPlan#of}; {@link #payload} (in memory) or {@link #large} (streaming), at any time;
 * numbers reserved under the plan's core hash; {@link #finish}; then {@link SealBatch#sign} over everything that waits. Thread-safe.
 * Source: docs/spec/envelope.md.
 */
public final class EnvelopeSealer {
    private final Randomness randomness;
    private final HpkeContexts contexts;
    private final Optional<InstalledCipher> cipher;
    private final Compressor.Pool compressors = new Compressor.Pool();

    /** Where no product of the State cipher service is installed. */
    public EnvelopeSealer(Randomness randomness, HpkeContexts contexts) {
        this(randomness, contexts, Optional.empty());
    }

    /**
     * With a product of the State cipher service.
     *
     * @param cipher seals what is of its suite, payloads and slots
     */
    public EnvelopeSealer(Randomness randomness, HpkeContexts contexts, Optional<InstalledCipher> cipher) {
        this.randomness = randomness;
        this.contexts = contexts;
        this.cipher = cipher;
    }

    /**
     * Checks a key from the directory before anything is sealed to it.
     *
     * @return the key; {@code SUITE_UNKNOWN} when its suite's product is not installed here, or says that it is none of its keys;
     *     {@code TOKEN_AWAY} when the product does not answer
     */
    public Result<RecipientKey> accepted(RecipientKey key) {
        if (!key.suite().isProvided()) {
            return Result.ok(key);
        }
        Optional<InstalledCipher> product = cipher.filter(own -> own.suite() == key.suite());
        if (product.isEmpty()) {
            return Result.no(ErrorCode.SUITE_UNKNOWN, "{0} is not installed here", key.suite());
        }
        try {
            return product.get().accepts(key)
                    ? Result.ok(key)
                    : Result.no(ErrorCode.SUITE_UNKNOWN, "key {0} is no key of {1}", key.keyId(), key.suite());
        } catch (TokenAway away) {
            return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
        }
    }

    /** The product for a suite of the State cipher service; empty for the suites that are our own. */
    private Optional<InstalledCipher> cipherFor(Suite suite) {
        Optional<InstalledCipher> own =
                suite.isProvided() ? cipher.filter(one -> one.suite() == suite) : Optional.empty();
        Invariant.check(!suite.isProvided() || own.isPresent(), "suite %d is not installed", suite.number());
        return own;
    }

    /**
     * Encrypts a payload held in memory.
     *
     * @param plan one that {@link SealPlan#fitsInMemory}
     * @param parts for each message the bytes of its parts, in order
     * @return the payload; {@code SIZE_MISMATCH} or {@code HASH_MISMATCH} when parts are not as declared; {@code PAYLOAD_TOO_LARGE} when manifests
     *     and names make it too large for memory: then {@link #large} takes it; {@code TOKEN_AWAY} when the suite's product does not answer
     */
    public Result<SealedPayload> payload(SealPlan plan, List<List<Bytes>> parts) {
        Invariant.check(parts.size() == plan.messages().size(), "parts of %d messages", parts.size());
        Invariant.check(plan.fitsInMemory(), "payload of %d bytes in memory", plan.payloadBytes());
        PlainBuffer plain = new PlainBuffer((int) plan.payloadBytes() + 1_024 * parts.size());
        Compressor compressor = compressors.take();
        try {
            PayloadWriter writer = new PayloadWriter(plain, plan.header().network(), compressor);
            for (int i = 0; i < parts.size(); i++) {
                MessageHead message = plan.messages().get(i);
                Invariant.check(
                        message.parts().size() == parts.get(i).size(),
                        "bytes of %d parts",
                        parts.get(i).size());
                writer.begin(message, salt());
                for (int part = 0; part < parts.get(i).size(); part++) {
                    Bytes bytes = parts.get(i).get(part);
                    if (bytes.size() != message.parts().get(part).length()) {
                        return Result.no(
                                ErrorCode.SIZE_MISMATCH,
                                "part {0}: {1} bytes, {2} were declared",
                                part + 1,
                                bytes.size(),
                                message.parts().get(part).length());
                    }
                    write(writer, bytes);
                }
                writer.end();
            }
            writer.pad();
            Refusal fault = writer.fault();
            if (fault != null) {
                return Result.no(fault);
            }
            if (ChunkedSealer.sealedLength(plain.size()) > Limits.INLINE_CIPHERTEXT_BYTES_MAX) {
                return Result.no(ErrorCode.PAYLOAD_TOO_LARGE, "payload with names and manifests, for memory");
            }
            Optional<InstalledCipher> product = cipherFor(plan.suite());
            SecretBytes contentKey = product.map(InstalledCipher::newContentKey)
                    .orElseGet(() -> SecretBytes.random(SlotCodec.KEY_BYTES, randomness));
            Bytes context = plan.coreHash().bytes();
            Bytes ciphertext = product.isPresent()
                    ? product.get().sealAll(contentKey, context, plain.exact())
                    : ChunkedSealer.sealAll(contentKey, context, plain.exact(), randomness);
            if (ciphertext.size() > Limits.INLINE_CIPHERTEXT_BYTES_MAX) {
                return Result.no(ErrorCode.PAYLOAD_TOO_LARGE, "payload as the product enciphers it, for memory");
            }
            return Result.ok(new SealedPayload(
                    plan.coreHash(),
                    contentKey,
                    new Ciphertext.Inline(ciphertext),
                    BlockTree.rootOf(ciphertext),
                    writer.manifests()));
        } catch (IOException e) {
            throw new Bug("memory does not fail", e);
        } catch (TokenAway away) {
            return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
        } finally {
            plain.clear();
            compressors.giveBack(compressor);
        }
    }

    private static void write(PayloadWriter writer, Bytes bytes) throws IOException {
        if (!bytes.isEmpty()) {
            byte[] array = bytes.toArray();
            writer.write(array, 0, array.length);
        }
    }

    /**
     * Starts encrypting a payload of any length, in one pass and constant memory.
     *
     * @param sink gets the ciphertext, in order
     */
    public LargeSealing large(SealPlan plan, SealedSink sink) throws IOException {
        return new LargeSealing(plan, sink, randomness, compressors, cipherFor(plan.suite()));
    }

    private Bytes salt() {
        return Bytes.ofOwned(randomness.bytes(Manifest.SALT_BYTES));
    }

    /**
     * Adds slots and statement; overwrites the payload's content key, so that each payload is finished once.
     *
     * @param recipients a key of the plan's suite for each recipient, in the core's order, from the directory
     * @param facts what each recipient's slot tells, in the same order; ordering keys are the messages'
     * @param own the sender's own key, for the last slot
     * @throws TokenAway when the suite's product does not answer; the payload may be finished again then
     */
    public Unsealed finish(
            SealPlan plan,
            SealedPayload payload,
            List<RecipientKey> recipients,
            List<SlotFacts> facts,
            RecipientKey own) {
        int count = plan.header().recipients().size();
        Invariant.check(payload.core().equals(plan.coreHash()), "payload of another core");
        Invariant.check(recipients.size() == count && facts.size() == count, "keys and facts for %d recipients", count);
        List<Slot> slots = new ArrayList<>(count + 1);
        List<Hash> slotHashes = new ArrayList<>(count + 1);
        for (int i = 0; i <= count; i++) {
            SlotFacts inside = i < count
                    ? facts.get(i)
                    : SlotFacts.own(
                            facts.get(0).incarnation(), plan.messages().get(0).ordering());
            Invariant.check(
                    inside.orderingKey().equals(plan.messages().get(0).ordering()), "ordering key of slot %d", i);
            Bytes slot = slot(plan, i < count ? recipients.get(i) : own, i, payload.contentKey(), inside);
            slots.add(new Slot(i, slot));
            slotHashes.add(Hash.of(slot));
        }
        payload.contentKey().destroy();
        Statement content = new Statement(
                plan.header().network(),
                plan.coreHash(),
                payload.root(),
                payload.ciphertext().length(),
                payload.manifests().stream().map(Hash::of).toList(),
                slotHashes);
        Bytes statement = StatementCodec.encode(content);
        return new Unsealed(
                plan.header(),
                plan.core(),
                slots,
                payload.ciphertext(),
                statement,
                content,
                MerkleTree.leafHash(statement),
                payload.manifests());
    }

    private Bytes slot(SealPlan plan, RecipientKey key, int number, SecretBytes contentKey, SlotFacts facts) {
        Invariant.check(
                key.suite() == plan.suite(), "key of suite %d", key.suite().number());
        return slot(plan.header(), plan.coreHash(), key, number, contentKey, facts);
    }

    private Bytes slot(
            Header header, Hash core, RecipientKey key, int number, SecretBytes contentKey, SlotFacts facts) {
        Optional<InstalledCipher> product = cipherFor(key.suite());
        return product.isPresent()
                ? SlotCodec.seal(
                        product.get(),
                        key,
                        header.network(),
                        header.signer(),
                        core,
                        number,
                        contentKey,
                        facts,
                        randomness)
                : SlotCodec.seal(
                        contexts.take(header.network(), header.signer(), key),
                        key,
                        core,
                        number,
                        contentKey,
                        facts,
                        randomness);
    }

    /**
     * A new slot for a recipient whose keys changed after the envelope was sealed; the sealed bytes stay as they are. Its hash goes into a
     * signed {@link Notice.Rewrap}.
     *
     * @param own the sender's own slot, opened by {@link SlotOpener#openOwn}
     * @param number the recipient's position in the core
     * @param facts as they were in the slot it replaces
     */
    public Slot rewrap(OpenedSlot own, int number, RecipientKey key, SlotFacts facts) {
        VerifiedEnvelope envelope = own.envelope();
        var header = envelope.facts().header();
        Invariant.check(number >= 0 && number < header.recipients().size(), "slot %d", number);
        Invariant.check(
                key.suite().number() == header.suite(),
                "key of suite %d",
                key.suite().number());
        return new Slot(number, slot(header, envelope.core(), key, number, own.contentKey(), facts));
    }

    /** Plaintext on its way to the cipher: overwritten after use. */
    private static final class PlainBuffer implements PayloadWriter.Sink {
        private byte[] bytes;
        private int size;

        PlainBuffer(int expected) {
            bytes = new byte[expected];
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            if (bytes.length - size < length) {
                byte[] larger = new byte[Math.max(size + length, bytes.length + bytes.length / 2)];
                System.arraycopy(bytes, 0, larger, 0, size);
                Arrays.fill(bytes, 0, size, (byte) 0);
                bytes = larger;
            }
            System.arraycopy(from, offset, bytes, size, length);
            size += length;
        }

        int size() {
            return size;
        }

        byte[] exact() {
            if (bytes.length != size) {
                byte[] cut = Arrays.copyOf(bytes, size);
                clear();
                bytes = cut;
            }
            return bytes;
        }

        void clear() {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
