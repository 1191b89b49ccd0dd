package lienthong.gateway.envelope;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import lienthong.gateway.crypto.ChunkedSealer;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.ProvidedSealer;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts one payload as its bytes come: {@link #write} the parts' bytes one after another in any pieces, then {@link #finish}, or
 * {@link #abandon}. Constant memory whatever the length. Call from one thread at a time, outside the loop.
 */
public final class LargeSealing {
    private final SealPlan plan;
    private final SealedSink sink;
    private final Randomness randomness;
    private final Compressor.Pool compressors;
    private final Compressor compressor;
    private final SecretBytes contentKey;
    private final @Nullable ChunkedSealer sealer;
    /** Instead of it, where the payload is enciphered by the State cipher service's product. */
    private final @Nullable ProvidedSealer provided;

    private @Nullable Refusal away;
    private final BlockTree tree = new BlockTree();
    private final PayloadWriter writer;
    private byte[] sealed = new byte[ChunkedSealer.sealedBytesMax(PayloadFormat.DATA_BYTES_MAX)];
    private int message;
    private long messageLeft;
    private boolean over;

    LargeSealing(
            SealPlan plan,
            SealedSink sink,
            Randomness randomness,
            Compressor.Pool compressors,
            Optional<InstalledCipher> cipher)
            throws IOException {
        this.plan = plan;
        this.sink = sink;
        this.randomness = randomness;
        this.compressors = compressors;
        this.compressor = compressors.take();
        this.writer = new PayloadWriter(this::plain, plan.header().network(), compressor);
        Bytes context = plan.coreHash().bytes();
        if (cipher.isEmpty()) {
            this.contentKey = SecretBytes.random(SlotCodec.KEY_BYTES, randomness);
            this.provided = null;
            ChunkedSealer own = ChunkedSealer.start(contentKey, context, randomness);
            this.sealer = own;
            byte[] header = own.header();
            out(header, header.length);
            begin();
            return;
        }
        this.sealer = null;
        SecretBytes key = SecretBytes.random(SlotCodec.KEY_BYTES, randomness);
        ProvidedSealer product = null;
        try {
            key = cipher.get().newContentKey();
            product = cipher.get().sealer(key, context);
        } catch (TokenAway silent) {
            away = refusal(silent);
        }
        this.contentKey = key;
        this.provided = product;
        if (product != null) {
            begin();
        }
    }

    private static Refusal refusal(TokenAway silent) {
        return Refusal.of(ErrorCode.TOKEN_AWAY, Detail.technical(silent));
    }

    private void begin() throws IOException {
        MessageHead head = plan.messages().get(message);
        writer.begin(head, Bytes.ofOwned(randomness.bytes(Manifest.SALT_BYTES)));
        messageLeft = head.payloadBytes();
    }

    /**
     * The next bytes of the parts, in order, in any pieces; parts, and the messages of a bundle, follow one another without a mark between them.
     *
     * @return what is wrong with the bytes so far ({@code SIZE_MISMATCH}, {@code HASH_MISMATCH}), or {@code TOKEN_AWAY} when the suite's product does
     *     not answer; then abandon
     */
    public Optional<Refusal> write(byte[] bytes, int offset, int length) throws IOException {
        Invariant.check(!over, "sealing already over");
        if (away == null) {
            Optional<Refusal> fault = pieces(bytes, offset, length);
            if (away == null) {
                return fault;
            }
        }
        return Optional.ofNullable(away);
    }

    private Optional<Refusal> pieces(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int rest = length;
        while (rest > 0 && messageLeft < rest && message + 1 < plan.messages().size()) {
            int taken = (int) messageLeft;
            writer.write(bytes, from, taken);
            from += taken;
            rest -= taken;
            writer.end();
            if (writer.fault() != null) {
                return Optional.ofNullable(writer.fault());
            }
            message++;
            begin();
        }
        writer.write(bytes, from, rest);
        messageLeft -= rest;
        return Optional.ofNullable(writer.fault());
    }

    /** The same. */
    public Optional<Refusal> write(Bytes bytes) throws IOException {
        byte[] array = bytes.toArray();
        return write(array, 0, array.length);
    }

    /**
     * Closes the payload; the sink then has all of the ciphertext.
     *
     * @param spoolId where the sink's bytes lie
     * @return the payload; {@code SIZE_MISMATCH}, {@code HASH_MISMATCH} or {@code TOKEN_AWAY}, and the sink's bytes are worth nothing
     */
    public Result<SealedPayload> finish(long spoolId) throws IOException {
        Invariant.check(!over, "sealing already over");
        if (away != null) {
            return gone(away);
        }
        writer.end();
        while (writer.fault() == null && message + 1 < plan.messages().size()) {
            message++;
            begin();
            writer.end();
        }
        writer.pad();
        Refusal fault = writer.fault();
        if (fault == null) {
            end();
        }
        fault = away == null ? fault : away;
        if (fault != null) {
            return gone(fault);
        }
        close();
        Hash root = tree.finish();
        return Result.ok(new SealedPayload(
                plan.coreHash(), contentKey, new Ciphertext.Spooled(spoolId, tree.length()), root, writer.manifests()));
    }

    private Result<SealedPayload> gone(Refusal why) {
        abandon();
        return Result.no(why);
    }

    private void end() throws IOException {
        if (sealer != null) {
            byte[] last = new byte[ChunkedSealer.FINISH_BYTES_MAX];
            out(last, sealer.finish(last, 0));
        } else if (away == null) {
            out(Objects.requireNonNull(provided)::finish);
        }
    }

    /** Gives up: overwrites the content key. Idempotent, also after {@link #finish} refused. */
    public void abandon() {
        if (!over) {
            close();
            contentKey.destroy();
        }
    }

    private void close() {
        over = true;
        compressors.giveBack(compressor);
    }

    /** Bytes of ciphertext so far. */
    public long sealedBytes() {
        return tree.length();
    }

    private void plain(byte[] bytes, int offset, int length) throws IOException {
        if (sealer == null) {
            if (away == null) {
                out(() -> Objects.requireNonNull(provided).update(bytes, offset, length));
            }
            return;
        }
        int most = ChunkedSealer.sealedBytesMax(length);
        if (sealed.length < most) {
            sealed = new byte[most];
        }
        out(sealed, sealer.seal(bytes, offset, length, sealed, 0));
    }

    private void out(Supplier<byte[]> product) throws IOException {
        byte[] enciphered;
        try {
            enciphered = product.get();
        } catch (TokenAway silent) {
            away = refusal(silent);
            return;
        }
        out(enciphered, enciphered.length);
    }

    private void out(byte[] bytes, int length) throws IOException {
        if (length > 0) {
            tree.feed(bytes, 0, length);
            sink.write(bytes, 0, length);
        }
    }
}
