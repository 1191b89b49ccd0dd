package lienthong.gateway.crypto;

import java.util.Arrays;
import java.util.Optional;
import lienthong.gateway.cipher.CipherProvider;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.jspecify.annotations.Nullable;

/**
 * The private half of a {@link RecipientKey}: an epoch key. Holds the short form (X-Wing: 32-byte seed; P-256: 32-byte scalar; ML-KEM-1024:
 * 64-byte seed d ‖ z) and the expanded one, so that opening many slots expands once; of the State cipher service's suites, what its product
 * gave. Thread-safe.
 */
public final class RecipientPrivateKey {
    private final SecretBytes encoded;
    private final RecipientKey publicKey;
    private volatile @Nullable AsymmetricCipherKeyPair pair;
    private final @Nullable ProvidedKey provided;

    /** A product's key, and the product. */
    record ProvidedKey(InstalledCipher cipher, CipherProvider.PrivateKey key) {}

    private RecipientPrivateKey(
            SecretBytes encoded,
            RecipientKey publicKey,
            @Nullable AsymmetricCipherKeyPair pair,
            @Nullable ProvidedKey provided) {
        this.encoded = encoded;
        this.publicKey = publicKey;
        this.pair = pair;
        this.provided = provided;
    }

    static RecipientPrivateKey ofProvided(SecretBytes encoded, RecipientKey publicKey, ProvidedKey key) {
        return new RecipientPrivateKey(encoded, publicKey, null, key);
    }

    /** Of an own suite; the product's: {@link InstalledCipher#generateKey}. */
    public static RecipientPrivateKey generate(Suite suite, Randomness randomness) {
        if (suite == Suite.CLASSIC_2) {
            byte[] ikm = randomness.bytes(32);
            Hpke hpke = suite.hpke();
            byte[] scalar = hpke.encodePrivate(hpke.derive(ikm).getPrivate());
            Arrays.fill(ikm, (byte) 0);
            return decode(suite, SecretBytes.ofOwned(scalar)).orBug();
        }
        return decode(suite, SecretBytes.random(suite.privateKeyBytes(), randomness))
                .orBug();
    }

    /** From {@link #encode()}, of an own suite; DIRECTORY_INVALID when it is no private key of this suite. Keeps {@code encoded}, which must not be destroyed. */
    public static Result<RecipientPrivateKey> decode(Suite suite, SecretBytes encoded) {
        if (encoded.size() != suite.privateKeyBytes()) {
            return Result.no(
                    ErrorCode.DIRECTORY_INVALID,
                    "private key of {0} bytes for suite {1}",
                    encoded.size(),
                    suite.number());
        }
        var pair = suite.hpke().keyPair(encoded.inner(), null);
        return pair.isPresent()
                ? Result.ok(new RecipientPrivateKey(
                        encoded, RecipientKey.ofOwn(suite, pair.get().getPublic()), pair.get(), null))
                : Result.no(ErrorCode.DIRECTORY_INVALID, "no private key of suite {0}", suite.number());
    }

    public Suite suite() {
        return publicKey.suite();
    }

    public RecipientKey publicKey() {
        return publicKey;
    }

    /** Where it is a product's: the product. */
    public Optional<InstalledCipher> cipher() {
        return Optional.ofNullable(provided).map(ProvidedKey::cipher);
    }

    /**
     * {@link Suite#privateKeyBytes()} bytes, or what the product gave, to be kept under a {@link PassphraseBox} or a token's wrap. A copy: destroy it
     * after use.
     */
    public SecretBytes encode() {
        return SecretBytes.ofOwned(encoded.inner().clone());
    }

    /** Overwrites the short form and lets go of the expanded one; afterwards nothing opens with it. */
    public void destroy() {
        encoded.destroy();
        pair = null;
        if (provided != null) {
            provided.cipher().destroy(provided.key());
        }
    }

    /** Empty after its destruction, which may come while an opener on another thread has this object in hand. */
    Optional<AsymmetricCipherKeyPair> pair() {
        return Optional.ofNullable(pair);
    }

    /** Likewise, of a product's key. */
    Optional<CipherProvider.PrivateKey> provided() {
        return provided == null || encoded.isDestroyed() ? Optional.empty() : Optional.of(provided.key());
    }
}
