package lienthong.gateway.envelope;

import java.io.IOException;

/** Where the ciphertext of a {@link LargeSealing} goes. */
public interface SealedSink {
    /** The next bytes, in order; the array is used again after the call. */
    void write(byte[] bytes, int offset, int length) throws IOException;
}
