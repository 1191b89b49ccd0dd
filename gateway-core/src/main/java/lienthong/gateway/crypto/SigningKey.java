package lienthong.gateway.crypto;

import java.security.PrivateKey;
import java.time.Instant;
import java.util.Arrays;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Result;

/**
 * A private key with the certificate that speaks for it: signs seals and receipts as detached CMS. Own keys, RSA and post-quantum ones, and
 * keys that never leave a PKCS#11 token alike. Thread-safe as far as the token's provider is.
 */
public final class SigningKey {
    private final RawSigner signer;
    private final Certificate certificate;

    private SigningKey(RawSigner signer, Certificate certificate) {
        this.signer = signer;
        this.certificate = certificate;
    }

    /** An own key; it and the certificate must be a pair, else a {@link Bug}. */
    public static SigningKey of(OwnKey key, Certificate certificate) {
        Invariant.check(
                key.publicKey().equals(certificate.publicKey()),
                "key does not belong to certificate %s",
                certificate.hash().hex());
        return new SigningKey(key, certificate);
    }

    /**
     * A key from a PKCS#12 file or a token's key store. Elliptic and ML-DSA keys that show their bytes become own keys (deterministic
     * nonces); all others sign through the JDK's interface, and each signature is checked before it is given out.
     */
    public static SigningKey of(PrivateKey key, Certificate certificate) {
        byte[] encoded = "PKCS#8".equals(key.getFormat()) ? key.getEncoded() : null;
        if (encoded != null && !isRsa(certificate)) {
            Result<OwnKey> own = OwnKey.decode(SecretBytes.ofOwned(encoded));
            Arrays.fill(encoded, (byte) 0);
            if (own.isOk()) {
                return of(own.orBug(), certificate);
            }
        }
        return new SigningKey(new JdkKey(key, certificate.publicKey()), certificate);
    }

    private static boolean isRsa(Certificate certificate) {
        return certificate.publicKeyAlgorithm() == KeyAlgorithm.RSA_PKCS1
                || certificate.publicKeyAlgorithm() == KeyAlgorithm.RSA_PSS;
    }

    public Certificate certificate() {
        return certificate;
    }

    public KeyAlgorithm algorithm() {
        return certificate.publicKeyAlgorithm();
    }

    /**
     * Detached CMS SignedData over {@code content} (RFC 5652) with CAdES-B signed attributes (ETSI EN 319 122-1): content type, message
     * digest, signing time, signing certificate v2. One signer, no certificates inside, no unsigned attributes, DER: 300 to 600 bytes with a
     * classical key. What it says about time is a claim.
     *
     * @param claimedTime to the second; the rest is cut off
     * @throws TokenAway when the key's token does not answer
     */
    public Bytes signCms(Bytes content, Instant claimedTime) {
        byte[] attributes = CmsForm.signedAttributes(certificate, content, claimedTime);
        return CmsForm.encode(certificate, attributes, signer.sign(attributes));
    }

    /** The same with a token's absence as a value: TOKEN_AWAY. */
    public Result<Bytes> trySignCms(Bytes content, Instant claimedTime) {
        try {
            return Result.ok(signCms(content, claimedTime));
        } catch (TokenAway away) {
            return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
        }
    }

    /** A bare signature over {@code content}, as {@link OwnKey#sign}; what is signed must say in its first line what it is. */
    public Bytes sign(Bytes content) {
        return Bytes.ofOwned(signer.sign(content.toArray()));
    }
}
