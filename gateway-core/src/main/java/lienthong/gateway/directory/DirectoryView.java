package lienthong.gateway.directory;

import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.CertificateRecord.Purpose;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;

/**
 * Directory and records as they were at one moment: what sealers, verifiers and judges of peers ask. Keys and certificates come from here,
 * never from a message. Immutable, thread-safe; get a new one from {@link DirectoryBook#view} after each change.
 */
public final class DirectoryView {
    /** How long the last key of a bundle stays usable when no newer is known. */
    public static final Duration LAST_KEY_STAYS = Duration.ofDays(30);

    private final Directory directory;
    private final Map<Hash, CertificateRecord> certificates;
    private final Map<Holder, CertificateRecord> current;
    private final Map<Address, KeyBundleRecord> bundles;
    private final Map<Hash, CrlRecord> lists;
    private final @Nullable FreshnessRecord freshness;

    /** Whose certificate chain of which purpose, under which CA. */
    record Holder(Purpose purpose, Address address, Hash ca) {}

    DirectoryView(
            Directory directory,
            Map<Hash, CertificateRecord> certificates,
            Map<Holder, CertificateRecord> current,
            Map<Address, KeyBundleRecord> bundles,
            Map<Hash, CrlRecord> lists,
            @Nullable FreshnessRecord freshness) {
        this.directory = directory;
        this.certificates = Map.copyOf(certificates);
        this.current = Map.copyOf(current);
        this.bundles = Map.copyOf(bundles);
        this.lists = Map.copyOf(lists);
        this.freshness = freshness;
    }

    public Directory directory() {
        return directory;
    }

    /** The network's fingerprint. */
    public Hash network() {
        return directory.network();
    }

    /** What signed things made now name as the directory they saw. */
    public DirectoryVersion version() {
        return directory.version();
    }

    // ---- certificates

    /** A certificate by its hash: the directory's own (CAs) or an accepted record's. Being here says nothing about dates. */
    public Optional<Certificate> certificate(Hash hash) {
        CertificateRecord record = certificates.get(hash);
        return record == null ? directory.certificate(hash) : Optional.of(record.certificate());
    }

    /** The record that published a leaf. */
    public Optional<CertificateRecord> certificateRecord(Hash hash) {
        return Optional.ofNullable(certificates.get(hash));
    }

    /** Whether somebody can be written to here: listed by the authority, or a mailbox that its office has certified. */
    public boolean knows(Address address) {
        return directory.knows(address) || hasOwnIdentity(address);
    }

    /** Whether a mailbox has a key set of its own; one without uses its office's. */
    public boolean hasOwnIdentity(Address address) {
        return newest(Purpose.ADDRESS, address).isPresent();
    }

    /** The address whose keys serve {@code address}: itself, or its office. */
    public Address identityOf(Address address) {
        return hasOwnIdentity(address) ? address : Address.of(address.organisation());
    }

    /** The signing certificate an address uses now; empty before it joined. */
    public Optional<Certificate> addressCertificate(Address address) {
        return newest(Purpose.ADDRESS, identityOf(address)).map(CertificateRecord::certificate);
    }

    private Optional<CertificateRecord> newest(Purpose purpose, Address holder) {
        return directory
                .caOf(holder.organisation())
                .flatMap(ca -> Optional.ofNullable(current.get(new Holder(purpose, holder, ca.hash()))));
    }

    /**
     * Whether a certificate may speak for an address at a time: it is one of the address's, its office was open, it and its CA were valid and
     * are not revoked now.
     *
     * @param at the time claimed by what was signed, for dates; revocation is always judged by the directory in force
     * @return the certificate; WHO_ARE_YOU when it is not known or not this address's; CERTIFICATE_EXPIRED; REVOKED
     */
    public Result<Certificate> signer(Address address, Hash certificate, Instant at) {
        CertificateRecord record = certificates.get(certificate);
        if (record == null) {
            return Result.no(ErrorCode.WHO_ARE_YOU, "{0}: a certificate that is not known here", address);
        }
        if (record.purpose() != Purpose.ADDRESS || !record.holder().equals(identityOf(address))) {
            return Result.no(ErrorCode.WHO_ARE_YOU, "{0}: the certificate of {1}", address, record.holder());
        }
        return inForce(record, address.organisation(), at);
    }

    private Result<Certificate> inForce(CertificateRecord record, OrganisationId office, Instant at) {
        Optional<OrganisationEntry> entry = directory.organisation(office);
        if (entry.isEmpty() || !entry.get().isOpenAt(at)) {
            return Result.no(ErrorCode.CERTIFICATE_EXPIRED, "{0}: no open office at {1}", office, StrictText.time(at));
        }
        Certificate leaf = record.certificate();
        if (directory.isRevoked(leaf.hash())) {
            return Result.no(ErrorCode.REVOKED, "{0}: certificate revoked", record.holder());
        }
        for (Certificate ca : directory.casOf(record.holder().organisation())) {
            if (leaf.isSignedBy(ca)) {
                if (directory.isRevoked(ca.hash())) {
                    return Result.no(ErrorCode.REVOKED, "{0}: its office's CA is revoked", record.holder());
                }
                if (listed(ca, leaf)) {
                    return Result.no(ErrorCode.REVOKED, "{0}: revoked by its own office", record.holder());
                }
                return leaf.isValidAt(at) && ca.isValidAt(at)
                        ? Result.ok(leaf)
                        : Result.no(
                                ErrorCode.CERTIFICATE_EXPIRED,
                                "{0}: certificate valid {1} to {2}",
                                record.holder(),
                                StrictText.time(leaf.notBefore()),
                                StrictText.time(leaf.notAfter()));
            }
        }
        return Result.no(ErrorCode.WHO_ARE_YOU, "{0}: no CA of its office in this directory", record.holder());
    }

    private boolean listed(Certificate ca, Certificate leaf) {
        CrlRecord list = lists.get(ca.hash());
        return list != null && list.list().entries().containsKey(leaf.serial());
    }

    /** The certificates published since, each signed by the one before it; empty where it is the newest of its purpose and holder, or not known here. */
    public List<Certificate> followersOf(Hash leaf) {
        CertificateRecord known = certificates.get(leaf);
        if (known == null) {
            return List.of();
        }
        List<Certificate> followers = new ArrayList<>();
        Optional<CertificateRecord> next = newest(known.purpose(), known.holder());
        while (next.isPresent() && !next.get().certificate().hash().equals(leaf)) {
            followers.add(next.get().certificate());
            next = next.get().previous().flatMap(this::certificateRecord);
        }
        return next.isPresent() ? followers : List.of();
    }

    /** Every signing certificate that was published for exactly this address, whether revoked or out of date since. */
    public List<Certificate> signersOf(Address address) {
        return certificates.values().stream()
                .filter(record ->
                        record.purpose() == Purpose.ADDRESS && record.holder().equals(address))
                .map(CertificateRecord::certificate)
                .toList();
    }

    /** Evidence certificates of the node that serves an address, the newest first: who may sign {@code delivered} in its name. */
    public List<Certificate> delegatesOf(Address address) {
        List<Certificate> all = new ArrayList<>();
        directory.nodeServing(address).ifPresent(node -> {
            Optional<CertificateRecord> next = newest(Purpose.EVIDENCE, Address.of(node));
            while (next.isPresent()) {
                all.add(next.get().certificate());
                next = next.get().previous().flatMap(this::certificateRecord);
            }
        });
        return all;
    }

    /**
     * Whether an evidence certificate may sign {@code what} for an address at a time.
     *
     * @return the certificate; WHO_ARE_YOU when it is not the evidence key of the node that serves the address, or the office delegates nothing
     *     of the kind; CERTIFICATE_EXPIRED; REVOKED
     */
    public Result<Certificate> delegate(
            Address address, Hash certificate, OrganisationEntry.Delegation what, Instant at) {
        CertificateRecord record = certificates.get(certificate);
        Optional<OrganisationEntry> office = directory.organisation(address.organisation());
        if (record == null
                || office.isEmpty()
                || record.purpose() != Purpose.EVIDENCE
                || !record.holder().equals(Address.of(office.get().node()))
                || !office.get().delegates(what)) {
            return Result.no(ErrorCode.WHO_ARE_YOU, "{0}: not the evidence key of the node that serves it", address);
        }
        return inForce(record, record.holder().organisation(), at);
    }

    /** The leaf, its office's CA and the root CA: what a verifier of evidence needs; empty when the leaf is not known here. */
    public Optional<List<Certificate>> chainOf(Hash leaf) {
        CertificateRecord record = certificates.get(leaf);
        if (record == null) {
            return Optional.empty();
        }
        return directory.casOf(record.holder().organisation()).stream()
                .filter(ca -> record.certificate().isSignedBy(ca))
                .findFirst()
                .map(ca -> List.of(record.certificate(), ca, directory.rootCa()));
    }

    /** The newest revocation list of an office's CA, or the root CA's. */
    public Optional<RevocationList> revocationListOf(Hash ca) {
        if (ca.equals(directory.rootCa().hash())) {
            return RevocationList.parse(directory.signed().rootCrl()).fold(Optional::of, no -> Optional.empty());
        }
        CrlRecord record = lists.get(ca);
        return record == null ? Optional.empty() : Optional.of(record.list());
    }

    /**
     * Whether the authority, or the office that issued it, has taken a certificate back; whatever it is for.
     *
     * @param der a certificate, perhaps of another world: then only the directory's own list can name it
     * @return REVOKED, by whom
     */
    public Optional<Refusal> revocationOf(Bytes der) {
        return Proofs.revocationOf(this, der);
    }

    /** Changes with the directory and with every office's revocation list, and with nothing else: what certificates are judged by. */
    public Hash trustHash() {
        MessageDigest digest = Hash.digest();
        digest.update(version().hash().bytes().asBuffer());
        lists.values().stream()
                .map(CrlRecord::hash)
                .sorted()
                .forEach(hash -> digest.update(hash.bytes().asBuffer()));
        return new Hash(Bytes.ofOwned(digest.digest()));
    }

    // ---- keys

    /**
     * The key to wrap to.
     *
     * @return UNKNOWN_RECIPIENT naming the nearest known address; NO_ROUTE when its office has not joined yet; KEYS_ON_THEIR_WAY when it has,
     *     or has joined anew, and no keys of it are known here; RECIPIENT_CLOSED naming the successor; SUITE_UNKNOWN when the address publishes no key of the suite; KEY_BUNDLE_OLD when its last key is no longer usable;
     *     REVOKED
     */
    public Result<RecipientKey> recipientKey(Address address, Suite suite, Instant at) {
        if (!knows(address)) {
            return Result.no(
                    ErrorCode.UNKNOWN_RECIPIENT,
                    directory
                            .nearestKnown(address.toString())
                            .map(near -> Detail.of("{0}; nearest known: {1}", address, near))
                            .orElse(Detail.of("{0}", address)));
        }
        Optional<OrganisationEntry> office = directory.organisation(address.organisation());
        if (office.isEmpty() || !office.get().isOpenAt(at)) {
            List<OrganisationId> next = directory.successors(address.organisation());
            return Result.no(
                    ErrorCode.RECIPIENT_CLOSED,
                    next.isEmpty()
                            ? Detail.of("{0}", address)
                            : Detail.of("{0}; successor: {1}", address, next.get(0)));
        }
        KeyBundleRecord bundle = bundles.get(identityOf(address));
        if (bundle == null && office.get().ca().isPresent()) {
            return Result.no(ErrorCode.KEYS_ON_THEIR_WAY, "{0}", address);
        }
        if (bundle == null) {
            return Result.no(
                    ErrorCode.NO_ROUTE,
                    "{0} is in the directory, but its office has not joined yet: no keys of it are known here",
                    address);
        }
        CertificateRecord signer = certificates.get(bundle.signer());
        if (signer != null
                && inForce(signer, address.organisation(), at) instanceof Result.No<Certificate> no
                && no.refusal().reason() == ErrorCode.REVOKED) {
            return Result.no(no.refusal());
        }
        if (bundle.keys().stream().noneMatch(key -> key.key().suite() == suite)) {
            return Result.no(ErrorCode.SUITE_UNKNOWN, "{0}: publishes no key of suite {1}", address, suite.number());
        }
        return bundle.keyAt(suite, at, LAST_KEY_STAYS)
                .<Result<RecipientKey>>map(key -> Result.ok(key.key()))
                .orElseGet(() -> Result.no(
                        ErrorCode.KEY_BUNDLE_OLD,
                        "{0}: its last key ended {1}, no newer bundle came",
                        address,
                        StrictText.time(last(bundle, suite))));
    }

    private static Instant last(KeyBundleRecord bundle, Suite suite) {
        return bundle.keys().stream()
                .filter(key -> key.key().suite() == suite)
                .map(KeyBundleRecord.EpochKey::until)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
    }

    /** The newest bundle of exactly this address. */
    public Optional<KeyBundleRecord> bundle(Address address) {
        return Optional.ofNullable(bundles.get(address));
    }

    /** All newest bundles. */
    public List<KeyBundleRecord> bundles() {
        return List.copyOf(bundles.values());
    }

    // ---- freshness

    /** The newest freshness statement. */
    public Optional<FreshnessRecord> freshness() {
        return Optional.ofNullable(freshness);
    }

    /** How fresh the word on revocations is. */
    public enum Age {
        FRESH,
        /** Warn. */
        SOFT,
        /** What arrives is held or marked. */
        HARD
    }

    /** By the newest statement, or by the directory's own issue when there is none; a clock behind it counts as fresh. */
    public Age ageAt(Instant now, OrganisationId node) {
        Instant word =
                freshness == null || freshness.time().isBefore(directory.head().issued())
                        ? directory.head().issued()
                        : freshness.time();
        Duration age = Duration.between(word, now);
        Duration hard = directory
                .node(node)
                .flatMap(NodeEntry::hardAge)
                .orElse(directory.policy().freshness().hard());
        if (age.compareTo(hard) > 0) {
            return Age.HARD;
        }
        return age.compareTo(directory.policy().freshness().soft()) > 0 ? Age.SOFT : Age.FRESH;
    }

    // ---- links

    /** Who stands behind a TLS certificate. */
    public sealed interface TlsPeer {
        /** A node of this directory. */
        record Node(OrganisationId id) implements TlsPeer {}

        /** An embedded client of an office. */
        record Client(Address address) implements TlsPeer {}

        /** A client about to enrol at the node of this office. */
        record Enrolment(OrganisationId office) implements TlsPeer {}

        /** Its CA is the root's, but stands in no directory known here. */
        record Stranger(Hash certificate) implements TlsPeer {}
    }

    /**
     * Judges a chain as presented, leaf first. Thread-safe, does not block.
     *
     * @return who it is; OTHER_NETWORK when it does not chain to this network's root; WHO_ARE_YOU for what chains but is no link certificate;
     *     CERTIFICATE_EXPIRED; REVOKED
     */
    public Result<TlsPeer> tlsPeer(List<Bytes> chain, Instant now) {
        return Proofs.tlsPeer(this, chain, now);
    }
}
