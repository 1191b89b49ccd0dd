package lienthong.gateway.directory;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CompileTimeConstant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CmsVerifier;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.CertificateRecord.Purpose;
import lienthong.gateway.directory.DirectoryView.Holder;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import org.jspecify.annotations.Nullable;

/**
 * The directory in force and the records below it: takes what others bring, after checking it, and finds forks. Versions only rise, bundle
 * numbers only rise, revocations only grow. Mutable: confined to the node's loop; worker threads use a {@link #view}.
 */
public final class DirectoryBook {
    private static final int FORKS_MAX = 64;
    /** Whole directories kept as the other half of a fork that may come; a change is an event of months. */
    private static final int EARLIER_MAX = 8;

    private final NetworkRoot root;
    private final Map<Long, Hash> history = new TreeMap<>();
    private final TreeMap<Long, SignedDirectory> earlier = new TreeMap<>();
    /** Everything worth passing on, by hash; also the other half of a fork. */
    private final Map<Hash, DirectoryRecord> records = new TreeMap<>();

    private final Map<Hash, CertificateRecord> certificates = new HashMap<>();
    private final Map<Holder, CertificateRecord> current = new HashMap<>();
    private final Map<Address, KeyBundleRecord> bundles = new HashMap<>();
    /** Incarnation a key set has now, by its own signed word. */
    private final Map<RejoinKey, Incarnation> rejoined = new HashMap<>();

    private final Map<Hash, CrlRecord> lists = new HashMap<>();
    private final Map<OrganisationId, Integer> perOffice = new HashMap<>();
    private final List<Fork> forks = new ArrayList<>();
    private @Nullable FreshnessRecord freshness;
    /** Revocation lists come first then, so that none of them changes what was judged before it. */
    private boolean rejudging;

    private @Nullable Directory directory;
    private @Nullable DirectoryView view;
    private @Nullable Hash recordsSetHash;

    private record RejoinKey(Address address, Incarnation from) {}

    private DirectoryBook(NetworkRoot root) {
        this.root = root;
    }

    /** A book that trusts this root and holds no directory yet. */
    public static DirectoryBook of(NetworkRoot root) {
        return new DirectoryBook(root);
    }

    /** What came of a directory that somebody brought. */
    public sealed interface Outcome {
        /** In force from now on. */
        record Newer(Directory directory) implements Outcome {}

        /** The one in force already. */
        record Same() implements Outcome {}

        /** Behind the one in force: DIRECTORY_OLD. */
        record Old(Refusal refusal) implements Outcome {}

        /** Contradicts one seen before: DIRECTORY_FORK; the one in force stays. */
        record Forked(Fork fork, Refusal refusal) implements Outcome {}

        /** Not valid at all: DIRECTORY_INVALID, OTHER_NETWORK, DIRECTORY_EXPIRED. */
        record Refused(Refusal refusal) implements Outcome {}

        /** The refusal of any but the first two. */
        default Optional<Refusal> refusalIfAny() {
            if (this instanceof Old old) {
                return Optional.of(old.refusal);
            }
            if (this instanceof Forked forked) {
                return Optional.of(forked.refusal);
            }
            return this instanceof Refused refused ? Optional.of(refused.refusal) : Optional.empty();
        }
    }

    // ---- directory

    /** Takes a directory from anyone: its signatures say whether it counts. The one in force changes only with {@link Outcome.Newer}. */
    public Outcome accept(SignedDirectory signed, Instant now) {
        return take(signed, DirectoryVerifier.verify(signed, root, now), now);
    }

    /** The same for one read back from our own disk, whatever its expiry. */
    public Outcome restore(SignedDirectory signed, Instant now) {
        return take(signed, DirectoryVerifier.verifyStored(signed, root), now);
    }

    /** Applies a delta to the directory in force and takes the result. */
    public Outcome accept(DirectoryDelta delta, Instant now) {
        if (directory == null) {
            return new Outcome.Refused(Refusal.of(ErrorCode.DIRECTORY_INVALID, "a delta, and no directory here yet"));
        }
        return delta.applyTo(directory.signed()).fold(signed -> accept(signed, now), Outcome.Refused::new);
    }

    private Outcome take(SignedDirectory signed, Result<Directory> verified, Instant now) {
        if (!(verified instanceof Result.Ok<Directory> ok)) {
            Outcome contradiction = expiredFork(signed, verified.refusal(), now);
            return contradiction == null ? new Outcome.Refused(verified.refusal()) : contradiction;
        }
        Directory newer = ok.value();
        DirectoryVersion version = newer.version();
        Hash seen = history.get(version.number());
        if (seen != null && !seen.equals(version.hash())) {
            return fork(version.number(), signed, Detail.of("version {0} with another hash", version.number()), now);
        }
        Directory old = directory;
        if (old != null) {
            if (version.number() == old.version().number()) {
                return new Outcome.Same();
            }
            if (version.number() < old.version().number()) {
                return new Outcome.Old(Refusal.of(
                        ErrorCode.DIRECTORY_OLD,
                        "version {0}, in force is {1}",
                        version.number(),
                        old.version().number()));
            }
            boolean follows = version.number() != old.version().number() + 1
                    || newer.head()
                            .previous()
                            .filter(old.version().hash()::equals)
                            .isPresent();
            if (!follows) {
                return fork(
                        version.number(),
                        signed,
                        Detail.of("version {0} does not follow the one in force", version.number()),
                        now);
            }
            if (newer.revocationNumber() < old.revocationNumber()
                    || old.revocations().stream().anyMatch(gone -> !newer.isRevoked(gone.hash()))) {
                return new Outcome.Refused(
                        Refusal.of(ErrorCode.DIRECTORY_INVALID, "a revocation has disappeared from it"));
            }
        }
        history.put(version.number(), version.hash());
        newer.head().previous().ifPresent(hash -> history.putIfAbsent(version.number() - 1, hash));
        directory = newer;
        earlier.put(version.number(), signed);
        while (earlier.size() > EARLIER_MAX) {
            earlier.pollFirstEntry();
        }
        rejudge(now);
        return new Outcome.Newer(newer);
    }

    /** An expired directory is refused, but if it also contradicts what we hold, that is the louder news. */
    private @Nullable Outcome expiredFork(SignedDirectory signed, Refusal refusal, Instant now) {
        if (refusal.reason() != ErrorCode.DIRECTORY_EXPIRED) {
            return null;
        }
        DirectoryVersion version = DirectoryHead.parse(signed.head(), root.fingerprint())
                .map(DirectoryHead::version)
                .orBug();
        Hash seen = history.get(version.number());
        return seen != null && !seen.equals(version.hash())
                ? fork(version.number(), signed, Detail.of("version {0} with another hash", version.number()), now)
                : null;
    }

    /**
     * A contradiction that was found before a restart, from our own disk; its signatures are checked again.
     *
     * @return whether both are directories of this network; else nothing is noted
     */
    public boolean restoreFork(Bytes inForce, Bytes other, Instant now) {
        Result<Directory> first =
                SignedDirectory.parse(inForce).then(signed -> DirectoryVerifier.verifyStored(signed, root));
        Result<Directory> second =
                SignedDirectory.parse(other).then(signed -> DirectoryVerifier.verifyStored(signed, root));
        if (!(first instanceof Result.Ok<Directory> known) || !(second instanceof Result.Ok<Directory> against)) {
            return false;
        }
        long number = against.value().version().number();
        Detail what = number == known.value().version().number() + 1
                ? Detail.of("version {0} does not follow the one in force", number)
                : Detail.of("version {0} with another hash", number);
        return note(new Fork(Fork.Kind.DIRECTORY, what.english(), inForce, other, now));
    }

    private Outcome fork(long number, SignedDirectory signed, Detail what, Instant now) {
        SignedDirectory same = earlier.get(number);
        Bytes inForce = same != null
                ? same.toBytes()
                : directory == null ? Bytes.empty() : directory.signed().toBytes();
        Fork fork = new Fork(Fork.Kind.DIRECTORY, what.english(), inForce, signed.toBytes(), now);
        note(fork);
        return new Outcome.Forked(fork, Refusal.of(ErrorCode.DIRECTORY_FORK, what));
    }

    /** Gives whether it is among those kept. */
    @CanIgnoreReturnValue
    private boolean note(Fork fork) {
        boolean known = forks.stream().anyMatch(old -> old.other().equals(fork.other()));
        if (!known && forks.size() < FORKS_MAX) {
            forks.add(fork);
            return true;
        }
        return known;
    }

    /** After a new directory, every record is judged again: an office may have a new CA, a certificate may be revoked. */
    private void rejudge(Instant now) {
        List<DirectoryRecord> all = inForceFirst();
        records.clear();
        certificates.clear();
        current.clear();
        bundles.clear();
        rejoined.clear();
        lists.clear();
        perOffice.clear();
        freshness = null;
        // A second set of keys may have become a lawful one; if not, it is found again.
        forks.removeIf(fork -> fork.kind() != Fork.Kind.DIRECTORY);
        changed();
        rejudging = true;
        acceptAll(all, now);
        rejudging = false;
    }

    /** So that whoever reads the list again finds the same half of a fork in force. */
    private List<DirectoryRecord> inForceFirst() {
        Set<DirectoryRecord> ordered = new LinkedHashSet<>(lists.values());
        ordered.addAll(certificates.values());
        ordered.addAll(bundles.values());
        ordered.addAll(records.values());
        ordered.retainAll(new HashSet<>(records.values()));
        return List.copyOf(ordered);
    }

    // ---- records

    /**
     * Takes a record from anyone.
     *
     * @return whether it was new and is now held; DIRECTORY_INVALID (also: what it builds on has not come yet), OTHER_NETWORK, KEY_BUNDLE_OLD,
     *     REVOKED, DIRECTORY_FORK (both kept, the first stays in force)
     */
    public Result<Boolean> acceptRecord(Bytes bytes, Instant now) {
        return DirectoryRecord.parse(bytes, root.fingerprint()).then(record -> acceptRecord(record, now));
    }

    /**
     * What came of many records.
     *
     * @param refusals of what does not fit, whatever may come
     * @param early what does not fit yet
     */
    public record Taken(List<Refusal> refusals, List<Early> early) {
        public Taken {
            refusals = List.copyOf(refusals);
            early = List.copyOf(early);
        }
    }

    /**
     * A record that stands on what has not come yet. It is not held: whoever has it is to be asked again.
     *
     * @param certificate the one that it follows or is signed with; empty when it takes a newer directory
     * @param why DIRECTORY_INVALID
     */
    public record Early(Hash record, Optional<Hash> certificate, Refusal why) {}

    /** Takes many in whatever order; gives the refusals of those that did not fit even after all others. */
    public List<Refusal> acceptRecords(List<Bytes> many, Instant now) {
        Taken taken = takeRecords(many, now);
        List<Refusal> refusals = new ArrayList<>(taken.refusals());
        taken.early().forEach(early -> refusals.add(early.why()));
        return refusals;
    }

    /** The same, telling apart what came too early. */
    public Taken takeRecords(List<Bytes> many, Instant now) {
        List<DirectoryRecord> parsed = new ArrayList<>();
        List<Refusal> refusals = new ArrayList<>();
        for (Bytes bytes : many) {
            Result<DirectoryRecord> record = DirectoryRecord.parse(bytes, root.fingerprint());
            if (record instanceof Result.Ok<DirectoryRecord> ok) {
                parsed.add(ok.value());
            } else {
                refusals.add(record.refusal());
            }
        }
        List<Early> early = new ArrayList<>();
        acceptAll(parsed, now).forEach((record, refusal) -> {
            Early lacking = refusal.reason() == ErrorCode.DIRECTORY_INVALID ? earlyOf(record, refusal) : null;
            if (lacking == null) {
                refusals.add(refusal);
            } else {
                early.add(lacking);
            }
        });
        return new Taken(refusals, early);
    }

    /** Null when nothing that may come would help. */
    private @Nullable Early earlyOf(DirectoryRecord record, Refusal why) {
        Directory known = directory;
        Optional<Hash> builtOn = Optional.empty();
        if (record instanceof CertificateRecord certificate) {
            builtOn = certificate.previous();
        } else if (record instanceof KeyBundleRecord bundle) {
            builtOn = Optional.of(bundle.signer());
        } else if (record instanceof RejoinRecord rejoin) {
            builtOn = Optional.of(rejoin.signer());
        }
        Optional<Hash> lacking = builtOn.filter(hash -> !certificates.containsKey(hash));
        boolean needsDirectory = known == null
                || record instanceof CertificateRecord certificate
                        && known.casOf(certificate.holder().organisation()).stream()
                                .noneMatch(certificate.certificate()::isSignedBy)
                || record instanceof CrlRecord list
                        && known.certificate(list.ca()).isEmpty()
                || record instanceof FreshnessRecord said
                        && known.freshnessKey(said.signer()).isEmpty();
        return lacking.isPresent() || needsDirectory ? new Early(record.hash(), lacking, why) : null;
    }

    /** Gives the refusals of those that did not fit even after all others, in the order in which they were decided. */
    @CanIgnoreReturnValue
    private Map<DirectoryRecord, Refusal> acceptAll(List<DirectoryRecord> all, Instant now) {
        // What leads from one life to the next before the bundles of the next, which would look like a fork without it.
        List<DirectoryRecord> waiting = new ArrayList<>(all);
        waiting.sort(Comparator.comparing(record -> record instanceof KeyBundleRecord));
        Map<DirectoryRecord, Refusal> decided = new LinkedHashMap<>();
        Map<DirectoryRecord, Refusal> undecided;
        boolean progress;
        do {
            progress = false;
            undecided = new LinkedHashMap<>();
            List<DirectoryRecord> left = new ArrayList<>();
            for (DirectoryRecord record : waiting) {
                Result<Boolean> taken = acceptRecord(record, now);
                if (taken.isOk()) {
                    progress = true;
                } else if (taken.refusal().reason() == ErrorCode.DIRECTORY_INVALID) {
                    // Perhaps what it builds on comes later in the list.
                    undecided.put(record, taken.refusal());
                    left.add(record);
                } else {
                    decided.put(record, taken.refusal());
                }
            }
            waiting = left;
        } while (progress && !waiting.isEmpty());
        decided.putAll(undecided);
        return decided;
    }

    private Result<Boolean> acceptRecord(DirectoryRecord record, Instant now) {
        Directory known = directory;
        if (known == null) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, "a record, and no directory here yet");
        }
        if (records.containsKey(record.hash())) {
            return Result.ok(false);
        }
        if (record instanceof CertificateRecord certificate) {
            return accept(certificate, known, now);
        }
        if (record instanceof KeyBundleRecord bundle) {
            return accept(bundle, known, now);
        }
        if (record instanceof RejoinRecord rejoin) {
            return accept(rejoin, known, now);
        }
        if (record instanceof CrlRecord list) {
            return accept(list, known, now);
        }
        return accept((FreshnessRecord) record, known);
    }

    private Result<Boolean> accept(CertificateRecord record, Directory known, Instant now) {
        CertificateRecord held = certificates.get(record.certificate().hash());
        if (held != null && held.text().equals(record.text())) {
            return Result.ok(false);
        }
        // The cheap questions first: whoever sends a long line backwards must not make us check each signature many
        // times.
        CertificateRecord before = null;
        if (record.previous().isPresent()) {
            before = certificates.get(record.previous().get());
            if (before == null
                    || before.purpose() != record.purpose()
                    || !before.holder().equals(record.holder())) {
                return invalid("{0}: follows a certificate that is not known here", record.holder());
            }
        }
        if (isFull(record.holder())) {
            return full(record.holder());
        }
        Result<Certificate> issuer = Proofs.issuerOf(record, known);
        if (!(issuer instanceof Result.Ok<Certificate> ca)) {
            return Result.no(issuer.refusal());
        }
        if (before != null && !before.certificate().isSignedBy(ca.value())) {
            return invalid("{0}: follows a certificate of another CA", record.holder());
        }
        Certificate signer = before == null ? record.certificate() : before.certificate();
        if (CmsVerifier.verify(record.cms(), record.text(), signer).isPresent()) {
            return invalid("{0}: the record is not signed by the key it should be", record.holder());
        }
        Holder holder = new Holder(record.purpose(), record.holder(), ca.value().hash());
        CertificateRecord newest = current.get(holder);
        boolean second = newest != null && !newest.equals(before) && !isWithdrawn(newest, ca.value(), known);
        boolean withdrawn = second && isWithdrawn(record, ca.value(), known);
        if (newest != null && second && !withdrawn) {
            return forkOf(
                    Fork.Kind.KEY_SET,
                    Detail.of("{0}: a second set of keys ({1})", record.holder(), Texts.wordOf(record.purpose())),
                    newest,
                    record,
                    now);
        }
        records.put(record.hash(), record);
        perOffice.merge(record.holder().organisation(), 1, Integer::sum);
        certificates.put(record.certificate().hash(), record);
        if (!withdrawn) {
            current.put(
                    holder, record); // a line that its office has taken back was no other key set, whichever came first
        }
        changed();
        return Result.ok(true);
    }

    private boolean isFull(Address holder) {
        return perOffice.getOrDefault(holder.organisation(), 0) >= Limits.OFFICE_RECORDS_MAX;
    }

    private static <T> Result<T> full(Address holder) {
        return Result.no(
                ErrorCode.QUOTA, "{0}: more than {1} records", holder.organisation(), Limits.OFFICE_RECORDS_MAX);
    }

    /** Taken back by the authority, or by its own office's CA: then the office may begin a new key set. */
    private boolean isWithdrawn(CertificateRecord record, Certificate ca, Directory known) {
        CrlRecord list = lists.get(ca.hash());
        return known.isRevoked(record.certificate().hash())
                || list != null
                        && list.list()
                                .entries()
                                .containsKey(record.certificate().serial());
    }

    private Result<Boolean> accept(KeyBundleRecord bundle, Directory known, Instant now) {
        Result<CertificateRecord> signer =
                speaker(bundle.signer(), bundle.address(), bundle.text(), bundle.cms(), known);
        if (signer instanceof Result.No<CertificateRecord> no) {
            return Result.no(no.refusal());
        }
        KeyBundleRecord held = bundles.get(bundle.address());
        if (held == null) {
            return keep(bundle);
        }
        if (bundle.text().equals(held.text())) {
            return Result.ok(false);
        }
        if (!bundle.incarnation().equals(held.incarnation())) {
            if (latest(bundle.address(), bundle.incarnation()).equals(held.incarnation())) {
                return Result.no(
                        ErrorCode.KEY_BUNDLE_OLD,
                        "{0}: bundle of a key set that has re-joined since",
                        bundle.address());
            }
            if (!latest(bundle.address(), held.incarnation()).equals(bundle.incarnation())) {
                return forkOf(
                        Fork.Kind.BUNDLE,
                        Detail.of("{0}: keys of two incarnations without a signed re-join", bundle.address()),
                        held,
                        bundle,
                        now);
            }
        }
        if (bundle.number() < held.number()) {
            return Result.no(
                    ErrorCode.KEY_BUNDLE_OLD,
                    "{0}: bundle {1}, known is {2}",
                    bundle.address(),
                    bundle.number(),
                    held.number());
        }
        if (bundle.number() == held.number()) {
            return forkOf(
                    Fork.Kind.BUNDLE,
                    Detail.of("{0}: two bundles of number {1}", bundle.address(), bundle.number()),
                    held,
                    bundle,
                    now);
        }
        records.remove(held.hash());
        return keep(bundle);
    }

    private Result<Boolean> keep(KeyBundleRecord bundle) {
        records.put(bundle.hash(), bundle);
        bundles.put(bundle.address(), bundle);
        changed();
        return Result.ok(true);
    }

    /** The incarnation that {@code start} has become by signed re-joins. */
    private Incarnation latest(Address address, Incarnation start) {
        Incarnation at = start;
        for (int i = 0; i <= rejoined.size(); i++) {
            Incarnation next = rejoined.get(new RejoinKey(address, at));
            if (next == null) {
                return at;
            }
            at = next;
        }
        return start;
    }

    private Result<Boolean> accept(RejoinRecord rejoin, Directory known, Instant now) {
        Result<CertificateRecord> signer =
                speaker(rejoin.signer(), rejoin.address(), rejoin.text(), rejoin.cms(), known);
        if (signer instanceof Result.No<CertificateRecord> no) {
            return Result.no(no.refusal());
        }
        RejoinKey key = new RejoinKey(rejoin.address(), rejoin.from());
        if (rejoined.containsKey(key)) {
            return rejoined.get(key).equals(rejoin.to())
                    ? Result.ok(false)
                    : Result.no(ErrorCode.DIRECTORY_FORK, "{0}: two re-joins from one incarnation", rejoin.address());
        }
        if (isFull(rejoin.address())) {
            return full(rejoin.address());
        }
        perOffice.merge(rejoin.address().organisation(), 1, Integer::sum);
        rejoined.put(key, rejoin.to());
        records.put(rejoin.hash(), rejoin);
        changed();
        judgeBundlesAgain(rejoin.address(), known, now);
        return Result.ok(true);
    }

    /** Records travel in frames of many, in any order: a bundle of the next life that came before what leads there was no fork. */
    private void judgeBundlesAgain(Address address, Directory known, Instant now) {
        List<KeyBundleRecord> others = new ArrayList<>();
        forks.removeIf(fork -> {
            Optional<KeyBundleRecord> other = fork.kind() == Fork.Kind.BUNDLE
                    ? DirectoryRecord.parse(fork.other(), root.fingerprint())
                            .fold(Optional::of, no -> Optional.<DirectoryRecord>empty())
                            .map(KeyBundleRecord.class::cast)
                            .filter(bundle -> bundle.address().equals(address))
                    : Optional.empty();
            other.ifPresent(others::add);
            return other.isPresent();
        });
        for (KeyBundleRecord other : others) {
            records.remove(other.hash());
            // One that is a fork still is noted anew.
            accept(other, known, now).fold(taken -> taken, no -> false);
        }
    }

    /**
     * The certificate that speaks in a bundle or re-join: exactly this address's, under its office's present CA, not revoked, and the signature
     * is its. Its dates do not matter: what it signed while valid stays said.
     */
    private Result<CertificateRecord> speaker(Hash signer, Address address, Bytes text, Bytes cms, Directory known) {
        CertificateRecord record = certificates.get(signer);
        if (record == null) {
            return invalid("{0}: signed with a certificate that is not known here", address);
        }
        if (record.purpose() != Purpose.ADDRESS || !record.holder().equals(address)) {
            return invalid("{0}: signed with the certificate of {1}", address, record.holder());
        }
        Optional<Certificate> ca = known.caOf(address.organisation());
        if (ca.isEmpty() || !record.certificate().isSignedBy(ca.get())) {
            return invalid("{0}: signed by a key set that the authority has replaced", address);
        }
        if (known.isRevoked(ca.get().hash()) || isWithdrawn(record, ca.get(), known)) {
            return Result.no(ErrorCode.REVOKED, "{0}: signed with a revoked certificate", address);
        }
        return CmsVerifier.verify(cms, text, record.certificate()).isPresent()
                ? invalid("{0}: the signature does not verify", address)
                : Result.ok(record);
    }

    private Result<Boolean> accept(CrlRecord list, Directory known, Instant now) {
        Optional<Certificate> ca = known.certificate(list.ca());
        if (ca.isEmpty() || list.ca().equals(root.ca()) || !list.list().isSignedBy(ca.get())) {
            return invalid("a revocation list of no CA in this directory");
        }
        CrlRecord held = lists.get(list.ca());
        if (held != null && held.list().number().compareTo(list.list().number()) >= 0) {
            return Result.ok(false);
        }
        if (held != null) {
            records.remove(held.hash());
        }
        lists.put(list.ca(), list);
        records.put(list.hash(), list);
        changed();
        int before = held == null ? 0 : held.list().entries().size();
        if (!rejudging && list.list().entries().size() > before) {
            rejudge(now);
        }
        return Result.ok(true);
    }

    private Result<Boolean> accept(FreshnessRecord said, Directory known) {
        if (!Proofs.isFresh(said, known)) {
            return invalid("a freshness statement by no key that the directory delegates");
        }
        FreshnessRecord held = freshness;
        if (held != null && !said.time().isAfter(held.time())) {
            return Result.ok(false);
        }
        if (held != null) {
            records.remove(held.hash());
        }
        freshness = said;
        records.put(said.hash(), said);
        changed();
        return Result.ok(true);
    }

    /** Both are kept and passed on, so that everybody hears of it; the first stays in force here. */
    private Result<Boolean> forkOf(
            Fork.Kind kind, Detail about, DirectoryRecord first, DirectoryRecord second, Instant now) {
        // No more halves than forks are noted: whoever holds a key could make any number of them.
        if (note(new Fork(kind, about.english(), first.toBytes(), second.toBytes(), now))) {
            records.put(second.hash(), second);
            changed();
        }
        return Result.no(ErrorCode.DIRECTORY_FORK, about);
    }

    private static <T> Result<T> invalid(@CompileTimeConstant String detail, Object... arguments) {
        return invalid(Detail.of(detail, arguments));
    }

    private static <T> Result<T> invalid(Detail about) {
        return Result.no(ErrorCode.DIRECTORY_INVALID, about);
    }

    private void changed() {
        view = null;
        recordsSetHash = null;
    }

    // ---- what is known

    public NetworkRoot root() {
        return root;
    }

    /** The one in force; empty before the first. */
    public Optional<Directory> directory() {
        return Optional.ofNullable(directory);
    }

    /** What worker threads use until the next change. A {@link lienthong.gateway.message.Bug} before the first directory. */
    public DirectoryView view() {
        DirectoryView made = view;
        if (made == null) {
            Directory known = directory;
            lienthong.gateway.message.Invariant.check(known != null, "a view, and no directory yet");
            made = new DirectoryView(Objects.requireNonNull(known), certificates, current, bundles, lists, freshness);
            view = made;
        }
        return made;
    }

    /** Contradictions seen since the start or restored, the oldest first; at most 64. */
    public List<Fork> forks() {
        return List.copyOf(forks);
    }

    /** Short for the view's. */
    public Optional<Certificate> addressCertificate(Address address) {
        return view().addressCertificate(address);
    }

    /** Short for the view's. */
    public Optional<Certificate> certificate(Hash hash) {
        return view().certificate(hash);
    }

    /** Short for the view's. */
    public Result<RecipientKey> recipientKey(Address address, Suite suite, Instant at) {
        return view().recipientKey(address, suite, at);
    }

    /** Hashes of all records held, ascending. */
    public List<Hash> recordHashes() {
        return List.copyOf(records.keySet());
    }

    /** Whether the record of this certificate is held. Constant time. */
    boolean holdsCertificate(Hash certificate) {
        return certificates.containsKey(certificate);
    }

    /** Whether {@link #record} has it; constant time, and nothing is written out for it. */
    public boolean holds(Hash hash) {
        return records.containsKey(hash);
    }

    /** A record's bytes. */
    public Optional<Bytes> record(Hash hash) {
        return Optional.ofNullable(records.get(hash)).map(DirectoryRecord::toBytes);
    }

    /** All records' bytes for the disk, those in force first: read back in this order, a fork has the same outcome. */
    public List<Bytes> records() {
        return inForceFirst().stream().map(DirectoryRecord::toBytes).toList();
    }

    /** SHA-256 over all {@link #recordHashes}: two nodes with equal ones have nothing to tell each other. */
    public Hash recordsSetHash() {
        Hash known = recordsSetHash;
        if (known == null) {
            var digest = Hash.digest();
            records.keySet().forEach(hash -> digest.update(hash.bytes().asBuffer()));
            known = new Hash(Bytes.ofOwned(digest.digest()));
            recordsSetHash = known;
        }
        return known;
    }
}
