package lienthong.gateway.link;

import java.io.IOException;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Result;

/** Where the bytes of an outgoing ciphertext come from. Read outside the loop, one read at a time. */
public interface CiphertextSource {
    /** All bytes. */
    long length();

    /**
     * Exactly {@code size} bytes from {@code offset}.
     *
     * @return the bytes, or why they cannot be had (for instance {@code SPOOL_MISSING}): the transfer ends with {@link TransferOutcome#unreadable}
     * @throws IOException a dead disk: ends the loop
     */
    Result<Bytes> read(long offset, int size) throws IOException;

    /** Bytes in memory. */
    static CiphertextSource of(Bytes bytes) {
        return new CiphertextSource() {
            @Override
            public long length() {
                return bytes.size();
            }

            @Override
            public Result<Bytes> read(long offset, int size) {
                return Result.ok(bytes.slice(Math.toIntExact(offset), size));
            }
        };
    }
}
