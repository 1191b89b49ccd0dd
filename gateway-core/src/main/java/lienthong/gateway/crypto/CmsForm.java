package lienthong.gateway.crypto;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.Optional;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.IssuerAndSerialNumber;
import org.bouncycastle.asn1.cms.SignedData;
import org.bouncycastle.asn1.cms.SignerInfo;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * The one form of our CMS. Everything in it follows from content, certificate, time and signature value, so a checker builds the form anew
 * and compares all bytes: there is no second spelling.
 *
 * <pre>
 * ContentInfo { signedData, SignedData {
 *   version 1, digestAlgorithms { hash }, encapContentInfo { data },         -- no content, no certificates, no CRLs
 *   signerInfos { SignerInfo { version 1, issuerAndSerialNumber, hash,
 *     signedAttrs { contentType data, signingTime, messageDigest, signingCertificateV2 { SHA-256 of the certificate } },
 *     signatureAlgorithm, signature } } } }                                  -- no unsigned attributes
 * </pre>
 *
 * Source: RFC 5652 §5, RFC 5754 (hash and signature identifiers), RFC 5035 (signing certificate), RFC 9882 (ML-DSA), ETSI EN 319 122-1.
 */
final class CmsForm {
    private static final ASN1Integer VERSION_1 = new ASN1Integer(1);

    private CmsForm() {}

    /** What a received CMS adds to what is known anyway. */
    record Received(Instant time, Bytes signature) {}

    /** The DER SET that is signed (RFC 5652 §5.4). */
    static byte[] signedAttributes(Certificate signer, Bytes content, Instant claimedTime) {
        ASN1EncodableVector attributes = new ASN1EncodableVector();
        attributes.add(attribute(CMSAttributes.contentType, CMSObjectIdentifiers.data));
        attributes.add(
                attribute(CMSAttributes.signingTime, new Time(Date.from(claimedTime.truncatedTo(ChronoUnit.SECONDS)))));
        attributes.add(attribute(
                CMSAttributes.messageDigest,
                new DEROctetString(signer.publicKeyAlgorithm().digest.of(content.toArray()))));
        attributes.add(attribute(
                PKCSObjectIdentifiers.id_aa_signingCertificateV2,
                new SigningCertificateV2(new ESSCertIDv2(signer.hash().bytes().toArray()))));
        return encode(new DERSet(attributes));
    }

    private static Attribute attribute(ASN1ObjectIdentifier type, ASN1Encodable value) {
        return new Attribute(type, new DERSet(value));
    }

    /** The whole, from the attributes just signed. */
    static Bytes encode(Certificate signer, byte[] signedAttributes, byte[] signature) {
        AlgorithmIdentifier digest = new AlgorithmIdentifier(signer.publicKeyAlgorithm().digest.oid);
        ASN1EncodableVector info = new ASN1EncodableVector();
        info.add(VERSION_1);
        info.add(new IssuerAndSerialNumber(signer.issuerName(), signer.serial()));
        info.add(digest);
        info.add(new DERTaggedObject(false, 0, ASN1Set.getInstance(signedAttributes)));
        info.add(signer.publicKeyAlgorithm().signatureIdentifier);
        info.add(new DEROctetString(signature));

        ASN1EncodableVector data = new ASN1EncodableVector();
        data.add(VERSION_1);
        data.add(new DERSet(digest));
        data.add(new DERSequence(CMSObjectIdentifiers.data));
        data.add(new DERSet(new DERSequence(info)));
        return Bytes.ofOwned(encode(new ContentInfo(CMSObjectIdentifiers.signedData, new DERSequence(data))));
    }

    /** Time and signature of something that may be a CMS of ours; whether it is, the comparison with {@link #encode} tells. */
    static Optional<Received> read(Bytes cms) {
        try {
            ContentInfo outer = ContentInfo.getInstance(ASN1Primitive.fromByteArray(cms.toArray()));
            SignedData data = SignedData.getInstance(outer.getContent());
            ASN1Set infos = data.getSignerInfos();
            if (infos.size() != 1) {
                return Optional.empty();
            }
            SignerInfo info = SignerInfo.getInstance(ASN1Sequence.getInstance(infos.getObjectAt(0)));
            for (ASN1Encodable each : info.getAuthenticatedAttributes()) {
                Attribute attribute = Attribute.getInstance(each);
                if (attribute.getAttrType().equals(CMSAttributes.signingTime)) {
                    Instant time = Time.getInstance(attribute.getAttrValues().getObjectAt(0))
                            .getDate()
                            .toInstant();
                    return Optional.of(new Received(
                            time, Bytes.copyOf(info.getEncryptedDigest().getOctets())));
                }
            }
            return Optional.empty();
        } catch (IOException | RuntimeException malformed) {
            return Optional.empty();
        }
    }

    /** The certificate hash in the signing-certificate attribute of something that may be a CMS of ours. */
    static Optional<Hash> claimedSigner(Bytes cms) {
        try {
            ContentInfo outer = ContentInfo.getInstance(ASN1Primitive.fromByteArray(cms.toArray()));
            SignerInfo info = SignerInfo.getInstance(
                    SignedData.getInstance(outer.getContent()).getSignerInfos().getObjectAt(0));
            for (ASN1Encodable each : info.getAuthenticatedAttributes()) {
                Attribute attribute = Attribute.getInstance(each);
                if (attribute.getAttrType().equals(PKCSObjectIdentifiers.id_aa_signingCertificateV2)) {
                    byte[] hash = SigningCertificateV2.getInstance(
                                    attribute.getAttrValues().getObjectAt(0))
                            .getCerts()[0]
                            .getCertHash();
                    return hash.length == Hash.SIZE_BYTES
                            ? Optional.of(new Hash(Bytes.copyOf(hash)))
                            : Optional.empty();
                }
            }
            return Optional.empty();
        } catch (IOException | RuntimeException malformed) {
            return Optional.empty();
        }
    }

    private static byte[] encode(org.bouncycastle.asn1.ASN1Object object) {
        try {
            return object.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new Bug("our own CMS does not encode", e);
        }
    }
}
