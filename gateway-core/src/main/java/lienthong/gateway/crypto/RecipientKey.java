package lienthong.gateway.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.jspecify.annotations.Nullable;

/**
 * A public key to which content keys are wrapped: belongs to one suite, checked when parsed (size, point on the curve, coefficients below q,
 * X25519 point not of low order). One of the State cipher service's suites is opaque: {@link InstalledCipher#accepts} checks it before use, where
 * there is one. Immutable, thread-safe; equal when suite and bytes are.
 */
public final class RecipientKey {
    private static final byte[] KEY_ID_LABEL = "lienthong-key 1\n".getBytes(StandardCharsets.US_ASCII);

    private final Suite suite;
    private final Bytes publicKey;
    private final @Nullable AsymmetricKeyParameter parsed;
    private volatile @Nullable Hash keyId;

    private RecipientKey(Suite suite, Bytes publicKey, @Nullable AsymmetricKeyParameter parsed) {
        this.suite = suite;
        this.publicKey = publicKey;
        this.parsed = parsed;
    }

    /** From outside; refuses with DIRECTORY_INVALID what is no key of this suite. */
    public static Result<RecipientKey> parse(Suite suite, Bytes publicKey) {
        if (suite.isProvided()) {
            return publicKey.isEmpty() || publicKey.size() > Limits.CIPHER_KEY_BYTES_MAX
                    ? Result.no(
                            ErrorCode.DIRECTORY_INVALID,
                            "recipient key of {0} bytes, suite {1} has 1 to {2}",
                            publicKey.size(),
                            suite.number(),
                            Limits.CIPHER_KEY_BYTES_MAX)
                    : Result.ok(new RecipientKey(suite, publicKey, null));
        }
        if (publicKey.size() != suite.publicKeyBytes()) {
            return Result.no(
                    ErrorCode.DIRECTORY_INVALID,
                    "recipient key of {0} bytes, suite {1} has {2}",
                    publicKey.size(),
                    suite.number(),
                    suite.publicKeyBytes());
        }
        byte[] encoded = publicKey.toArray();
        var parsed = suite.hpke().publicKey(encoded);
        // BouncyCastle compares the coefficients with q as well; that it goes on doing so is not ours to assume.
        boolean usable = parsed.isPresent()
                && (suite != Suite.HYBRID_1 || KeyAgreement.isUsableX25519(encoded, MlKem.ML_KEM_768.publicKeyBytes()))
                && (suite == Suite.CLASSIC_2 || mlKemOf(suite).isPublicKey(encoded));
        return usable
                ? Result.ok(new RecipientKey(suite, publicKey, parsed.orElseThrow()))
                : Result.no(ErrorCode.DIRECTORY_INVALID, "recipient key is no key of suite {0}", suite.number());
    }

    private static MlKem mlKemOf(Suite suite) {
        return suite == Suite.HYBRID_1 ? MlKem.ML_KEM_768 : MlKem.ML_KEM_1024;
    }

    /** From the key pair just generated or decoded. */
    static RecipientKey ofOwn(Suite suite, AsymmetricKeyParameter parsed) {
        Bytes encoded = Bytes.ofOwned(suite.hpke().encodePublic(parsed));
        Invariant.check(encoded.size() == suite.publicKeyBytes(), "public key of %d bytes", encoded.size());
        return new RecipientKey(suite, encoded, parsed);
    }

    /** The public half of a product's key. */
    static RecipientKey ofProvided(Suite suite, Bytes publicKey) {
        return new RecipientKey(suite, publicKey, null);
    }

    public Suite suite() {
        return suite;
    }

    /** {@link Suite#publicKeyBytes()} bytes, or as many as the product's keys have. */
    public Bytes publicKey() {
        return publicKey;
    }

    /** SHA-256("lienthong-key 1\n" ‖ suite number, one byte ‖ public key). */
    public Hash keyId() {
        Hash known = keyId;
        if (known == null) {
            var digest = Hash.digest();
            digest.update(KEY_ID_LABEL);
            digest.update((byte) suite.number());
            digest.update(publicKey.asBuffer());
            known = new Hash(Bytes.ofOwned(digest.digest()));
            keyId = known;
        }
        return known;
    }

    AsymmetricKeyParameter parsed() {
        AsymmetricKeyParameter own = parsed;
        if (own == null) {
            throw new Bug("a key of suite " + suite.number() + " is its product's");
        }
        return own;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecipientKey that && suite == that.suite && publicKey.equals(that.publicKey);
    }

    @Override
    public int hashCode() {
        return Objects.hash(suite, publicKey);
    }

    @Override
    public String toString() {
        return "suite " + suite.number() + " key " + keyId();
    }
}
