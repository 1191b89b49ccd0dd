package lienthong.gateway.crypto;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.CertificateList;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.TBSCertList;

/** An X.509 revocation list (RFC 5280 §5), version 2, complete, not indirect. Immutable, thread-safe. */
public final class RevocationList {
    private final Bytes der;
    private final CertificateList inner;
    private final BigInteger number;
    private final Instant thisUpdate;
    private final Instant nextUpdate;
    private final Map<BigInteger, Entry> entries;

    private RevocationList(Bytes der, CertificateList inner, BigInteger number, Map<BigInteger, Entry> entries) {
        this.der = der;
        this.inner = inner;
        this.number = number;
        this.thisUpdate = inner.getThisUpdate().getDate().toInstant();
        this.nextUpdate = inner.getNextUpdate().getDate().toInstant();
        this.entries = entries;
    }

    /** The reason that says none, RFC 5280 §5.3.1. */
    public static final int UNSPECIFIED = 0;
    /** Another key has taken its place. */
    public static final int SUPERSEDED = 4;

    /**
     * One revoked certificate.
     *
     * @param at     when it was revoked
     * @param reason number of RFC 5280 §5.3.1: 0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation
     */
    public record Entry(BigInteger serial, Instant at, int reason) {}

    /**
     * From DER as received.
     *
     * @return DIRECTORY_INVALID for more than {@code Limits.DIRECTORY_BYTES_MAX} bytes, anything but one DER list of version 2 with number
     *     and next update, a serial listed twice, or a critical extension (a partial or indirect list)
     */
    public static Result<RevocationList> parse(Bytes der) {
        if (der.size() > Limits.DIRECTORY_BYTES_MAX) {
            return refuse("revocation list of " + der.size() + " bytes");
        }
        try {
            byte[] encoded = der.toArray();
            CertificateList inner = CertificateList.getInstance(ASN1Primitive.fromByteArray(encoded));
            Extensions extensions = inner.getTBSCertList().getExtensions();
            if (!Arrays.equals(inner.getEncoded(ASN1Encoding.DER), encoded)) {
                return refuse("revocation list is not DER");
            }
            if (inner.getVersionNumber() != 2
                    || inner.getSignature().getPadBits() != 0
                    || inner.getNextUpdate() == null
                    || extensions == null
                    || extensions.getCriticalExtensionOIDs().length != 0
                    || !inner.getTBSCertList().getSignature().equals(inner.getSignatureAlgorithm())) {
                return refuse("revocation list is of another kind");
            }
            BigInteger number = ASN1Integer.getInstance(
                            Extensions.getExtensionParsedValue(extensions, Extension.cRLNumber))
                    .getPositiveValue();
            Map<BigInteger, Entry> entries = new LinkedHashMap<>();
            for (TBSCertList.CRLEntry entry : inner.getRevokedCertificates()) {
                BigInteger serial = entry.getUserCertificate().getValue();
                Instant at = entry.getRevocationDate().getDate().toInstant();
                if (entries.put(serial, new Entry(serial, at, reason(entry.getExtensions()))) != null) {
                    return refuse("revocation list names a serial number twice");
                }
            }
            return Result.ok(new RevocationList(der, inner, number, Collections.unmodifiableMap(entries)));
        } catch (IOException | RuntimeException malformed) {
            return refuse("revocation list is malformed");
        }
    }

    private static int reason(@org.jspecify.annotations.Nullable Extensions extensions) {
        if (extensions == null) {
            return 0;
        }
        if (extensions.getCriticalExtensionOIDs().length != 0) {
            throw new IllegalArgumentException("critical entry extension");
        }
        ASN1Encodable value = Extensions.getExtensionParsedValue(extensions, Extension.reasonCode);
        return value == null ? 0 : ASN1Enumerated.getInstance(value).intValueExact();
    }

    private static Result<RevocationList> refuse(String detail) {
        return Result.no(ErrorCode.DIRECTORY_INVALID, Detail.technical(detail));
    }

    public Bytes der() {
        return der;
    }

    /** RFC 7468 text. */
    public String pem() {
        return Pem.encode("X509 CRL", der);
    }

    /** Only rises from list to list. */
    public BigInteger number() {
        return number;
    }

    public Instant thisUpdate() {
        return thisUpdate;
    }

    public Instant nextUpdate() {
        return nextUpdate;
    }

    /** What is revoked, by serial number, in the list's order. */
    public Map<BigInteger, Entry> entries() {
        return entries;
    }

    /** Whether and when this certificate was revoked; it must be of this list's issuer, else a {@link Bug}. */
    public Optional<Entry> entryOf(Certificate certificate) {
        if (!Arrays.equals(Certificate.nameBytes(inner.getIssuer()), Certificate.nameBytes(certificate.issuerName()))) {
            throw new Bug("certificate and revocation list have different issuers");
        }
        return Optional.ofNullable(entries.get(certificate.serial()));
    }

    /** Whether {@code ca} issued the list: named, allowed to, and its key signed. */
    public boolean isSignedBy(Certificate ca) {
        if (!ca.maySignLists()
                || !Arrays.equals(Certificate.nameBytes(inner.getIssuer()), Certificate.nameBytes(ca.subjectName()))
                || Certificate.signatureAlgorithm(inner.getSignatureAlgorithm())
                        .filter(ca.publicKeyAlgorithm()::equals)
                        .isEmpty()) {
            return false;
        }
        try {
            return ca.publicKey()
                    .verifies(
                            inner.getTBSCertList().getEncoded(ASN1Encoding.DER),
                            inner.getSignature().getOctets());
        } catch (IOException e) {
            throw new Bug("a parsed revocation list does not encode", e);
        }
    }
}
