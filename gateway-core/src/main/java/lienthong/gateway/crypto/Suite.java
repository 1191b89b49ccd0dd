package lienthong.gateway.crypto;

import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;

/**
 * What an envelope names by one number. The number fixes every algorithm; nothing is negotiated. Content encryption is the same in all three
 * ({@link ChunkedSealer}). Source: docs/spec/envelope.md; RFC 9180; draft-connolly-cfrg-xwing-kem; draft-ietf-hpke-pq; FIPS 203.
 */
public enum Suite {
    /** Default: X-Wing (X25519 with ML-KEM-768), HKDF-SHA256, export-only. */
    HYBRID_1(1, 0x647a, 1, 1_120, 1_216, 32),
    /** Only where policy switches it on: DHKEM(P-256), HKDF-SHA256, export-only. */
    CLASSIC_2(2, 0x0010, 1, 65, 65, 32),
    /** Archives of thirty years: ML-KEM-1024, HKDF-SHA384, export-only; a post-quantum seal is required beside the classical one. */
    ARCHIVE_3(3, 0x0042, 2, 1_568, 1_568, 64);

    private final int number;
    private final Hpke hpke;
    private final int encBytes;
    private final int publicKeyBytes;
    private final int privateKeyBytes;

    Suite(int number, int kem, int kdf, int encBytes, int publicKeyBytes, int privateKeyBytes) {
        this.number = number;
        this.hpke = Hpke.of(kem, kdf, Hpke.AEAD_EXPORT_ONLY).orBug();
        this.encBytes = encBytes;
        this.publicKeyBytes = publicKeyBytes;
        this.privateKeyBytes = privateKeyBytes;
    }

    /** Refuses with SUITE_UNKNOWN; 0x80 to 0xFF are reserved for providers of the State cipher service and unknown here too. */
    public static Result<Suite> ofNumber(int number) {
        for (Suite suite : values()) {
            if (suite.number == number) {
                return Result.ok(suite);
            }
        }
        return Result.no(ErrorCode.SUITE_UNKNOWN, "suite " + number);
    }

    /** As written in a core, 1 to 255. */
    public int number() {
        return number;
    }

    /** Size of HPKE's {@code enc}. */
    public int encBytes() {
        return encBytes;
    }

    /** Size of a recipient's public key. */
    public int publicKeyBytes() {
        return publicKeyBytes;
    }

    /** Size of a recipient's private key: a seed (suites 1 and 3) or a scalar (suite 2). */
    public int privateKeyBytes() {
        return privateKeyBytes;
    }

    /** Whether a seal must come with a second, post-quantum one. */
    public boolean needsPostQuantumSeal() {
        return this == ARCHIVE_3;
    }

    Hpke hpke() {
        return hpke;
    }
}
