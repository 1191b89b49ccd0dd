package lienthong.gateway.envelope;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Writes a payload's plaintext in one pass and constant memory, whatever its length: {@link #begin} a message, {@link #write} the bytes of its
 * parts one after another in any pieces, {@link #end}; then {@link #pad}. The first fault of the application's bytes (too few, too many, another
 * hash) is kept in {@link #fault}, and nothing more is written. One thread.
 */
final class PayloadWriter {
    /** Who gets the plaintext. */
    interface Sink {
        void write(byte[] bytes, int offset, int length) throws IOException;
    }

    private enum Mode {
        UNDECIDED,
        ZSTD,
        STORED
    }

    private static final byte[] ZEROS = new byte[16 * 1024];
    /** Below it a frame's header eats the gain. */
    private static final int COMPRESSED_BYTES_MIN = 128;

    private final Sink sink;
    private final Hash network;
    private final Compressor compressor;
    private final MessageDigest digest = Hash.digest();
    private final byte[] header = new byte[PayloadFormat.RECORD_HEADER_BYTES];
    private final List<Bytes> manifests = new ArrayList<>();
    private long written;
    private @Nullable Refusal fault;

    // ---- the message at hand
    private @Nullable MessageHead head;
    private Bytes salt = Bytes.empty();
    private final List<Manifest.Part> done = new ArrayList<>();

    // ---- the part at hand
    private Mode mode = Mode.UNDECIDED;
    private long left;
    private byte @Nullable [] waiting;
    private int waitingSize;

    PayloadWriter(Sink sink, Hash network, Compressor compressor) {
        this.sink = sink;
        this.network = network;
        this.compressor = compressor;
    }

    /** Opens a message; its head was checked by {@link SealPlan}. */
    void begin(MessageHead next, Bytes salt) throws IOException {
        Invariant.check(head == null, "message begun inside another");
        head = next;
        this.salt = salt;
        done.clear();
        byte[] opening = opening(next);
        record(PayloadFormat.OPENING, opening, 0, opening.length);
        startPart();
    }

    private static byte[] opening(MessageHead head) {
        int size = 2;
        List<byte[]> names = new ArrayList<>(head.parts().size());
        for (MessageHead.Part part : head.parts()) {
            byte[] name = part.name().getBytes(StandardCharsets.UTF_8);
            names.add(name);
            size += 2 + name.length + 2 + part.type().length() + 8;
        }
        ByteBuffer out = ByteBuffer.allocate(size).putShort((short) names.size());
        for (int i = 0; i < names.size(); i++) {
            MessageHead.Part part = head.parts().get(i);
            out.putShort((short) names.get(i).length).put(names.get(i));
            byte[] type = part.type().getBytes(StandardCharsets.US_ASCII);
            out.putShort((short) type.length).put(type).putLong(part.length());
        }
        return out.array();
    }

    /** Prepares the next part that has bytes; closes empty ones on the way. */
    private void startPart() throws IOException {
        MessageHead message = current();
        while (done.size() < message.parts().size()) {
            mode = Mode.UNDECIDED;
            left = message.parts().get(done.size()).length();
            if (left > 0) {
                return;
            }
            endPart();
        }
        left = 0;
    }

    /** The next bytes of the message's parts, in order, in any pieces. */
    void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int rest = length;
        while (rest > 0 && fault == null) {
            if (left == 0) {
                fault = Refusal.of(ErrorCode.SIZE_MISMATCH, "more bytes than the parts declare");
                return;
            }
            int taken = (int) Math.min(rest, left);
            piece(bytes, from, taken);
            from += taken;
            rest -= taken;
        }
    }

    private void piece(byte[] bytes, int offset, int length) throws IOException {
        digest.update(bytes, offset, length);
        int from = offset;
        int rest = length;
        while (rest > 0) {
            boolean direct = mode == Mode.STORED && waitingSize == 0;
            boolean whole = waitingSize == 0 && (rest >= PayloadFormat.DATA_BYTES_MAX || rest == left);
            int taken;
            if (direct || whole) {
                taken = Math.min(rest, PayloadFormat.DATA_BYTES_MAX);
                left -= taken;
                block(bytes, from, taken);
            } else {
                taken = Math.min(rest, PayloadFormat.DATA_BYTES_MAX - waitingSize);
                System.arraycopy(bytes, from, room(), waitingSize, taken);
                waitingSize += taken;
                left -= taken;
                if (waitingSize == PayloadFormat.DATA_BYTES_MAX || left == 0) {
                    int size = waitingSize;
                    waitingSize = 0;
                    block(room(), 0, size);
                }
            }
            from += taken;
            rest -= taken;
        }
        if (left == 0) {
            endPart();
            startPart();
        }
    }

    private byte[] room() {
        byte[] room = waiting;
        if (room == null) {
            room = new byte[PayloadFormat.DATA_BYTES_MAX];
            waiting = room;
        }
        return room;
    }

    /** Up to 64 KiB of the part; {@link #left} already tells what follows them. */
    private void block(byte[] bytes, int offset, int length) throws IOException {
        boolean last = left == 0;
        if (mode == Mode.UNDECIDED) {
            if (last) {
                // The part is its own sample.
                int size = length < COMPRESSED_BYTES_MIN ? -1 : compressor.whole(bytes, offset, length);
                if (size > 0) {
                    record(PayloadFormat.ZSTD, compressor.scratch(), 0, size);
                } else {
                    record(PayloadFormat.STORED, bytes, offset, length);
                }
                return;
            }
            mode = compressor.samples(bytes, offset, length) ? Mode.ZSTD : Mode.STORED;
            if (mode == Mode.ZSTD) {
                compressor.begin();
            }
        }
        if (mode == Mode.STORED) {
            record(PayloadFormat.STORED, bytes, offset, length);
            return;
        }
        compressor.step(bytes, offset, length, last, this::zstd);
        if (!last && !compressor.mayContinue()) {
            compressor.step(bytes, 0, 0, true, this::zstd);
            mode = Mode.STORED;
        }
    }

    private void zstd(byte[] bytes, int offset, int length) throws IOException {
        record(PayloadFormat.ZSTD, bytes, offset, length);
    }

    private void endPart() throws IOException {
        record(PayloadFormat.END, header, 0, 0);
        MessageHead.Part part = current().parts().get(done.size());
        Hash hash = new Hash(Bytes.ofOwned(digest.digest()));
        if (fault == null && part.hash().isPresent() && !part.hash().get().equals(hash)) {
            fault = Refusal.of(ErrorCode.HASH_MISMATCH, "part {0} has not the hash it declares", done.size() + 1);
        }
        done.add(new Manifest.Part(part.name(), part.type(), part.length(), hash));
    }

    /** Closes the message with its manifest; a part that is not complete is a fault. */
    void end() throws IOException {
        MessageHead message = current();
        if (fault == null && done.size() < message.parts().size()) {
            fault = Refusal.of(
                    ErrorCode.SIZE_MISMATCH,
                    "part {0}: {1} bytes came, {2} were declared",
                    done.size() + 1,
                    message.parts().get(done.size()).length() - left,
                    message.parts().get(done.size()).length());
        }
        if (fault != null) {
            return;
        }
        Bytes text = ManifestCodec.encode(new Manifest(
                network,
                message.id(),
                salt,
                message.service(),
                message.subject(),
                message.contentType(),
                message.correlation(),
                message.ordering(),
                done));
        byte[] bytes = text.toArray();
        record(PayloadFormat.MANIFEST, bytes, 0, bytes.length);
        manifests.add(text);
        head = null;
    }

    /** After the last message: padding up to the bucket. */
    void pad() throws IOException {
        if (fault != null) {
            return;
        }
        Invariant.check(head == null, "payload padded inside a message");
        header[0] = PayloadFormat.PADDING;
        put(header, 0, 1);
        long padded = PayloadFormat.padme(written);
        while (written < padded) {
            put(ZEROS, 0, (int) Math.min(ZEROS.length, padded - written));
        }
    }

    /** What was wrong with the application's bytes, if anything: nothing of this payload may be sealed then. */
    @Nullable
    Refusal fault() {
        return fault;
    }

    /** The manifests written, in order. */
    List<Bytes> manifests() {
        return manifests;
    }

    private MessageHead current() {
        MessageHead message = head;
        if (message == null) {
            throw new lienthong.gateway.message.Bug("no message begun");
        }
        return message;
    }

    private void record(byte type, byte[] body, int offset, int length) throws IOException {
        ByteBuffer.wrap(header).put(type).putInt(length);
        put(header, 0, header.length);
        if (length > 0) {
            put(body, offset, length);
        }
    }

    private void put(byte[] bytes, int offset, int length) throws IOException {
        sink.write(bytes, offset, length);
        written += length;
    }
}
