package lienthong.gateway.crypto;

import com.google.errorprone.annotations.Immutable;
import java.util.List;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Result;
import org.jspecify.annotations.Nullable;

/**
 * What an envelope names by one number. The number fixes every algorithm; nothing is negotiated. Three are the gateway's own, with one content
 * encryption ({@link ChunkedSealer}); those from {@link #PROVIDED_FROM} on are products of the State cipher service, of which only
 * {@link InstalledCipher} knows more than the number. One object for each number: compare with {@code ==}. Ordered by number.
 *
 * <p>Source: docs/spec/envelope.md; RFC 9180; draft-connolly-cfrg-xwing-kem; draft-ietf-hpke-pq; FIPS 203.
 */
@Immutable
public final class Suite implements Comparable<Suite> {
    /** Default: X-Wing (X25519 with ML-KEM-768), HKDF-SHA256, export-only. */
    public static final Suite HYBRID_1 = new Suite(1, 0x647a, 1, 1_120, 1_216, 32);
    /** Only where policy switches it on: DHKEM(P-256), HKDF-SHA256, export-only. */
    public static final Suite CLASSIC_2 = new Suite(2, 0x0010, 1, 65, 65, 32);
    /** Archives of thirty years: ML-KEM-1024, HKDF-SHA384, export-only; a post-quantum seal is required beside the classical one. */
    public static final Suite ARCHIVE_3 = new Suite(3, 0x0042, 2, 1_568, 1_568, 64);

    /** First number of the State cipher service's. */
    public static final int PROVIDED_FROM = 0x80;
    /** Last number of all. */
    public static final int NUMBER_MAX = 0xFF;

    private static final List<Suite> OWN = List.of(HYBRID_1, CLASSIC_2, ARCHIVE_3);
    private static final List<Suite> PROVIDED = java.util.stream.IntStream.rangeClosed(PROVIDED_FROM, NUMBER_MAX)
            .mapToObj(Suite::new)
            .toList();

    private final int number;
    private final @Nullable Hpke hpke;
    private final int encBytes;
    private final int publicKeyBytes;
    private final int privateKeyBytes;

    private Suite(int number, int kem, int kdf, int encBytes, int publicKeyBytes, int privateKeyBytes) {
        this.number = number;
        this.hpke = Hpke.of(kem, kdf, Hpke.AEAD_EXPORT_ONLY).orBug();
        this.encBytes = encBytes;
        this.publicKeyBytes = publicKeyBytes;
        this.privateKeyBytes = privateKeyBytes;
    }

    private Suite(int provided) {
        this.number = provided;
        this.hpke = null;
        this.encBytes = 0;
        this.publicKeyBytes = 0;
        this.privateKeyBytes = 0;
    }

    /**
     * By number. Those of the State cipher service are known to everybody, so that relays carry them; whether one can be used here, says
     * {@link InstalledCipher}.
     *
     * @return SUITE_UNKNOWN for 4 to 127 and what is no number of a suite
     */
    public static Result<Suite> ofNumber(int number) {
        if (number >= PROVIDED_FROM && number <= NUMBER_MAX) {
            return Result.ok(PROVIDED.get(number - PROVIDED_FROM));
        }
        for (Suite suite : OWN) {
            if (suite.number == number) {
                return Result.ok(suite);
            }
        }
        return Result.no(ErrorCode.SUITE_UNKNOWN, "suite {0}", number);
    }

    /** The gateway's own, by number. */
    public static List<Suite> own() {
        return OWN;
    }

    /** As written in a core, 1 to 255. */
    public int number() {
        return number;
    }

    /** Whether it is a product of the State cipher service. */
    public boolean isProvided() {
        return number >= PROVIDED_FROM;
    }

    /** Size of HPKE's {@code enc}; of own suites. */
    public int encBytes() {
        return own(encBytes);
    }

    /** Size of a recipient's public key; of own suites. */
    public int publicKeyBytes() {
        return own(publicKeyBytes);
    }

    /** Size of a recipient's private key: a seed (suites 1 and 3) or a scalar (suite 2); of own suites. */
    public int privateKeyBytes() {
        return own(privateKeyBytes);
    }

    /** Whether a seal must come with a second, post-quantum one. */
    public boolean needsPostQuantumSeal() {
        return this == ARCHIVE_3;
    }

    Hpke hpke() {
        Hpke own = hpke;
        if (own == null) {
            throw new Bug("suite " + number + " is not HPKE's");
        }
        return own;
    }

    private int own(int size) {
        Invariant.check(!isProvided(), "sizes of suite %d are its product's", number);
        return size;
    }

    @Override
    public int compareTo(Suite other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "suite " + number;
    }
}
