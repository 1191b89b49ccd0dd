package lienthong.gateway.envelope;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import lienthong.gateway.crypto.ChunkedOpener;
import lienthong.gateway.crypto.ProvidedOpener;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.message.Bytes;
import org.jspecify.annotations.Nullable;

/** The plaintext of a ciphertext, opened chunk by chunk as it is read: constant memory. Ends with {@link Damaged} for every failure alike. */
final class PlainStream extends InputStream {
    /** Four sealed chunks: whole ones go from array to array. */
    private static final int READ_BYTES = 4 * (16 * 1024 + 16);

    private final SealedSource source;
    private final @Nullable ChunkedOpener opener;
    /** Instead of it, where the payload is enciphered by the State cipher service's product. */
    private final @Nullable ProvidedOpener provided;

    private final byte[] in;
    private byte[] out;
    private long offset;
    private int at;
    private int limit;
    private boolean ended;

    PlainStream(SealedSource source, OpenedSlot slot) throws IOException {
        this.source = source;
        int size = (int) Math.min(READ_BYTES, Math.max(1, source.length()));
        this.in = new byte[size];
        Bytes context = slot.envelope().core().bytes();
        if (slot.cipher().isPresent()) {
            this.opener = null;
            try {
                this.provided = slot.cipher().get().opener(slot.contentKey(), context);
            } catch (TokenAway away) {
                throw new IOException(away.getMessage(), away);
            }
            this.out = new byte[0];
        } else {
            this.opener = ChunkedOpener.start(slot.contentKey(), context);
            this.provided = null;
            this.out = new byte[ChunkedOpener.openedBytesMax(size)];
        }
    }

    /** The whole plaintext of a ciphertext in memory, or null. */
    static byte @Nullable [] openAll(Bytes ciphertext, OpenedSlot slot) throws IOException {
        if (slot.cipher().isPresent()) {
            try {
                return new PlainStream(SealedSource.of(ciphertext), slot).readAllBytes();
            } catch (Damaged notWhatItSays) {
                return null;
            }
        }
        return ChunkedOpener.openAll(slot.contentKey(), slot.envelope().core().bytes(), ciphertext)
                .orElse(null);
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
        int size = (int) Math.min(in.length, left);
        if (size > 0) {
            source.read(offset, in, 0, size);
            offset += size;
        } else {
            ended = true;
        }
        int opened = opened(size);
        if (opened == ChunkedOpener.NOT_OPENED) {
            limit = 0;
            ended = true;
            throw new Damaged("chunks");
        }
        limit = opened;
    }

    /** The text of the next bytes, or of the end when there are none, is in {@link #out}. */
    private int opened(int size) throws IOException {
        if (opener != null) {
            return size > 0 ? opener.open(in, 0, size, out, 0) : opener.finish(out, 0);
        }
        try {
            ProvidedOpener product = Objects.requireNonNull(provided);
            Optional<byte[]> text = size > 0 ? product.update(in, 0, size) : product.finish();
            out = text.orElseGet(() -> new byte[0]);
            return text.isPresent() ? out.length : ChunkedOpener.NOT_OPENED;
        } catch (TokenAway away) {
            throw new IOException(away.getMessage(), away);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }
}
