package lienthong.gateway.crypto;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;

/**
 * A leaf under its office's CA, checked: signatures, names, dates, rights, name constraints (RFC 5280 §6, narrowed to our one shape). That
 * such an object exists means that it passed; revocation is judged elsewhere, by the directory. Immutable.
 */
public final class CertificateChain {
    private final Certificate leaf;
    private final Certificate officeCa;

    private CertificateChain(Certificate leaf, Certificate officeCa) {
        this.leaf = leaf;
        this.officeCa = officeCa;
    }

    public Certificate leaf() {
        return leaf;
    }

    public Certificate officeCa() {
        return officeCa;
    }

    /**
     * Checks a leaf.
     *
     * @param officeCa the CA that the directory lists for the office
     * @param root     the authority's certificate, where the office CA is not already trusted by the directory
     * @param at       the time at which all dates must hold
     * @return CERTIFICATE_EXPIRED when only dates fail (also: not yet valid); OTHER_NETWORK, with the reason, when the chain does not hold
     */
    public static Result<CertificateChain> validate(
            Certificate leaf, Certificate officeCa, Optional<Certificate> root, Instant at) {
        return officeCa(officeCa, root, at).then(ca -> leaf(leaf, ca, at));
    }

    /** The office CA's part alone, for one that stands in a directory or an invitation. */
    public static Result<Certificate> officeCa(Certificate officeCa, Optional<Certificate> root, Instant at) {
        if (!officeCa.isCa()
                || officeCa.pathLength().filter(length -> length.signum() == 0).isEmpty()) {
            return broken("the office's certificate is not one of a CA with path length 0");
        }
        if (officeCa.hasUnknownCriticalExtension()) {
            return broken("the office CA has a critical extension that is not known");
        }
        Optional<X500Name> subtree = subtree(officeCa);
        if (subtree.isEmpty() || !isUnder(subtree.get(), officeCa.subjectName())) {
            return broken("the office CA is not constrained to the names of its office");
        }
        if (root.isPresent()) {
            Certificate top = root.get();
            if (!top.isCa() || !top.isSignedBy(top) || top.hasUnknownCriticalExtension()) {
                return broken("the root is not a self-signed CA");
            }
            if (!officeCa.isSignedBy(top)) {
                return broken("the office CA is not issued by this network's root");
            }
            if (!top.isValidAt(at)) {
                return expired(top);
            }
        }
        return officeCa.isValidAt(at) ? Result.ok(officeCa) : expired(officeCa);
    }

    private static Result<CertificateChain> leaf(Certificate leaf, Certificate officeCa, Instant at) {
        if (!leaf.isSignedBy(officeCa)) {
            return broken("the certificate is not issued by the CA listed for its office");
        }
        if (leaf.isCa() || !leaf.maySign()) {
            return broken("the certificate may not sign");
        }
        if (leaf.hasUnknownCriticalExtension()
                || leaf.nameConstraints().isPresent()
                || leaf.extension(Extension.subjectAlternativeName) != null) {
            return broken("the certificate has an extension that ours never have");
        }
        if (!isUnder(subtree(officeCa).orElseThrow(), leaf.subjectName())) {
            return broken("the certificate's name is outside its office");
        }
        return leaf.isValidAt(at) ? Result.ok(new CertificateChain(leaf, officeCa)) : expired(leaf);
    }

    /** The one permitted directory name, if the constraints are critical and say nothing else. */
    private static Optional<X500Name> subtree(Certificate ca) {
        Optional<NameConstraints> constraints = ca.nameConstraints();
        if (constraints.isEmpty()
                || !ca.inner()
                        .getTBSCertificate()
                        .getExtensions()
                        .getExtension(Extension.nameConstraints)
                        .isCritical()
                || constraints.get().getExcludedSubtrees() != null
                || constraints.get().getPermittedSubtrees() == null
                || constraints.get().getPermittedSubtrees().length != 1) {
            return Optional.empty();
        }
        GeneralSubtree only = constraints.get().getPermittedSubtrees()[0];
        return only.getBase().getTagNo() == GeneralName.directoryName
                        && only.getMaximum() == null
                        && only.getMinimum().signum() == 0
                ? Optional.of(X500Name.getInstance(only.getBase().getName()))
                : Optional.empty();
    }

    /** Whether {@code name} begins with all of {@code base}, byte for byte: both are our own encodings. */
    private static boolean isUnder(X500Name base, X500Name name) {
        RDN[] prefix = base.getRDNs();
        RDN[] all = name.getRDNs();
        // Network and office at least, and a name below them.
        if (prefix.length < 3 || all.length <= prefix.length) {
            return false;
        }
        try {
            for (int i = 0; i < prefix.length; i++) {
                if (!Arrays.equals(prefix[i].getEncoded(ASN1Encoding.DER), all[i].getEncoded(ASN1Encoding.DER))) {
                    return false;
                }
            }
            return true;
        } catch (java.io.IOException e) {
            throw new lienthong.gateway.message.Bug("a parsed name does not encode", e);
        }
    }

    private static <T> Result<T> broken(String detail) {
        return Result.no(ErrorCode.OTHER_NETWORK, Detail.technical(detail));
    }

    private static <T> Result<T> expired(Certificate certificate) {
        return Result.no(
                ErrorCode.CERTIFICATE_EXPIRED,
                "{0} is valid from {1} to {2}",
                certificate.subject(),
                certificate.notBefore(),
                certificate.notAfter());
    }
}
