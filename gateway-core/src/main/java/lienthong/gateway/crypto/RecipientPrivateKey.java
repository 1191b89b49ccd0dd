package lienthong.gateway.crypto;

import java.util.Arrays;
import java.util.Optional;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.jspecify.annotations.Nullable;

/**
 * The private half of a {@link RecipientKey}: an epoch key. Holds the short form (X-Wing: 32-byte seed; P-256: 32-byte scalar; ML-KEM-1024:
 * 64-byte seed d ‖ z) and the expanded one, so that opening many slots expands once. Thread-safe.
 */
public final class RecipientPrivateKey {
    private final SecretBytes encoded;
    private final RecipientKey publicKey;
    private volatile @Nullable AsymmetricCipherKeyPair pair;

    private RecipientPrivateKey(SecretBytes encoded, RecipientKey publicKey, AsymmetricCipherKeyPair pair) {
        this.encoded = encoded;
        this.publicKey = publicKey;
        this.pair = pair;
    }

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

    /** From {@link #encode()}; DIRECTORY_INVALID when it is no private key of this suite. Keeps {@code encoded}, which must not be destroyed. */
    public static Result<RecipientPrivateKey> decode(Suite suite, SecretBytes encoded) {
        if (encoded.size() != suite.privateKeyBytes()) {
            return Result.no(
                    ErrorCode.DIRECTORY_INVALID,
                    "private key of " + encoded.size() + " bytes for suite " + suite.number());
        }
        var pair = suite.hpke().keyPair(encoded.inner(), null);
        return pair.isPresent()
                ? Result.ok(new RecipientPrivateKey(
                        encoded, RecipientKey.ofOwn(suite, pair.get().getPublic()), pair.get()))
                : Result.no(ErrorCode.DIRECTORY_INVALID, "no private key of suite " + suite.number());
    }

    public Suite suite() {
        return publicKey.suite();
    }

    public RecipientKey publicKey() {
        return publicKey;
    }

    /** {@link Suite#privateKeyBytes()} bytes, to be kept under a {@link PassphraseBox} or a token's wrap. A copy: destroy it after use. */
    public SecretBytes encode() {
        return SecretBytes.ofOwned(encoded.inner().clone());
    }

    /** Overwrites the short form and lets go of the expanded one; afterwards nothing opens with it. */
    public void destroy() {
        encoded.destroy();
        pair = null;
    }

    /** Empty after its destruction, which may come while an opener on another thread has this object in hand. */
    Optional<AsymmetricCipherKeyPair> pair() {
        return Optional.ofNullable(pair);
    }
}
