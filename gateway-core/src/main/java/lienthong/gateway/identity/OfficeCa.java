package lienthong.gateway.identity;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CertificateIssuer;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.directory.CertificateRecord.Purpose;
import lienthong.gateway.directory.CrlRecord;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;

/** An office's own small CA: issues and renews the office's leaves and its revocation list, so that the authority may stay offline. */
final class OfficeCa {
    /** A year and a month: renewed {@link #RENEW_BEFORE} its end. */
    static final Duration LEAF_VALID = Duration.ofDays(397);
    /** Embedded clients are enrolled by hand; their office can revoke them any day. */
    static final Duration CLIENT_VALID = Duration.ofDays(5 * 365);

    static final Duration LIST_VALID = Duration.ofDays(397);
    static final Duration RENEW_BEFORE = Duration.ofDays(60);
    /** Clocks of two offices differ: a certificate is valid a little before it was made. */
    static final Duration CLOCK_SLACK = Duration.ofHours(1);

    private final OrganisationId office;
    private final Certificate certificate;
    private final OwnKey key;
    private final CertificateIssuer issuer;

    OfficeCa(OrganisationId office, Certificate certificate, OwnKey key, Randomness randomness) {
        this.office = office;
        this.certificate = certificate;
        this.key = key;
        this.issuer = CertificateIssuer.of(SigningKey.of(key, certificate), randomness);
    }

    OrganisationId office() {
        return office;
    }

    Certificate certificate() {
        return certificate;
    }

    /** A leaf of this purpose, valid from a little ago; never beyond the CA itself. */
    Certificate issue(Purpose purpose, Address holder, Bytes publicKeyInfo, Instant now) {
        Instant from = now.minus(CLOCK_SLACK);
        Instant until =
                end(now, purpose == Purpose.CLIENT_TLS || !holder.mailbox().isEmpty() ? CLIENT_VALID : LEAF_VALID);
        String name = holder.toString();
        return switch (purpose) {
            case ADDRESS -> issuer.addressSigning(name, publicKeyInfo, from, until);
            case NODE_TLS -> issuer.nodeTls(name, publicKeyInfo, from, until);
            case EVIDENCE -> issuer.nodeEvidence(name, publicKeyInfo, from, until);
            case CLIENT_TLS -> issuer.clientTls(name, publicKeyInfo, from, until);
        };
    }

    /** For one enrolment session. */
    Certificate issueEnrolment(Address holder, Bytes publicKeyInfo, Instant now, Instant until) {
        return issuer.enrolmentTls(holder.toString(), publicKeyInfo, now.minus(CLOCK_SLACK), until);
    }

    private Instant end(Instant now, Duration wanted) {
        Instant until = now.plus(wanted);
        return until.isBefore(certificate.notAfter()) ? until : certificate.notAfter();
    }

    /** The first list of this CA, empty. */
    CrlRecord firstList(Hash network, Instant now) {
        return list(network, BigInteger.ONE, List.of(), now);
    }

    /** The list after {@code before}, with more revoked; what is listed already stays as it is. */
    CrlRecord nextList(Hash network, RevocationList before, List<RevocationList.Entry> more, Instant now) {
        List<RevocationList.Entry> entries = new ArrayList<>(before.entries().values());
        more.stream()
                .filter(entry -> !before.entries().containsKey(entry.serial()))
                .forEach(entries::add);
        return list(network, before.number().add(BigInteger.ONE), entries, now);
    }

    private CrlRecord list(Hash network, BigInteger number, List<RevocationList.Entry> entries, Instant now) {
        return CrlRecord.of(
                network,
                certificate.hash(),
                issuer.revocationList(number, entries, now.minus(CLOCK_SLACK), end(now, LIST_VALID)));
    }

    SecretBytes encode() {
        SecretBytes bare = key.encode();
        SecretBytes joined = Secrets.join(List.of(bare, Secrets.of(certificate.der())));
        bare.destroy();
        return joined;
    }

    static Result<OfficeCa> decode(OrganisationId office, SecretBytes encoded, Randomness randomness) {
        Optional<List<SecretBytes>> parts = Secrets.split(encoded, 2);
        if (parts.isEmpty()) {
            return Result.no(ErrorCode.RECORD_DAMAGED, "{0}: the file of its CA is damaged", office);
        }
        return OwnKey.decode(parts.get().get(0))
                .then(key -> Certificate.parse(Secrets.reveal(parts.get().get(1)))
                        .map(certificate -> new OfficeCa(office, certificate, key, randomness)));
    }
}
