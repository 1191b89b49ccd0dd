package lienthong.gateway.envelope;

import java.io.IOException;
import java.util.Optional;
import lienthong.gateway.crypto.ChunkedSealer;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;

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
    private final ChunkedSealer sealer;
    private final BlockTree tree = new BlockTree();
    private final PayloadWriter writer;
    private byte[] sealed = new byte[ChunkedSealer.sealedBytesMax(PayloadFormat.DATA_BYTES_MAX)];
    private int message;
    private long messageLeft;
    private boolean over;

    LargeSealing(SealPlan plan, SealedSink sink, Randomness randomness, Compressor.Pool compressors)
            throws IOException {
        this.plan = plan;
        this.sink = sink;
        this.randomness = randomness;
        this.compressors = compressors;
        this.compressor = compressors.take();
        this.contentKey = SecretBytes.random(SlotCodec.KEY_BYTES, randomness);
        this.sealer = ChunkedSealer.start(contentKey, plan.coreHash().bytes(), randomness);
        this.writer = new PayloadWriter(this::plain, plan.header().network(), compressor);
        byte[] header = sealer.header();
        out(header, header.length);
        begin();
    }

    private void begin() throws IOException {
        MessageHead head = plan.messages().get(message);
        writer.begin(head, Bytes.ofOwned(randomness.bytes(Manifest.SALT_BYTES)));
        messageLeft = head.payloadBytes();
    }

    /**
     * The next bytes of the parts, in order, in any pieces; parts, and the messages of a bundle, follow one another without a mark between them.
     *
     * @return what is wrong with the bytes so far ({@code SIZE_MISMATCH}, {@code HASH_MISMATCH}); then abandon
     */
    public Optional<Refusal> write(byte[] bytes, int offset, int length) throws IOException {
        Invariant.check(!over, "sealing already over");
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
     * @return the payload; {@code SIZE_MISMATCH} or {@code HASH_MISMATCH}, and the sink's bytes are worth nothing
     */
    public Result<SealedPayload> finish(long spoolId) throws IOException {
        Invariant.check(!over, "sealing already over");
        writer.end();
        while (writer.fault() == null && message + 1 < plan.messages().size()) {
            message++;
            begin();
            writer.end();
        }
        writer.pad();
        Refusal fault = writer.fault();
        if (fault != null) {
            abandon();
            return Result.no(fault);
        }
        byte[] last = new byte[ChunkedSealer.FINISH_BYTES_MAX];
        out(last, sealer.finish(last, 0));
        close();
        Hash root = tree.finish();
        return Result.ok(new SealedPayload(
                plan.coreHash(), contentKey, new Ciphertext.Spooled(spoolId, tree.length()), root, writer.manifests()));
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
        int most = ChunkedSealer.sealedBytesMax(length);
        if (sealed.length < most) {
            sealed = new byte[most];
        }
        out(sealed, sealer.seal(bytes, offset, length, sealed, 0));
    }

    private void out(byte[] bytes, int length) throws IOException {
        if (length > 0) {
            tree.feed(bytes, 0, length);
            sink.write(bytes, 0, length);
        }
    }
}
