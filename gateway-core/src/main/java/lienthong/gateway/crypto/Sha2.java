package lienthong.gateway.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import lienthong.gateway.message.Bug;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;

/** The three hash functions in use (FIPS 180-4). */
enum Sha2 {
    SHA_256("SHA-256", "HmacSHA256", "SHA256with", 32, NISTObjectIdentifiers.id_sha256),
    SHA_384("SHA-384", "HmacSHA384", "SHA384with", 48, NISTObjectIdentifiers.id_sha384),
    SHA_512("SHA-512", "HmacSHA512", "SHA512with", 64, NISTObjectIdentifiers.id_sha512);

    final String label;
    final String hmac;
    final String signaturePrefix;
    final int sizeBytes;

    @SuppressWarnings("Immutable") // the library's class is, and does not say so
    final ASN1ObjectIdentifier oid;

    Sha2(String label, String hmac, String signaturePrefix, int sizeBytes, ASN1ObjectIdentifier oid) {
        this.label = label;
        this.hmac = hmac;
        this.signaturePrefix = signaturePrefix;
        this.sizeBytes = sizeBytes;
        this.oid = oid;
    }

    MessageDigest digest() {
        try {
            return MessageDigest.getInstance(label);
        } catch (NoSuchAlgorithmException e) {
            throw new Bug("every JDK has " + label, e);
        }
    }

    byte[] of(byte[] content) {
        return digest().digest(content);
    }

    /** BouncyCastle's form, where one of its constructions asks for it. */
    Digest engine() {
        return switch (this) {
            case SHA_256 -> new SHA256Digest();
            case SHA_384 -> new SHA384Digest();
            case SHA_512 -> new SHA512Digest();
        };
    }
}
