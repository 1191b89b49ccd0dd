package lienthong.gateway.crypto;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;

/**
 * The parameters of HPKE in base mode (RFC 9180 §5, §7; draft-ietf-hpke-pq): three IANA numbers. The product uses the three of
 * {@link Suite}; the wider list is there for the published vectors, which cover these KEMs with other KDFs and AEADs. Immutable,
 * thread-safe: BouncyCastle's object keeps state, so each use makes its own.
 */
@Immutable
final class Hpke {
    static final int AEAD_EXPORT_ONLY = 0xffff;
    private static final int KEM_P256 = 0x0010;
    private static final int KEM_P521 = 0x0012;
    private static final int KEM_X25519 = 0x0020;
    private static final int KEM_X448 = 0x0021;
    private static final int KEM_ML_KEM_512 = 0x0040;
    private static final int KEM_ML_KEM_1024 = 0x0042;
    private static final int KEM_ML_KEM_768_P256 = 0x0050;
    private static final int KEM_ML_KEM_1024_P384 = 0x0051;
    private static final int KEM_X_WING = 0x647a;

    private final int kem;
    private final int kdf;
    private final int aead;

    private Hpke(int kem, int kdf, int aead) {
        this.kem = kem;
        this.kdf = kdf;
        this.aead = aead;
    }

    /** By IANA numbers; refuses with SUITE_UNKNOWN what is not implemented, naming it. */
    static Result<Hpke> of(int kem, int kdf, int aead) {
        if (!(kem >= KEM_P256 && kem <= KEM_P521
                || kem == KEM_X25519
                || kem == KEM_X448
                || kem >= KEM_ML_KEM_512 && kem <= KEM_ML_KEM_1024
                || kem == KEM_ML_KEM_768_P256
                || kem == KEM_ML_KEM_1024_P384
                || kem == KEM_X_WING)) {
            return Result.no(
                    ErrorCode.SUITE_UNKNOWN,
                    Detail.technical(String.format(java.util.Locale.ROOT, "HPKE KEM 0x%04x", kem)));
        }
        if (kdf < 1 || kdf > 3) {
            return Result.no(
                    ErrorCode.SUITE_UNKNOWN,
                    Detail.technical(String.format(java.util.Locale.ROOT, "HPKE KDF 0x%04x", kdf)));
        }
        if (!(aead >= 1 && aead <= 3 || aead == AEAD_EXPORT_ONLY)) {
            return Result.no(
                    ErrorCode.SUITE_UNKNOWN,
                    Detail.technical(String.format(java.util.Locale.ROOT, "HPKE AEAD 0x%04x", aead)));
        }
        return Result.ok(new Hpke(kem, kdf, aead));
    }

    /** Whether these are the three numbers. */
    boolean is(int otherKem, int otherKdf, int otherAead) {
        return kem == otherKem && kdf == otherKdf && aead == otherAead;
    }

    /** Whether the KEM is a Diffie-Hellman one, whose encapsulation draws a key pair instead of plain bytes. */
    boolean isDiffieHellman() {
        return kem < KEM_ML_KEM_512;
    }

    /** Random bytes of one encapsulation: X-Wing 32 for ML-KEM and 32 for X25519; ML-KEM 32; for DHKEM what DeriveKeyPair takes. */
    int encapsulationBytes() {
        return kem == KEM_X_WING ? 64 : kem >= KEM_ML_KEM_512 ? 32 : 66;
    }

    /** Public key from its wire form (pkRm); empty for a wrong size, a point off the curve or a coefficient ≥ q. */
    Optional<AsymmetricKeyParameter> publicKey(byte[] encoded) {
        try {
            return Optional.ofNullable(engine().deserializePublicKey(encoded));
        } catch (RuntimeException malformed) {
            return Optional.empty();
        }
    }

    /** Key pair from the private key's wire form (skRm) and, where the KEM cannot derive it, the public one. */
    Optional<AsymmetricCipherKeyPair> keyPair(byte[] privateKey, byte @org.jspecify.annotations.Nullable [] publicKey) {
        try {
            return Optional.ofNullable(engine().deserializePrivateKey(privateKey, publicKey));
        } catch (RuntimeException malformed) {
            return Optional.empty();
        }
    }

    /** DeriveKeyPair(ikm), RFC 9180 §7.1.3 and draft-ietf-hpke-pq. */
    AsymmetricCipherKeyPair derive(byte[] ikm) {
        return engine().deriveKeyPair(ikm);
    }

    byte[] encodePublic(AsymmetricKeyParameter key) {
        return engine().serializePublicKey(key);
    }

    byte[] encodePrivate(AsymmetricKeyParameter key) {
        return engine().serializePrivateKey(key);
    }

    /**
     * SetupBaseS with the encapsulation's randomness given (RFC 9180 §5.1.1; ikmE of the vectors). The key was checked when it was parsed, so
     * a failure is ours.
     */
    HPKEContextWithEncapsulation sender(AsymmetricKeyParameter publicKey, byte[] info, byte[] randomness) {
        HPKE engine = engine();
        return isDiffieHellman()
                ? engine.setupBaseS(publicKey, info, engine.deriveKeyPair(randomness))
                : engine.setupBaseS(publicKey, info, randomness);
    }

    /** SetupBaseS with the ephemeral key pair given (skEm of the vectors); Diffie-Hellman KEMs only. */
    HPKEContextWithEncapsulation sender(
            AsymmetricKeyParameter publicKey, byte[] info, AsymmetricCipherKeyPair ephemeral) {
        if (!isDiffieHellman()) {
            throw new Bug("ephemeral key pair for a KEM that has none");
        }
        return engine().setupBaseS(publicKey, info, ephemeral);
    }

    /** SetupBaseR (RFC 9180 §5.1.1); empty when {@code enc} is malformed or leads to an all-zero secret (§7.1.4). */
    Optional<HPKEContext> recipient(AsymmetricCipherKeyPair privateKey, byte[] enc, byte[] info) {
        try {
            return Optional.of(engine().setupBaseR(enc, privateKey, info));
        } catch (RuntimeException malformed) {
            return Optional.empty();
        }
    }

    private HPKE engine() {
        return new HPKE(HPKE.mode_base, (short) kem, (short) kdf, (short) aead);
    }
}
