package lienthong.gateway.directory;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CertificateChain;
import lienthong.gateway.crypto.CertificateIssuer;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.crypto.DoubleVerifier;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.directory.CertificateRecord.Purpose;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/** The signatures and certificates this room relies on, each checked in one place. Stateless. */
final class Proofs {
    private static final String NODE_TLS = "node TLS ";
    private static final String CLIENT_TLS = "client TLS ";
    private static final String ENROLMENT_TLS = "enrolment TLS ";
    private static final String EVIDENCE = "node evidence ";
    private static final String ADDRESS = "address ";

    private Proofs() {}

    /** Both of the authority's signatures. */
    static boolean bothSign(NetworkRoot root, Bytes text, DoubleSignature signatures) {
        return DoubleVerifier.parse(root.p384Key(), root.mldsa87Key())
                .fold(verifier -> verifier.verifies(text, signatures), no -> false);
    }

    /** The root CA's key is the elliptic half of the authority's. */
    static boolean isRootCa(Certificate ca, NetworkRoot root) {
        return ca.hash().equals(root.ca())
                && ca.isCa()
                && ca.isSignedBy(ca)
                && ca.publicKey().publicKeyInfo().equals(root.p384Key())
                && ca.organisationalUnits().size() == 1;
    }

    static boolean isCrlOf(Bytes der, Certificate ca) {
        return RevocationList.parse(der).fold(list -> list.isSignedBy(ca), no -> false);
    }

    /** The common name that a leaf of this purpose and holder must carry: a key made for one purpose cannot serve another. */
    static String commonName(Purpose purpose, Address holder) {
        return switch (purpose) {
            case ADDRESS -> ADDRESS + holder;
            case NODE_TLS -> NODE_TLS + holder;
            case EVIDENCE -> EVIDENCE + holder;
            case CLIENT_TLS -> CLIENT_TLS + holder;
        };
    }

    /**
     * Whether a leaf is what its record says: issued by one of the office's CAs, for this purpose and holder. Dates are judged at use: a record
     * outlives its certificate.
     *
     * @return the CA that issued it
     */
    static Result<Certificate> issuerOf(CertificateRecord record, Directory directory) {
        OrganisationId office = record.holder().organisation();
        Certificate leaf = record.certificate();
        boolean named = leaf.organisation()
                        .filter(CertificateIssuer.ORGANISATION::equals)
                        .isPresent()
                && leaf.organisationalUnits().size() == 2
                && leaf.organisationalUnits().get(1).equals(office.text())
                && leaf.commonName()
                        .filter(commonName(record.purpose(), record.holder())::equals)
                        .isPresent();
        if (!named) {
            return Result.no(
                    ErrorCode.DIRECTORY_INVALID, "{0}: the certificate is made for something else", record.holder());
        }
        for (Certificate ca : directory.casOf(office)) {
            if (leaf.isSignedBy(ca)) {
                // Whether there was any moment at which all three held: the office's clock may be behind the
                // authority's.
                Instant begun = Stream.of(leaf, ca, directory.rootCa())
                        .map(Certificate::notBefore)
                        .max(Instant::compareTo)
                        .orElseThrow();
                return CertificateChain.validate(leaf, ca, Optional.of(directory.rootCa()), begun)
                        .map(chain -> ca)
                        .fold(
                                Result::ok,
                                refusal -> Result.no(
                                        ErrorCode.DIRECTORY_INVALID, "{0}: {1}", record.holder(), refusal.about()));
            }
        }
        return Result.no(
                ErrorCode.DIRECTORY_INVALID,
                "{0}: not certified by a CA that the directory lists for it",
                record.holder());
    }

    /** See {@link DirectoryView#tlsPeer}. */
    static Result<DirectoryView.TlsPeer> tlsPeer(DirectoryView view, List<Bytes> chain, Instant now) {
        Directory directory = view.directory();
        if (chain.isEmpty()) {
            return Result.no(ErrorCode.WHO_ARE_YOU, "no certificate");
        }
        Result<Certificate> parsed = Certificate.parse(chain.get(0));
        if (!(parsed instanceof Result.Ok<Certificate> ok)) {
            return Result.no(ErrorCode.WHO_ARE_YOU, parsed.refusal().about());
        }
        Certificate leaf = ok.value();
        List<String> units = leaf.organisationalUnits();
        String name = leaf.commonName().orElse("");
        Result<OrganisationId> office =
                units.size() == 2 ? OrganisationId.parse(units.get(1)) : Result.no(ErrorCode.WHO_ARE_YOU, "no office");
        if (!(office instanceof Result.Ok<OrganisationId> known)) {
            return Result.no(ErrorCode.OTHER_NETWORK, "a certificate of another kind: {0}", leaf.subject());
        }
        Optional<Certificate> listed =
                directory.casOf(known.value()).stream().filter(leaf::isSignedBy).findFirst();
        if (listed.isEmpty()) {
            return stranger(directory, leaf, chain, now);
        }
        Certificate ca = listed.get();
        Optional<Refusal> revoked = revocationOf(view, known.value(), leaf, ca);
        if (revoked.isPresent()) {
            return Result.no(revoked.get());
        }
        Result<CertificateChain> valid = CertificateChain.validate(leaf, ca, Optional.of(directory.rootCa()), now);
        if (valid instanceof Result.No<CertificateChain> no) {
            return Result.no(no.refusal());
        }
        boolean open = directory
                .organisation(known.value())
                .filter(entry -> entry.isOpenAt(now))
                .isPresent();
        if (!open) {
            return Result.no(ErrorCode.REVOKED, "{0}: no open office", known.value());
        }
        return named(directory, known.value(), name);
    }

    private static Optional<Refusal> revocationOf(
            DirectoryView view, OrganisationId office, Certificate leaf, Certificate ca) {
        Directory directory = view.directory();
        if (directory.isRevoked(ca.hash()) || directory.isRevoked(leaf.hash())) {
            return Optional.of(Refusal.of(ErrorCode.REVOKED, "{0}: revoked by the authority", office));
        }
        return view.revocationListOf(ca.hash())
                .flatMap(list -> list.entryOf(leaf))
                .map(entry -> Refusal.of(ErrorCode.REVOKED, "{0}: revoked by its own office", office));
    }

    /** See {@link DirectoryView#revocationOf}. */
    static Optional<Refusal> revocationOf(DirectoryView view, Bytes der) {
        Directory directory = view.directory();
        if (directory.isRevoked(Hash.of(der))) {
            return Optional.of(Refusal.of(ErrorCode.REVOKED, "revoked by the authority"));
        }
        if (!(Certificate.parse(der) instanceof Result.Ok<Certificate> leaf)) {
            return Optional.empty();
        }
        List<String> units = leaf.value().organisationalUnits();
        return units.size() != 2
                ? Optional.empty()
                : OrganisationId.parse(units.get(1))
                        .fold(
                                office -> directory.casOf(office).stream()
                                        .filter(leaf.value()::isSignedBy)
                                        .findFirst()
                                        .flatMap(ca -> revocationOf(view, office, leaf.value(), ca)),
                                no -> Optional.empty());
    }

    private static Result<DirectoryView.TlsPeer> named(Directory directory, OrganisationId office, String name) {
        if (name.equals(NODE_TLS + office) && directory.node(office).isPresent()) {
            return Result.ok(new DirectoryView.TlsPeer.Node(office));
        }
        if (name.startsWith(CLIENT_TLS)) {
            Result<Address> address = Address.parse(name.substring(CLIENT_TLS.length()));
            if (address instanceof Result.Ok<Address> ok
                    && ok.value().organisation().equals(office)) {
                return Result.ok(new DirectoryView.TlsPeer.Client(ok.value()));
            }
        }
        if (name.startsWith(ENROLMENT_TLS)) {
            return Result.ok(new DirectoryView.TlsPeer.Enrolment(office));
        }
        return Result.no(ErrorCode.WHO_ARE_YOU, "{0}: no certificate for links", office);
    }

    /** Under the root all the same? Then the peer may know a newer directory, and only that is talked about. */
    private static Result<DirectoryView.TlsPeer> stranger(
            Directory directory, Certificate leaf, List<Bytes> chain, Instant now) {
        if (chain.size() < 2) {
            return Result.no(ErrorCode.OTHER_NETWORK, "no CA in the chain");
        }
        Result<Certificate> parsed = Certificate.parse(chain.get(1));
        if (!(parsed instanceof Result.Ok<Certificate> ca)) {
            return Result.no(ErrorCode.OTHER_NETWORK, parsed.refusal().about());
        }
        if (directory.isRevoked(ca.value().hash())) {
            return Result.no(ErrorCode.REVOKED, "its office's CA is revoked");
        }
        return CertificateChain.validate(leaf, ca.value(), Optional.of(directory.rootCa()), now)
                .then(valid -> leaf.commonName().orElse("").startsWith(NODE_TLS)
                        ? Result.ok(new DirectoryView.TlsPeer.Stranger(leaf.hash()))
                        : Result.no(ErrorCode.WHO_ARE_YOU, "no node's certificate"));
    }

    /** A freshness statement by a key that this directory delegates. */
    static boolean isFresh(FreshnessRecord record, Directory directory) {
        Hash id = record.signer();
        Optional<FreshnessKeyEntry> key = directory.freshnessKey(id);
        return key.isPresent()
                && !record.time().isBefore(key.get().from())
                && record.time().isBefore(key.get().until())
                && lienthong.gateway.crypto.VerifyingKey.parse(key.get().key())
                        .fold(verifier -> verifier.verifies(record.text(), record.signature()), no -> false);
    }
}
