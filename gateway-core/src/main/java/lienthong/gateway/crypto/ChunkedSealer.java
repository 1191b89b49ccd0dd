package lienthong.gateway.crypto;

import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;

/**
 * Encrypts a stream of any length in constant memory (c2sp.org/chunked-encryption v1, Cobblestone-256: AES-256-GCM, chunks of 16 KiB,
 * SHA-512, 32-byte key commitment). Write {@link #header()}, then whatever {@link #seal} gives, then what {@link #finish} gives. One stream,
 * one thread.
 *
 * <p>Fastest when whole chunks (multiples of 16 KiB) are handed in: they go from array to array without a copy.
 */
public final class ChunkedSealer {
    /** Salt and commitment, before the first chunk. */
    public static final int HEADER_BYTES = ChunkKeys.HEADER_BYTES;
    /** Most that {@link #finish} writes. */
    public static final int FINISH_BYTES_MAX = ChunkKeys.SEALED_CHUNK_BYTES - 1;

    private final ChunkKeys keys;
    private final byte[] header;
    private byte[] pending = new byte[0];
    private int pendingSize;
    private boolean finished;

    private ChunkedSealer(SecretBytes key, Bytes context, byte[] salt) {
        keys = new ChunkKeys(Cipher.ENCRYPT_MODE, key, salt, context);
        header = Arrays.copyOf(salt, HEADER_BYTES);
        System.arraycopy(keys.commitment, 0, header, ChunkKeys.SALT_BYTES, ChunkKeys.COMMITMENT_BYTES);
    }

    /**
     * @param key     32 bytes, uniformly random; may be used for several streams, each has its own salt
     * @param context what the stream belongs to (here: the hash of the core); opening needs the same
     */
    public static ChunkedSealer start(SecretBytes key, Bytes context, Randomness randomness) {
        return new ChunkedSealer(key, context, randomness.bytes(ChunkKeys.SALT_BYTES));
    }

    /** With the salt given, 24 bytes, for vectors; a repeated one under the same key shows the text. */
    static ChunkedSealer start(SecretBytes key, Bytes context, byte[] salt) {
        Invariant.check(salt.length == ChunkKeys.SALT_BYTES, "salt of %d bytes", salt.length);
        return new ChunkedSealer(key, context, salt);
    }

    /** Bytes of the whole stream for a plaintext of this length. */
    public static long sealedLength(long plaintextLength) {
        return HEADER_BYTES + plaintextLength + (plaintextLength / ChunkKeys.CHUNK_BYTES + 1) * AesGcm.TAG_BYTES;
    }

    /** Bytes of plaintext in a stream of this length, or −1 when no plaintext has it. */
    public static long plaintextLength(long sealedLength) {
        long chunks = sealedLength - HEADER_BYTES;
        long tail = chunks % ChunkKeys.SEALED_CHUNK_BYTES;
        return chunks < AesGcm.TAG_BYTES || tail < AesGcm.TAG_BYTES
                ? -1
                : chunks - (chunks / ChunkKeys.SEALED_CHUNK_BYTES + 1) * AesGcm.TAG_BYTES;
    }

    /** The most that {@link #seal} writes for {@code length} bytes: room for the pending ones too. */
    public static int sealedBytesMax(int length) {
        return Math.toIntExact((length / ChunkKeys.CHUNK_BYTES + 1L) * ChunkKeys.SEALED_CHUNK_BYTES);
    }

    /** The first {@link #HEADER_BYTES} bytes of the stream; a copy. */
    public byte[] header() {
        return header.clone();
    }

    /**
     * Takes {@code length} bytes and writes the chunks that became full to {@code out}, which must not overlap {@code in}.
     *
     * @return bytes written, 0 while a chunk is filling; at most {@link #sealedBytesMax}
     */
    public int seal(byte[] in, int offset, int length, byte[] out, int outOffset) {
        Invariant.check(!finished, "stream already finished");
        int from = offset;
        int left = length;
        int written = 0;
        if (pendingSize > 0) {
            int taken = Math.min(left, ChunkKeys.CHUNK_BYTES - pendingSize);
            keep(in, from, taken);
            from += taken;
            left -= taken;
            if (pendingSize < ChunkKeys.CHUNK_BYTES) {
                return 0;
            }
            written += chunk(pending, 0, ChunkKeys.CHUNK_BYTES, out, outOffset);
            pendingSize = 0;
        }
        for (; left >= ChunkKeys.CHUNK_BYTES; from += ChunkKeys.CHUNK_BYTES, left -= ChunkKeys.CHUNK_BYTES) {
            written += chunk(in, from, ChunkKeys.CHUNK_BYTES, out, outOffset + written);
        }
        keep(in, from, left);
        return written;
    }

    /** Writes the last chunk, 16 to {@link #FINISH_BYTES_MAX} bytes, and ends the stream. */
    public int finish(byte[] out, int outOffset) {
        Invariant.check(!finished, "stream already finished");
        finished = true;
        int written = chunk(pending, 0, pendingSize, out, outOffset);
        Arrays.fill(pending, (byte) 0);
        return written;
    }

    /** Header and all chunks of a text held in memory, in one go. */
    public static Bytes sealAll(SecretBytes key, Bytes context, byte[] plaintext, Randomness randomness) {
        ChunkedSealer sealer = start(key, context, randomness);
        byte[] out = new byte[Math.toIntExact(sealedLength(plaintext.length))];
        System.arraycopy(sealer.header, 0, out, 0, HEADER_BYTES);
        int size = HEADER_BYTES;
        int whole = plaintext.length - plaintext.length % ChunkKeys.CHUNK_BYTES;
        size += sealer.seal(plaintext, 0, whole, out, size);
        sealer.finished = true;
        size += sealer.chunk(plaintext, whole, plaintext.length - whole, out, size);
        Invariant.check(size == out.length, "sealed %d of %d bytes", size, out.length);
        return Bytes.ofOwned(out);
    }

    private void keep(byte[] in, int offset, int length) {
        if (length == 0) {
            return;
        }
        // Small streams pay for small buffers only.
        if (pending.length < pendingSize + length) {
            byte[] larger = new byte[pendingSize + length <= 2_048 ? 2_048 : ChunkKeys.CHUNK_BYTES];
            System.arraycopy(pending, 0, larger, 0, pendingSize);
            Arrays.fill(pending, (byte) 0);
            pending = larger;
        }
        System.arraycopy(in, offset, pending, pendingSize, length);
        pendingSize += length;
    }

    private int chunk(byte[] in, int offset, int length, byte[] out, int outOffset) {
        try {
            return keys.next(in, offset, length, out, outOffset);
        } catch (AEADBadTagException e) {
            throw new Bug("sealing compares no tag", e);
        }
    }
}
