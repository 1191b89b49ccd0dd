package lienthong.gateway.identity;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.KeyAlgorithm;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.crypto.VerifyingKey;
import lienthong.gateway.directory.CertificateRecord.Purpose;
import lienthong.gateway.directory.CrlRecord;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryRecord;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.directory.NetworkRoot;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.directory.RejoinRecord;
import lienthong.gateway.directory.SpokenFingerprint;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;

/**
 * Everything a node is: the CAs of its offices, the signing and opening keys of their addresses, its TLS and evidence keys, and what it
 * publishes about them. In DATA/keys:
 *
 * <pre>
 * identity.txt                  who this is; written last
 * root.txt                      the network's root
 * master.key                    see {@link KeyFolder}
 * ca-OFFICE.key                 the office's CA: key and certificate
 * address-OFFICE.pair           signing key, certificate, record; likewise tls.pair, evidence.pair
 * epoch-OFFICE-SUITE-WEEK.key   one opening key; see {@link EpochKeys}
 * custody.key                   key of the MAC over custody numbers
 * *.record                      what was published: earlier certificates, bundle, revocation list, re-joins
 * client-*.txt, .answer         enrolments offered and used
 * </pre>
 *
 * <p>Reading methods are thread-safe; {@link #renewIfDue}, {@link #rejoin}, {@link #revoke} and enrolment are called from one thread (a lane of
 * the loop: they touch the disk). An I/O error is a dead environment ({@link java.io.UncheckedIOException}).
 */
public final class NodeKeys {
    /** Folder of the keys below the data folder. */
    public static final String FOLDER = "keys";

    static final String ROOT_FILE = "root.txt";
    private static final String CUSTODY_FILE = "custody.key";
    private static final String TLS = "tls";
    private static final String EVIDENCE = "evidence";
    private static final String PAIR = ".pair";
    private static final String RECORD = ".record";
    /** How names of files begin that say whom this node has invited and enrolled as embedded clients. */
    private static final String CLIENT = "client-";

    private static final String FACTS = ".txt";
    private static final String ANSWER = ".answer";
    /** From when on an operator is told of an end that this program cannot put off. */
    private static final Duration WARN_BEFORE = Duration.ofDays(60);

    private final KeyFolder folder;
    private final Randomness randomness;
    private final NetworkRoot root;
    private final Map<OrganisationId, OfficeCa> cas;
    /** Copied on change: readers on other threads see the old set or the new one. */
    private volatile Map<String, KeyPair> pairs;

    private final SecretBytes custodyMacKey;
    private final RecipientKeyRing ring;
    private final Optional<InstalledCipher> cipher;
    private final Map<Address, EpochKeys> epochs;
    private volatile IdentityText identity;
    /** What the last renewal could not do. */
    private volatile Optional<Detail> cipherAway = Optional.empty();

    private NodeKeys(
            KeyFolder folder,
            Randomness randomness,
            NetworkRoot root,
            IdentityText identity,
            Map<OrganisationId, OfficeCa> cas,
            Map<String, KeyPair> pairs,
            SecretBytes custodyMacKey,
            RecipientKeyRing ring,
            Optional<InstalledCipher> cipher,
            Map<Address, EpochKeys> epochs) {
        this.folder = folder;
        this.randomness = randomness;
        this.root = root;
        this.identity = identity;
        this.cas = cas;
        this.pairs = Map.copyOf(pairs);
        this.custodyMacKey = custodyMacKey;
        this.ring = ring;
        this.cipher = cipher;
        this.epochs = epochs;
    }

    // ---- making and opening

    /** For {@link Join}, after all checks: makes all keys and certifies them. */
    static NodeKeys create(
            Disk data,
            Protection protection,
            Invitation invitation,
            List<OfficeCa> officeCas,
            Instant now,
            Randomness randomness) {
        KeyFolder folder = KeyFolder.create(data, FOLDER, protection, randomness);
        Hash network = invitation.root().fingerprint();
        OrganisationId node = invitation.facts().node();
        Map<OrganisationId, OfficeCa> cas = new TreeMap<>();
        officeCas.forEach(ca -> cas.put(ca.office(), ca));
        OfficeCa own = Objects.requireNonNull(cas.get(node));
        Map<String, KeyPair> pairs = new LinkedHashMap<>();
        for (OfficeCa ca : cas.values()) {
            Address address = Address.of(ca.office());
            pairs.put(addressFile(address), firstPair(network, Purpose.ADDRESS, address, ca, now, randomness));
        }
        pairs.put(TLS, firstPair(network, Purpose.NODE_TLS, Address.of(node), own, now, randomness));
        pairs.put(EVIDENCE, firstPair(network, Purpose.EVIDENCE, Address.of(node), own, now, randomness));
        IdentityText identity = new IdentityText(
                network,
                node,
                List.copyOf(cas.keySet()),
                Optional.empty(),
                new Incarnation(randomness.nonZeroLong()),
                invitation.facts().number(),
                folder.hasPassphrase(),
                now);
        SecretBytes custody = SecretBytes.random(32, randomness);
        RecipientKeyRing ring = new RecipientKeyRing();
        Map<Address, EpochKeys> epochs = new TreeMap<>();
        cas.keySet()
                .forEach(office -> epochs.put(Address.of(office), EpochKeys.create(Address.of(office), folder, ring)));
        NodeKeys keys = new NodeKeys(
                folder, randomness, invitation.root(), identity, cas, pairs, custody, ring, Optional.empty(), epochs);
        folder.write(ROOT_FILE, invitation.root().text());
        cas.values().forEach(ca -> {
            folder.writeSecret(caFile(ca.office()), ca.encode());
            folder.write(crlFile(ca.office()), ca.firstList(network, now).toBytes());
        });
        pairs.forEach((name, pair) -> folder.writeSecret(name + PAIR, pair.encode()));
        folder.writeSecret(CUSTODY_FILE, custody);
        keys.publishBundles(keys.suites(invitation.directory().policy()), Optional.empty(), now);
        folder.write(IdentityText.FILE, identity.text());
        return keys;
    }

    private static KeyPair firstPair(
            Hash network, Purpose purpose, Address holder, OfficeCa ca, Instant now, Randomness randomness) {
        OwnKey key = OwnKey.generate(KeyAlgorithm.ECDSA_P256, randomness);
        return KeyPair.first(network, purpose, holder, key, ca.issue(purpose, holder, key.publicKeyInfo(), now), now);
    }

    /**
     * Opens the keys of a node.
     *
     * @param data the node's data folder
     * @return NO_INPUT when nothing has joined here; FILE_EXPOSED with the command that mends it; PASSPHRASE_WRONG; RECORD_DAMAGED naming the file
     */
    public static Result<NodeKeys> open(Disk data, Protection protection, Randomness randomness) {
        return open(data, protection, randomness, Optional.empty());
    }

    /** The same with a product of the State cipher service, of whose suite keys are then published too. */
    public static Result<NodeKeys> open(
            Disk data, Protection protection, Randomness randomness, Optional<InstalledCipher> cipher) {
        return KeyFolder.open(data, FOLDER, protection, randomness).then(folder -> {
            Result<IdentityText> identity = readIdentity(folder);
            Result<NetworkRoot> root = NetworkRoot.parse(folder.read(ROOT_FILE).orElse(Bytes.empty()));
            if (!(identity instanceof Result.Ok<IdentityText> who)) {
                return Result.no(identity.refusal());
            }
            if (!(root instanceof Result.Ok<NetworkRoot> known)
                    || !known.value().fingerprint().equals(who.value().network())) {
                return Result.no(ErrorCode.RECORD_DAMAGED, "{0} is damaged or of another network", ROOT_FILE);
            }
            if (who.value().client().isPresent()) {
                return Result.no(ErrorCode.NO_INPUT, "these are the keys of a client, not of a node");
            }
            return read(folder, who.value(), known.value(), randomness, cipher);
        });
    }

    static Result<IdentityText> readIdentity(KeyFolder folder) {
        Optional<Bytes> text = folder.read(IdentityText.FILE);
        if (text.isEmpty()) {
            return Result.no(ErrorCode.NO_INPUT, "joining was interrupted here: run join again");
        }
        return IdentityText.parse(text.get())
                .fold(Result::ok, no -> Result.no(ErrorCode.RECORD_DAMAGED, "{0}: {1}", IdentityText.FILE, no.about()));
    }

    private static Result<NodeKeys> read(
            KeyFolder folder,
            IdentityText identity,
            NetworkRoot root,
            Randomness randomness,
            Optional<InstalledCipher> cipher) {
        Map<OrganisationId, OfficeCa> cas = new TreeMap<>();
        Map<String, KeyPair> pairs = new LinkedHashMap<>();
        Map<Address, EpochKeys> epochs = new TreeMap<>();
        RecipientKeyRing ring = new RecipientKeyRing();
        List<String> names = new ArrayList<>(List.of(TLS, EVIDENCE));
        for (OrganisationId office : identity.offices()) {
            Address address = Address.of(office);
            names.add(addressFile(address));
            Result<OfficeCa> ca =
                    folder.readSecret(caFile(office)).then(secret -> OfficeCa.decode(office, secret, randomness));
            Result<EpochKeys> keys = EpochKeys.open(address, folder, ring, cipher);
            if (ca instanceof Result.No<OfficeCa> no) {
                return Result.no(no.refusal());
            }
            if (keys instanceof Result.No<EpochKeys> no) {
                return Result.no(no.refusal());
            }
            cas.put(office, ca.orBug());
            epochs.put(address, keys.orBug());
        }
        for (String name : names) {
            Result<KeyPair> pair = folder.readSecret(name + PAIR).then(secret -> KeyPair.decode(secret, name + PAIR));
            if (pair instanceof Result.No<KeyPair> no) {
                return Result.no(no.refusal());
            }
            pairs.put(name, pair.orBug());
        }
        return folder.readSecret(CUSTODY_FILE)
                .map(custody ->
                        new NodeKeys(folder, randomness, root, identity, cas, pairs, custody, ring, cipher, epochs));
    }

    private static String addressFile(Address address) {
        return "address-" + EpochKeys.fileName(address);
    }

    private static String caFile(OrganisationId office) {
        return "ca-" + EpochKeys.fileName(Address.of(office)) + ".key";
    }

    private static String crlFile(OrganisationId office) {
        return "crl-" + EpochKeys.fileName(Address.of(office)) + RECORD;
    }

    private static String bundleFile(Address address) {
        return "bundle-" + EpochKeys.fileName(address) + RECORD;
    }

    // ---- who this is

    public NetworkRoot root() {
        return root;
    }

    /** The node's name in the directory. */
    public OrganisationId node() {
        return identity.node();
    }

    /** The offices this node serves with keys of its own, ascending. */
    public List<OrganisationId> offices() {
        return identity.offices();
    }

    /** Of the key set on this disk; changes with {@link #rejoin} only. */
    public Incarnation incarnation() {
        return identity.incarnation();
    }

    /** Whether a passphrase protects the keys; otherwise file modes alone do, which status shows. */
    public boolean hasPassphrase() {
        return identity.passphrase();
    }

    /** What the operator reads back to the hub before it lists the node: the fingerprint of its own address's certificate. */
    public SpokenFingerprint fingerprint() {
        return SpokenFingerprint.of(
                pair(addressFile(Address.of(node()))).certificate().hash());
    }

    private KeyPair pair(String name) {
        return Objects.requireNonNull(pairs.get(name), name);
    }

    // ---- keys

    /**
     * The key that signs seals and receipts of an address served here: its office's. A mailbox with an identity of its own
     * ({@link DirectoryView#hasOwnIdentity}) signs in its client, not here.
     */
    public Optional<SigningKey> signingKey(Address address) {
        return Optional.ofNullable(pairs.get(addressFile(Address.of(address.organisation()))))
                .map(KeyPair::signing);
    }

    /** The key that signs {@code delivered} and policy returns for the addresses this node serves. */
    public SigningKey evidenceKey() {
        return pair(EVIDENCE).signing();
    }

    /** What this node shows on its links; ask again after a renewal. */
    public TlsKey tls() {
        KeyPair pair = pair(TLS);
        OfficeCa ca = Objects.requireNonNull(cas.get(node()));
        return new TlsKey(
                Secrets.jdk(pair.key()),
                List.of(pair.certificate().der(), ca.certificate().der()));
    }

    /** All opening keys of the addresses served here, by key id. The same object for the life of these keys. */
    public RecipientKeyRing recipientKeys() {
        return ring;
    }

    /** Key of the HMAC over custody numbers, 32 bytes. */
    public SecretBytes custodyMacKey() {
        return custodyMacKey;
    }

    /** What this node publishes, as it travels: revocation lists first, then certificates oldest first, re-joins, bundles. */
    public List<Bytes> records() {
        List<Bytes> lists = new ArrayList<>();
        List<Bytes> others = new ArrayList<>();
        List<Bytes> bundles = new ArrayList<>();
        for (String name : folder.names()) {
            if (name.endsWith(RECORD)) {
                folder.read(name)
                        .ifPresent(
                                (name.startsWith("crl-") ? lists : name.startsWith("bundle-") ? bundles : others)::add);
            }
        }
        pairs.values().forEach(pair -> lists.add(pair.record()));
        lists.addAll(others);
        lists.addAll(bundles);
        return lists;
    }

    /** When each certificate in use here ends, by its file's name without the suffix, for instance {@code tls} or {@code ca-a08}. */
    public Map<String, Instant> certificateEnds() {
        Map<String, Instant> ends = new TreeMap<>();
        pairs.forEach((name, pair) -> ends.put(name, pair.certificate().notAfter()));
        cas.forEach((office, ca) -> ends.put(
                "ca-" + EpochKeys.fileName(Address.of(office)), ca.certificate().notAfter()));
        return ends;
    }

    // ---- renewal

    /**
     * What came of a renewal.
     *
     * @param records new ones, to be put into the book and passed on
     * @param destroyed how many opening keys are gone for ever
     * @param tlsChanged whether {@link #tls} gives another key now
     * @param warnings ends that come near and that only the authority can put off, with dates
     */
    public record Renewal(List<Bytes> records, int destroyed, boolean tlsChanged, List<Detail> warnings) {
        public Renewal {
            records = List.copyOf(records);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Makes and certifies what is due: opening keys for the weeks ahead, certificates 60 days before their end (the old ones stay valid
     * beside), revocation lists; destroys opening keys past their time. To be called at start and every few hours; does nothing otherwise.
     *
     * @param view with this node's own records in it, for the number of the last bundle
     * @param now what this machine's clock claims
     * @param witnessed what others vouch for, for instance the latest of the neighbours' clocks in their hellos: nothing is destroyed or renewed
     *     by a clock that runs ahead of everybody alone. {@link Instant#MIN} when nobody has said anything yet: then nothing is destroyed, and
     *     what is due is renewed by this clock, for without certificates nobody can be heard
     */
    public Renewal renewIfDue(DirectoryView view, Instant now, Instant witnessed) {
        Instant earlier = now.isBefore(witnessed) ? now : witnessed;
        return renew(view, witnessed.equals(Instant.MIN) ? now : earlier, earlier);
    }

    /** The same where nobody else's clock is known. */
    public Renewal renewIfDue(DirectoryView view, Instant now) {
        return renew(view, now, now);
    }

    /** @param past by when an opening key's time must be over for it to be destroyed */
    private Renewal renew(DirectoryView view, Instant now, Instant past) {
        List<Bytes> records = new ArrayList<>();
        for (OfficeCa ca : cas.values()) {
            Address address = Address.of(ca.office());
            renewPair(addressFile(address), Purpose.ADDRESS, address, ca, now).ifPresent(records::add);
            renewList(ca, view, now).ifPresent(records::add);
        }
        OfficeCa own = Objects.requireNonNull(cas.get(node()));
        Optional<Bytes> tls = renewPair(TLS, Purpose.NODE_TLS, Address.of(node()), own, now);
        tls.ifPresent(records::add);
        renewPair(EVIDENCE, Purpose.EVIDENCE, Address.of(node()), own, now).ifPresent(records::add);
        records.addAll(publishBundles(suites(view.directory().policy()), Optional.of(view), now));
        int count = 0;
        for (EpochKeys keys : epochs.values()) {
            count += keys.destroyPast(past);
        }
        return new Renewal(records, count, tls.isPresent(), warnings(view.directory(), now));
    }

    private Optional<Bytes> renewList(OfficeCa ca, DirectoryView view, Instant now) {
        Optional<Bytes> united = catchUp(ca, view, now);
        RevocationList list = list(ca).list();
        boolean fromTheFuture = now.isBefore(list.thisUpdate());
        if (fromTheFuture || now.isAfter(list.nextUpdate().minus(OfficeCa.RENEW_BEFORE))) {
            CrlRecord next = next(ca, view, List.of(), now);
            if (fromTheFuture || next.list().nextUpdate().isAfter(list.nextUpdate())) {
                folder.write(crlFile(ca.office()), next.toBytes());
                return Optional.of(next.toBytes());
            }
        }
        return united;
    }

    /**
     * The network may hold a later list of ours than this folder, which was put back from a copy: it becomes this folder's, and where each revokes what the
     * other does not, a new one says both.
     *
     * @return a new list, to be published
     */
    private Optional<Bytes> catchUp(OfficeCa ca, DirectoryView view, Instant now) {
        RevocationList own = list(ca).list();
        Optional<RevocationList> known = known(ca, view)
                .filter(list -> list.number().compareTo(own.number()) >= 0
                        && !list.der().equals(own.der()));
        if (known.isEmpty()) {
            return Optional.empty();
        }
        boolean saysAll = known.get().number().compareTo(own.number()) > 0
                && known.get().entries().keySet().containsAll(own.entries().keySet());
        if (!saysAll) {
            return Optional.of(revoke(ca, view, List.of(), now));
        }
        folder.write(
                crlFile(ca.office()),
                CrlRecord.of(root.fingerprint(), ca.certificate().hash(), known.get())
                        .toBytes());
        return Optional.empty();
    }

    private static Optional<RevocationList> known(OfficeCa ca, DirectoryView view) {
        return view.revocationListOf(ca.certificate().hash());
    }

    /** The one after the newest that this folder or the network holds, with what either revokes. */
    private CrlRecord next(OfficeCa ca, DirectoryView view, List<RevocationList.Entry> more, Instant now) {
        RevocationList own = list(ca).list();
        Optional<RevocationList> known = known(ca, view);
        Map<BigInteger, RevocationList.Entry> entries = new LinkedHashMap<>();
        known.ifPresent(list -> entries.putAll(list.entries()));
        more.forEach(entry -> entries.putIfAbsent(entry.serial(), entry));
        own.entries().forEach(entries::putIfAbsent);
        RevocationList newest =
                known.filter(list -> list.number().compareTo(own.number()) > 0).orElse(own);
        return ca.nextList(root.fingerprint(), newest, List.copyOf(entries.values()), now);
    }

    private Optional<Bytes> renewPair(String name, Purpose purpose, Address holder, OfficeCa ca, Instant now) {
        return renewPair(name, purpose, holder, ca, now, false);
    }

    /** @param lost what followed the present one is without its key here: another follows now */
    private Optional<Bytes> renewPair(
            String name, Purpose purpose, Address holder, OfficeCa ca, Instant now, boolean lost) {
        KeyPair old = pair(name);
        // Made while the clock ran ahead, and now it is right again: worth nothing until then.
        boolean fromTheFuture = lost || now.isBefore(old.certificate().notBefore());
        if (!fromTheFuture && !now.isAfter(old.certificate().notAfter().minus(OfficeCa.RENEW_BEFORE))) {
            return Optional.empty();
        }
        OwnKey key = OwnKey.generate(KeyAlgorithm.ECDSA_P256, randomness);
        Certificate issued = ca.issue(purpose, holder, key.publicKeyInfo(), now);
        if (!fromTheFuture && !issued.notAfter().isAfter(old.certificate().notAfter())) {
            // The CA itself ends: another leaf would live no longer. The warning says so.
            return Optional.empty();
        }
        KeyPair next = old.next(root.fingerprint(), purpose, holder, key, issued, now);
        folder.write(name + "-" + old.certificate().serial().toString(16) + RECORD, old.record());
        folder.writeSecret(name + PAIR, next.encode());
        Map<String, KeyPair> changed = new LinkedHashMap<>(pairs);
        changed.put(name, next);
        pairs = Map.copyOf(changed);
        old.key().destroy();
        return Optional.of(next.record());
    }

    private CrlRecord list(OfficeCa ca) {
        return folder.read(crlFile(ca.office()))
                .flatMap(bytes -> DirectoryRecord.parse(bytes, root.fingerprint())
                        .fold(
                                record -> record instanceof CrlRecord list ? Optional.of(list) : Optional.empty(),
                                no -> Optional.<CrlRecord>empty()))
                .orElseThrow(() -> new lienthong.gateway.message.Bug("our own revocation list is unreadable"));
    }

    private List<Suite> suites(Policy policy) {
        return EpochKeys.suites(policy, cipher);
    }

    /** The State cipher service's product, where one is installed. */
    public Optional<InstalledCipher> cipher() {
        return cipher;
    }

    private List<Bytes> publishBundles(List<Suite> suites, Optional<DirectoryView> view, Instant now) {
        List<Bytes> records = new ArrayList<>();
        cipherAway = Optional.empty();
        epochs.forEach((address, keys) -> {
            Optional<KeyBundleRecord> published = folder.read(bundleFile(address))
                    .flatMap(bytes -> DirectoryRecord.parse(bytes, root.fingerprint())
                            .fold(
                                    record -> record instanceof KeyBundleRecord bundle
                                            ? Optional.of(bundle)
                                            : Optional.empty(),
                                    no -> Optional.<KeyBundleRecord>empty()));
            boolean sameLife = published
                    .filter(bundle -> bundle.incarnation().equals(incarnation()))
                    .isPresent();
            if (sameLife && !keys.isDue(published, suites, now)) {
                return;
            }
            // A restored disk may have forgotten bundles that others remember: a number is never used twice.
            long known = view.flatMap(seen -> seen.bundle(address))
                    .map(KeyBundleRecord::number)
                    .orElse(0L);
            long number = Math.max(published.map(KeyBundleRecord::number).orElse(0L), known) + 1;
            KeyBundleRecord bundle;
            try {
                bundle = keys.publish(
                        root.fingerprint(),
                        pair(addressFile(address)).signing(),
                        number,
                        incarnation(),
                        suites,
                        now,
                        randomness);
            } catch (TokenAway away) {
                // Tried again at the next renewal; the keys published before reach weeks ahead.
                cipherAway = Optional.of(Detail.of("no new opening keys of {0}: {1}", address, Detail.technical(away)));
                return;
            }
            folder.write(bundleFile(address), bundle.toBytes());
            records.add(bundle.toBytes());
        });
        return records;
    }

    private List<Detail> warnings(Directory directory, Instant now) {
        List<Detail> warnings = new ArrayList<>();
        cipherAway.ifPresent(warnings::add);
        epochs.forEach((address, keys) -> {
            if (keys.hasSleeping()) {
                warnings.add(Detail.of(
                        "opening keys of {0} belong to a cipher provider that is not installed: what is sealed to them"
                                + " waits",
                        address));
            }
        });
        for (OfficeCa ca : cas.values()) {
            Instant end = ca.certificate().notAfter();
            if (now.isAfter(end.minus(WARN_BEFORE))) {
                warnings.add(
                        Detail.of("the CA of {0} ends {1}: ask the authority for a new invitation", ca.office(), end));
            }
        }
        Instant end = directory.head().expires();
        if (now.isAfter(end.minus(WARN_BEFORE))) {
            warnings.add(Detail.of("the directory expires {0}: ask the authority for a new one", end));
        }
        return warnings;
    }

    /** The oldest week whose messages can still be opened: the epoch window that status prints. */
    public Optional<Instant> opensSince() {
        return epochs.values().stream()
                .flatMap(keys -> keys.opensSince().stream())
                .min(Instant::compareTo);
    }

    /**
     * Declares that this key set lives on, on a restored disk, under a new incarnation. What leads there begins at the latest life that the view knows,
     * which may be later than the one on this disk. Revocation lists go on from the newest that the view knows; certificates in it that were made after the
     * copy, and whose keys are lost with the disk, are revoked, and the keys that are here are followed by new ones.
     *
     * @return the records to publish: a re-join and a bundle for each address, and what else is new
     */
    public List<Bytes> rejoin(DirectoryView view, Instant now) {
        List<Bytes> records = new ArrayList<>();
        cas.values().forEach(ca -> catchUp(ca, view, now).ifPresent(records::add));
        OfficeCa node = Objects.requireNonNull(cas.get(node()));
        for (OfficeCa ca : cas.values()) {
            Address address = Address.of(ca.office());
            records.addAll(withdrawLost(addressFile(address), Purpose.ADDRESS, address, ca, view, now));
        }
        records.addAll(withdrawLost(TLS, Purpose.NODE_TLS, Address.of(node()), node, view, now));
        records.addAll(withdrawLost(EVIDENCE, Purpose.EVIDENCE, Address.of(node()), node, view, now));
        Incarnation last = latest(view, Address.of(node()));
        Incarnation after = begun(last).orElseGet(() -> new Incarnation(randomness.nonZeroLong()));
        for (Address address : epochs.keySet()) {
            String name = "rejoin-" + EpochKeys.fileName(address) + "-" + after + RECORD;
            Optional<Bytes> said = folder.read(name);
            if (said.isPresent()) {
                records.add(said.get());
                continue;
            }
            Incarnation before = latest(view, address);
            SigningKey signer = pair(addressFile(address)).signing();
            Hash certificate = signer.certificate().hash();
            Bytes text = RejoinRecord.text(root.fingerprint(), address, certificate, before, after, now);
            RejoinRecord record = RejoinRecord.of(
                    root.fingerprint(), address, certificate, before, after, now, signer.signCms(text, now));
            folder.write(name, record.toBytes());
            records.add(record.toBytes());
        }
        IdentityText changed = identity.withIncarnation(after);
        folder.write(IdentityText.FILE, changed.text());
        identity = changed;
        records.addAll(publishBundles(suites(view.directory().policy()), Optional.of(view), now));
        return records;
    }

    /** Gives a new list and certificate record where something is lost. */
    private List<Bytes> withdrawLost(
            String name, Purpose purpose, Address holder, OfficeCa ca, DirectoryView view, Instant now) {
        List<RevocationList.Entry> lost = view
                .followersOf(pair(name).certificate().hash())
                .stream()
                .map(follower -> new RevocationList.Entry(follower.serial(), now, RevocationList.SUPERSEDED))
                .toList();
        if (lost.isEmpty()) {
            return List.of();
        }
        List<Bytes> records = new ArrayList<>(List.of(revoke(ca, view, lost, now)));
        renewPair(name, purpose, holder, ca, now, true).ifPresent(records::add);
        return records;
    }

    private Incarnation latest(DirectoryView view, Address address) {
        return view.bundle(address).map(KeyBundleRecord::incarnation).orElseGet(this::incarnation);
    }

    /** The life to which an interrupted re-join from this one has signed the way: a second one from the same would be a fork. */
    private Optional<Incarnation> begun(Incarnation before) {
        return folder.names().stream()
                .filter(name -> name.startsWith("rejoin-") && name.endsWith(RECORD))
                .flatMap(name -> folder.read(name).stream())
                .flatMap(bytes -> DirectoryRecord.parse(bytes, root.fingerprint())
                        .fold(Stream::of, no -> Stream.<DirectoryRecord>empty()))
                .filter(record ->
                        record instanceof RejoinRecord rejoin && rejoin.from().equals(before))
                .map(record -> ((RejoinRecord) record).to())
                .findFirst();
    }

    /**
     * Revokes a certificate of one of this node's offices, for instance a lost client's.
     *
     * @param reason number of RFC 5280 §5.3.1
     * @return the new revocation list's record; WHO_ARE_YOU when no CA here issued it
     */
    public Result<Bytes> revoke(Certificate certificate, int reason, DirectoryView view, Instant now) {
        for (OfficeCa ca : cas.values()) {
            if (certificate.isSignedBy(ca.certificate())) {
                return Result.ok(
                        revoke(ca, view, List.of(new RevocationList.Entry(certificate.serial(), now, reason)), now));
            }
        }
        return Result.no(ErrorCode.WHO_ARE_YOU, "a certificate of none of this node's offices");
    }

    private Bytes revoke(OfficeCa ca, DirectoryView view, List<RevocationList.Entry> more, Instant now) {
        CrlRecord next = next(ca, view, more, now);
        folder.write(crlFile(ca.office()), next.toBytes());
        return next.toBytes();
    }

    // ---- embedded clients

    /**
     * A client's invitation made.
     *
     * @param file to be carried to the client's machine: useless without the code
     * @param code to be said to whoever sits there
     */
    public record ClientInvited(Bytes file, String code) {}

    /**
     * Invites an embedded client, which will hold the keys of one mailbox itself.
     *
     * @param address a mailbox of an office served here; the office's own address is this node's
     * @param dial where the client dials, at least one
     * @param valid how long the invitation is
     * @return NOT_YOUR_ADDRESS for an address that cannot be given away
     */
    public Result<ClientInvited> inviteClient(
            Address address,
            List<DialAddress> dial,
            Duration valid,
            DirectoryView view,
            PassphraseBox.Cost cost,
            Instant now) {
        OfficeCa ca = cas.get(address.organisation());
        if (ca == null) {
            return Result.no(ErrorCode.NOT_YOUR_ADDRESS, "{0} is not served here", address);
        }
        if (address.mailbox().isEmpty()) {
            return Result.no(
                    ErrorCode.ADDRESS_MALFORMED, "{0} is this node's own: give the client a mailbox of it", address);
        }
        Bytes token = Bytes.ofOwned(randomness.bytes(Hash.SIZE_BYTES));
        OwnKey key = OwnKey.generate(KeyAlgorithm.ECDSA_P256, randomness);
        Certificate enrolment = ca.issueEnrolment(address, key.publicKeyInfo(), now, now.plus(valid));
        ClientInvitation.Facts facts = new ClientInvitation.Facts(
                root.fingerprint(),
                address,
                node(),
                Hash.of(token),
                enrolment.hash(),
                view.version(),
                now,
                now.plus(valid),
                dial);
        SigningKey signer =
                pair(addressFile(Address.of(address.organisation()))).signing();
        String code = SpokenCode.generate(randomness);
        char[] passphrase = SpokenCode.normal(code);
        SecretBytes bare = key.encode();
        SecretBytes secrets =
                Secrets.of(IdentityWire.write(new IdentityWire.ClientSecretParts(Secrets.reveal(bare), token)));
        Bytes box = PassphraseBox.seal(ClientInvitation.BOX_PURPOSE, secrets, passphrase, cost, randomness);
        bare.destroy();
        secrets.destroy();
        java.util.Arrays.fill(passphrase, ' ');
        Bytes text = facts.text();
        folder.write(enrolmentFile(facts.tokenHash()) + FACTS, text);
        Bytes file = IdentityWire.write(new IdentityWire.ClientInvitationParts(
                text,
                signer.signCms(text, now),
                List.of(signer.certificate().der(), enrolment.der()),
                box,
                view.directory().signed()));
        return Result.ok(new ClientInvited(file, code));
    }

    private static String enrolmentFile(Hash tokenHash) {
        return CLIENT + tokenHash.hex().substring(0, 32);
    }

    /**
     * What an address lost.
     *
     * @param list the office's new revocation list, to be published; empty when every certificate was revoked or out of date before
     * @param certificates revoked now
     * @param invitations that nobody had used and nobody can use any more
     */
    public record ClientsRevoked(Optional<Bytes> list, int certificates, int invitations) {}

    /**
     * Revokes every certificate of every client that has enrolled for an address, and makes unused invitations for it void. Done again, it finds
     * nothing more to do. Whoever is to have the address next is invited afterwards. Of a client whose enrolment this folder has forgotten, being put back
     * from a copy, the view has the certificate that it signs with; the other one, for links, nobody knows.
     *
     * @return NOT_YOUR_ADDRESS for an address without any client or invitation of this node's
     */
    public Result<ClientsRevoked> revokeClients(Address address, DirectoryView view, Instant now) {
        OfficeCa ca = cas.get(address.organisation());
        if (ca == null) {
            return Result.no(ErrorCode.NOT_YOUR_ADDRESS, "{0} is not served here", address);
        }
        List<String> unused = new ArrayList<>();
        Set<Certificate> certificates = new LinkedHashSet<>();
        if (!address.mailbox().isEmpty()) {
            certificates.addAll(view.signersOf(address));
        }
        boolean any = !certificates.isEmpty();
        for (String name : folder.names()) {
            if (!name.startsWith(CLIENT) || !name.endsWith(FACTS) || !isFor(name, address)) {
                continue;
            }
            any = true;
            Optional<Bytes> answer = folder.read(name.substring(0, name.length() - FACTS.length()) + ANSWER);
            if (answer.isEmpty()) {
                unused.add(name);
            } else {
                certificates.addAll(issued(answer.get()));
            }
        }
        if (!any) {
            return Result.no(ErrorCode.NOT_YOUR_ADDRESS, "no client of {0} was invited here", address);
        }
        Set<BigInteger> before = new HashSet<>(list(ca).list().entries().keySet());
        known(ca, view).ifPresent(list -> before.addAll(list.entries().keySet()));
        List<RevocationList.Entry> revoked = certificates.stream()
                .filter(certificate -> certificate.isSignedBy(ca.certificate())
                        && now.isBefore(certificate.notAfter())
                        && !before.contains(certificate.serial()))
                .map(certificate -> new RevocationList.Entry(certificate.serial(), now, RevocationList.UNSPECIFIED))
                .toList();
        Optional<Bytes> list = revoked.isEmpty() ? Optional.empty() : Optional.of(revoke(ca, view, revoked, now));
        unused.forEach(folder::erase);
        return Result.ok(new ClientsRevoked(list, revoked.size(), unused.size()));
    }

    private boolean isFor(String name, Address address) {
        return folder.read(name)
                .flatMap(text -> ClientInvitation.Facts.parse(text, root.fingerprint())
                        .fold(Optional::of, no -> Optional.<ClientInvitation.Facts>empty()))
                .filter(facts -> facts.address().equals(address))
                .isPresent();
    }

    /** The two certificates that a client was given. */
    private static List<Certificate> issued(Bytes answer) {
        IdentityWire.EnrolAnswerParts parts = IdentityWire.parseEnrolAnswer(
                        answer.slice(Hash.SIZE_BYTES, answer.size() - Hash.SIZE_BYTES))
                .orBug();
        return List.of(
                Certificate.parse(parts.addressCertificate()).orBug(),
                Certificate.parse(parts.tlsCertificate()).orBug());
    }

    /**
     * Certifies an enrolling client. The same request again gives the same answer: an answer lost on the way costs nothing.
     *
     * @param request as it came in the link's enrolment frame
     * @return the answer for the link's frame; INVITATION_INVALID for an unknown, expired or altered one; INVITATION_USED when somebody else has
     *     enrolled with it
     */
    public Result<Bytes> issueClient(Bytes request, Instant now) {
        return ClientInvitation.Request.parse(request, root.fingerprint()).then(asked -> {
            Hash tokenHash = Hash.of(asked.token());
            String name = enrolmentFile(tokenHash);
            Optional<ClientInvitation.Facts> offered = folder.read(name + FACTS)
                    .flatMap(text -> ClientInvitation.Facts.parse(text, root.fingerprint())
                            .fold(Optional::of, no -> Optional.empty()))
                    .filter(facts -> facts.tokenHash().equals(tokenHash)
                            && facts.address().equals(asked.address()));
            if (offered.isEmpty()) {
                return Result.no(ErrorCode.INVITATION_INVALID, "no such invitation was made here");
            }
            Optional<Bytes> used = folder.read(name + ANSWER);
            if (used.isPresent()) {
                return Hash.of(request).bytes().equals(used.get().slice(0, Hash.SIZE_BYTES))
                        ? Result.ok(used.get().slice(Hash.SIZE_BYTES, used.get().size() - Hash.SIZE_BYTES))
                        : Result.no(
                                ErrorCode.INVITATION_USED,
                                "{0}: somebody has enrolled with this invitation already",
                                asked.address());
            }
            if (!now.isBefore(offered.get().expires())) {
                return Result.no(ErrorCode.INVITATION_INVALID, "the invitation is out of date");
            }
            OfficeCa ca = Objects.requireNonNull(cas.get(asked.address().organisation()));
            if (!ClientInvitation.areP256(asked.signingKey(), asked.tlsKey())) {
                return Result.no(ErrorCode.INVITATION_INVALID, "keys of another kind than ECDSA P-256");
            }
            Bytes answer = IdentityWire.write(new IdentityWire.EnrolAnswerParts(
                    ca.issue(Purpose.ADDRESS, asked.address(), keyInfo(asked.signingKey()), now)
                            .der(),
                    ca.issue(Purpose.CLIENT_TLS, asked.address(), keyInfo(asked.tlsKey()), now)
                            .der(),
                    ca.certificate().der()));
            folder.write(name + ANSWER, Hash.of(request).bytes().plus(answer));
            return Result.ok(answer);
        });
    }

    private static Bytes keyInfo(VerifyingKey key) {
        return key.publicKeyInfo();
    }

    /** Forgets all private keys; nothing works afterwards. */
    public void close() {
        ring.destroyAll();
        custodyMacKey.destroy();
        pairs.values().forEach(pair -> pair.key().destroy());
        folder.destroy();
    }

    /** The addresses whose opening keys lie here. */
    public Set<Address> addresses() {
        return Set.copyOf(epochs.keySet());
    }
}
