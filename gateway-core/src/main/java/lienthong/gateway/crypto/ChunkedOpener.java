package lienthong.gateway.crypto;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;
import org.jspecify.annotations.Nullable;

/**
 * Decrypts what {@link ChunkedSealer} wrote, in constant memory. Each chunk is authenticated before it is given out, but only
 * {@link #finish} tells that nothing is missing: whoever needs the whole checks the sealed root first, or holds the text back.
 *
 * <p>One face for every failure, {@link #NOT_OPENED}: wrong key, context or commitment (compared first, in constant time), wrong tag, cut
 * short, bytes after the end. After it, nothing more comes. One stream, one thread.
 */
public final class ChunkedOpener {
    /** What {@link #open} and {@link #finish} give when the stream is not what was sealed with this key and context. */
    public static final int NOT_OPENED = -1;

    private final SecretBytes key;
    private final Bytes context;
    private final byte[] header = new byte[ChunkKeys.HEADER_BYTES];
    private int headerSize;
    private @Nullable ChunkKeys keys;
    private byte[] pending = new byte[0];
    private int pendingSize;
    private boolean failed;
    private boolean finished;

    private ChunkedOpener(SecretBytes key, Bytes context) {
        this.key = key;
        this.context = context;
    }

    /** Arguments as for {@link ChunkedSealer#start}; {@code key} must not be destroyed before the header has been read. */
    public static ChunkedOpener start(SecretBytes key, Bytes context) {
        Invariant.check(key.size() == AesGcm.KEY_BYTES, "input key of %d bytes", key.size());
        return new ChunkedOpener(key, context);
    }

    /** The most that {@link #open} writes for {@code length} bytes; the cipher wants the room of a whole chunk. */
    public static int openedBytesMax(int length) {
        return Math.toIntExact((length / ChunkKeys.SEALED_CHUNK_BYTES + 1L) * ChunkKeys.CHUNK_BYTES);
    }

    /**
     * Takes the next {@code length} bytes of the stream, header first, and writes the text of the chunks that became whole to {@code out},
     * which must not overlap {@code in}.
     *
     * @return bytes written, at most {@link #openedBytesMax}, 0 while more is needed, or {@link #NOT_OPENED}
     */
    public int open(byte[] in, int offset, int length, byte[] out, int outOffset) {
        Invariant.check(!finished, "stream already finished");
        if (failed) {
            return NOT_OPENED;
        }
        int from = offset;
        int left = length;
        if (keys == null) {
            int taken = Math.min(left, header.length - headerSize);
            System.arraycopy(in, from, header, headerSize, taken);
            headerSize += taken;
            from += taken;
            left -= taken;
            if (headerSize < header.length) {
                return 0;
            }
            if (!commits()) {
                return fail(out, outOffset, 0);
            }
        }
        return chunks(in, from, left, out, outOffset);
    }

    private boolean commits() {
        byte[] salt = Arrays.copyOf(header, ChunkKeys.SALT_BYTES);
        ChunkKeys derived = new ChunkKeys(Cipher.DECRYPT_MODE, key, salt, context);
        keys = derived;
        return MessageDigest.isEqual(
                derived.commitment, Arrays.copyOfRange(header, ChunkKeys.SALT_BYTES, header.length));
    }

    private int chunks(byte[] in, int offset, int length, byte[] out, int outOffset) {
        int from = offset;
        int left = length;
        int written = 0;
        if (pendingSize > 0) {
            int taken = Math.min(left, ChunkKeys.SEALED_CHUNK_BYTES - pendingSize);
            keep(in, from, taken);
            from += taken;
            left -= taken;
            if (pendingSize < ChunkKeys.SEALED_CHUNK_BYTES) {
                return 0;
            }
            int size = chunk(pending, 0, ChunkKeys.SEALED_CHUNK_BYTES, out, outOffset);
            if (size == NOT_OPENED) {
                return fail(out, outOffset, 0);
            }
            written = size;
            pendingSize = 0;
        }
        for (;
                left >= ChunkKeys.SEALED_CHUNK_BYTES;
                from += ChunkKeys.SEALED_CHUNK_BYTES, left -= ChunkKeys.SEALED_CHUNK_BYTES) {
            int size = chunk(in, from, ChunkKeys.SEALED_CHUNK_BYTES, out, outOffset + written);
            if (size == NOT_OPENED) {
                return fail(out, outOffset, written);
            }
            written += size;
        }
        keep(in, from, left);
        return written;
    }

    /**
     * Ends the stream: opens the last chunk.
     *
     * @param out room for up to 16 KiB
     * @return bytes written, 0 to 16,383, or {@link #NOT_OPENED} also when the stream is cut short
     */
    public int finish(byte[] out, int outOffset) {
        Invariant.check(!finished, "stream already finished");
        finished = true;
        if (failed || keys == null || pendingSize < AesGcm.TAG_BYTES) {
            return NOT_OPENED;
        }
        // A full chunk was opened as soon as it was whole, so what waits here is shorter: the mark of the last one.
        int size = chunk(pending, 0, pendingSize, out, outOffset);
        return size == NOT_OPENED ? fail(out, outOffset, 0) : size;
    }

    /** A whole stream held in memory; empty for every failure alike. */
    public static Optional<byte[]> openAll(SecretBytes key, Bytes context, Bytes sealed) {
        long size = ChunkedSealer.plaintextLength(sealed.size());
        if (size < 0) {
            return Optional.empty();
        }
        ChunkedOpener opener = start(key, context);
        byte[] in = sealed.toArray();
        System.arraycopy(in, 0, opener.header, 0, ChunkKeys.HEADER_BYTES);
        if (!opener.commits()) {
            return Optional.empty();
        }
        byte[] out = new byte[(int) size];
        int written = 0;
        for (int from = ChunkKeys.HEADER_BYTES; from < in.length; from += ChunkKeys.SEALED_CHUNK_BYTES) {
            int length = Math.min(ChunkKeys.SEALED_CHUNK_BYTES, in.length - from);
            int opened = opener.chunk(in, from, length, out, written);
            if (opened == NOT_OPENED) {
                Arrays.fill(out, (byte) 0);
                return Optional.empty();
            }
            written += opened;
        }
        return Optional.of(out);
    }

    private void keep(byte[] in, int offset, int length) {
        if (length == 0) {
            return;
        }
        if (pending.length < pendingSize + length) {
            pending = Arrays.copyOf(pending, pendingSize + length <= 2_048 ? 2_048 : ChunkKeys.SEALED_CHUNK_BYTES);
        }
        System.arraycopy(in, offset, pending, pendingSize, length);
        pendingSize += length;
    }

    private int chunk(byte[] in, int offset, int length, byte[] out, int outOffset) {
        ChunkKeys ready = keys;
        if (ready == null) {
            return NOT_OPENED;
        }
        try {
            return ready.next(in, offset, length, out, outOffset);
        } catch (AEADBadTagException wrong) {
            return NOT_OPENED;
        }
    }

    private int fail(byte[] out, int outOffset, int written) {
        failed = true;
        Arrays.fill(out, outOffset, outOffset + written, (byte) 0);
        return NOT_OPENED;
    }
}
