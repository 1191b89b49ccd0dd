package lienthong.gateway.envelope;

import java.io.IOException;
import java.io.InputStream;
import lienthong.gateway.crypto.ChunkedOpener;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/** The plaintext of a ciphertext, opened chunk by chunk as it is read: constant memory. Ends with {@link Damaged} for every failure alike. */
final class PlainStream extends InputStream {
    /** Four sealed chunks: whole ones go from array to array. */
    private static final int READ_BYTES = 4 * (16 * 1024 + 16);

    private final SealedSource source;
    private final ChunkedOpener opener;
    private final byte[] in;
    private final byte[] out;
    private long offset;
    private int at;
    private int limit;
    private boolean ended;

    PlainStream(SealedSource source, SecretBytes contentKey, Hash core) {
        this.source = source;
        this.opener = ChunkedOpener.start(contentKey, core.bytes());
        int size = (int) Math.min(READ_BYTES, Math.max(1, source.length()));
        this.in = new byte[size];
        this.out = new byte[ChunkedOpener.openedBytesMax(size)];
    }

    /** The whole plaintext of a ciphertext in memory, or null. */
    static byte @org.jspecify.annotations.Nullable [] openAll(Bytes ciphertext, SecretBytes contentKey, Hash core) {
        return ChunkedOpener.openAll(contentKey, core.bytes(), ciphertext).orElse(null);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (at == limit) {
            if (ended) {
                return -1;
            }
            fill();
        }
        int size = Math.min(length, limit - at);
        System.arraycopy(out, at, into, offset, size);
        at += size;
        return size;
    }

    private void fill() throws IOException {
        at = 0;
        long left = source.length() - offset;
        int opened;
        if (left > 0) {
            int size = (int) Math.min(in.length, left);
            source.read(offset, in, 0, size);
            offset += size;
            opened = opener.open(in, 0, size, out, 0);
        } else {
            ended = true;
            opened = opener.finish(out, 0);
        }
        if (opened == ChunkedOpener.NOT_OPENED) {
            limit = 0;
            ended = true;
            throw new Damaged("chunks");
        }
        limit = opened;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }
}
