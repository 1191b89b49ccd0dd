package lienthong.gateway.identity;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.directory.CertificateRecord;
import lienthong.gateway.directory.CertificateRecord.Purpose;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Result;

/**
 * A private key, its certificate and the record that publishes it: one file, so that a crash leaves all of the old or all of the new.
 *
 * @param key the private key
 * @param certificate of it
 * @param record {@link CertificateRecord} as it travels
 */
record KeyPair(OwnKey key, Certificate certificate, Bytes record) {
    /** The first of a key set: its record is signed by itself. */
    static KeyPair first(
            Hash network, Purpose purpose, Address holder, OwnKey key, Certificate certificate, Instant now) {
        return of(network, purpose, holder, key, certificate, Optional.empty(), SigningKey.of(key, certificate), now);
    }

    /** The one after this: its record is signed by this one. */
    KeyPair next(Hash network, Purpose purpose, Address holder, OwnKey newKey, Certificate issued, Instant now) {
        return of(network, purpose, holder, newKey, issued, Optional.of(certificate.hash()), signing(), now);
    }

    private static KeyPair of(
            Hash network,
            Purpose purpose,
            Address holder,
            OwnKey key,
            Certificate certificate,
            Optional<Hash> previous,
            SigningKey signer,
            Instant now) {
        Bytes text = CertificateRecord.text(network, purpose, holder, certificate.hash(), previous);
        CertificateRecord record =
                CertificateRecord.of(network, purpose, holder, certificate, previous, signer.signCms(text, now));
        return new KeyPair(key, certificate, record.toBytes());
    }

    SigningKey signing() {
        return SigningKey.of(key, certificate);
    }

    SecretBytes encode() {
        SecretBytes bare = key.encode();
        SecretBytes joined = Secrets.join(List.of(bare, Secrets.of(certificate.der()), Secrets.of(record)));
        bare.destroy();
        return joined;
    }

    static Result<KeyPair> decode(SecretBytes encoded, String name) {
        Optional<List<SecretBytes>> parts = Secrets.split(encoded, 3);
        if (parts.isEmpty()) {
            return Result.no(ErrorCode.RECORD_DAMAGED, "key file {0} is damaged", name);
        }
        return OwnKey.decode(parts.get().get(0))
                .then(key -> Certificate.parse(Secrets.reveal(parts.get().get(1)))
                        .map(certificate -> new KeyPair(
                                key, certificate, Secrets.reveal(parts.get().get(2)))));
    }
}
