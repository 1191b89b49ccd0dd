package lienthong.gateway.envelope;

import lienthong.gateway.message.Limits;

/**
 * The plaintext inside the chunked encryption. Source: docs/spec/envelope.md, "Payload".
 *
 * <pre>
 * payload = message+ ‖ 0x06 ‖ zeros                       total length = Padmé(length up to and with 0x06)
 * message = opening ‖ part* ‖ manifest
 * part    = zstd record* ‖ stored record* ‖ end           the zstd records together are one whole frame
 * record  = type (1) ‖ length (4, big-endian) ‖ body
 *
 * 0x01 opening   parts (2), then each: name length (2) ‖ name ‖ type length (2) ‖ type ‖ declared length (8)
 * 0x02 stored    1 … 65,536 bytes of the part
 * 0x03 zstd      1 … 65,536 bytes of the part's zstd frame
 * 0x04 end       empty
 * 0x05 manifest  strict text
 * </pre>
 */
final class PayloadFormat {
    static final byte OPENING = 1;
    static final byte STORED = 2;
    static final byte ZSTD = 3;
    static final byte END = 4;
    static final byte MANIFEST = 5;
    static final byte PADDING = 6;

    static final int RECORD_HEADER_BYTES = 5;
    /** A data record's body, and the sample that decides whether compression gains. */
    static final int DATA_BYTES_MAX = 64 * 1024;

    private static final int PART_HEAD_BYTES_MAX =
            2 + Limits.PART_NAME_BYTES_MAX + 2 + Limits.CONTENT_TYPE_CHARS_MAX + 8;
    static final int OPENING_BYTES_MAX = 2 + Limits.PARTS_MAX * PART_HEAD_BYTES_MAX;

    /** Largest window of a frame: 8 MiB, what RFC 8878 §3.1.1.1.2 asks every decoder to support. */
    static final long WINDOW_BYTES_MAX = 8L * 1024 * 1024;

    private PayloadFormat() {}

    /**
     * The bucket a length falls into: at most 12 % more, and only O(log log n) bits of it show.
     * Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019, §3.
     */
    static long padme(long length) {
        if (length < 2) {
            return length;
        }
        int exponent = 63 - Long.numberOfLeadingZeros(length);
        int kept = 32 - Integer.numberOfLeadingZeros(exponent);
        long mask = (1L << exponent - kept) - 1;
        return length + mask & ~mask;
    }
}
