package lienthong.gateway.envelope;

import java.io.IOException;
import lienthong.gateway.message.Bytes;

/** Where a ciphertext lies. Read from any thread, one read at a time. */
public interface SealedSource {
    /** All bytes. */
    long length();

    /**
     * Reads {@code size} bytes from {@code offset} into {@code into} at {@code at}; the range lies within {@link #length}.
     *
     * @throws IOException when they cannot be had: a dead disk, a file cut short
     */
    void read(long offset, byte[] into, int at, int size) throws IOException;

    /** Bytes in memory. */
    static SealedSource of(Bytes bytes) {
        return new SealedSource() {
            @Override
            public long length() {
                return bytes.size();
            }

            @Override
            public void read(long offset, byte[] into, int at, int size) {
                bytes.slice(Math.toIntExact(offset), size).copyTo(into, at);
            }
        };
    }
}
