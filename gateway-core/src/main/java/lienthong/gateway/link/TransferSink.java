package lienthong.gateway.link;

import java.io.IOException;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;

/**
 * Where the ciphertext of one arriving large envelope goes. All calls come outside the loop, one after another (a lane of the loop), and end
 * with exactly one of {@link #finish}, {@link #suspend}, {@link #discard}; only when the session ended while it finished, {@code suspend} follows
 * {@code finish}, and the next session may resume at the full length. A refusal gives up this transfer and nothing else: the peer is told to come
 * again later, {@code suspend} follows. An {@link IOException} is a dead disk and ends the loop.
 */
public interface TransferSink {
    /** The next bytes, or why there is no room for them: {@code offset} is where the last write ended, or the accepted offset. {@code data} may be kept. */
    Optional<Refusal> write(long offset, Bytes data) throws IOException;

    /** All bytes are written: makes them durable and says what they are. */
    Result<Received> finish() throws IOException;

    /** The session ended in the middle: keeps what can be resumed (whole blocks, durable). */
    void suspend() throws IOException;

    /** The transfer was given up for good: forgets it. */
    void discard() throws IOException;

    /**
     * A whole ciphertext.
     *
     * @param place where it lies
     * @param root RFC 9162 root over blocks of {@code Limits.CIPHERTEXT_BLOCK_BYTES}
     */
    record Received(SealedEnvelope.Ciphertext place, Hash root) {}
}
