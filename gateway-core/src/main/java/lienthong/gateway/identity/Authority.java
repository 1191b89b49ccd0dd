package lienthong.gateway.identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CertificateIssuer;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.crypto.DoubleSigningKey;
import lienthong.gateway.crypto.KeyAlgorithm;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.directory.Directory;
import lienthong.gateway.directory.DirectoryEntry;
import lienthong.gateway.directory.DirectoryHead;
import lienthong.gateway.directory.DirectoryVerifier;
import lienthong.gateway.directory.FreshnessKeyEntry;
import lienthong.gateway.directory.FreshnessRecord;
import lienthong.gateway.directory.InvitationEntry;
import lienthong.gateway.directory.NetworkRoot;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.directory.RevocationEntry;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * The network authority at its ceremony: offline, with its folder on a stick and its passphrase in somebody's head. Signs directories and
 * invites offices. Files of the folder:
 *
 * <pre>
 * authority.txt               the root's strict text, public
 * authority.der               the root CA's certificate, public
 * authority.key               both root keys in a passphrase box
 * freshness.key               the freshness key in a passphrase box
 * directory-00000001.signed   each directory ever signed, public
 * </pre>
 *
 * <p>An I/O error is a dead environment ({@link UncheckedIOException}). Not thread-safe. Close it to forget the keys.
 */
public final class Authority implements AutoCloseable {
    /** The root lives as long as the evidence it must verify. */
    private static final Duration ROOT_VALID = Duration.ofDays(30 * 365);

    private static final Duration OFFICE_CA_VALID = Duration.ofDays(10 * 365);
    private static final Duration FRESHNESS_KEY_VALID = Duration.ofDays(3 * 365);
    /** Clocks of offices may be behind the authority's. */
    private static final Duration CLOCK_SLACK = Duration.ofDays(1);

    private static final int INVITATION_DAYS_MAX = 366;
    private static final String KEYS_PURPOSE = "authority keys";
    private static final String FRESHNESS_PURPOSE = "freshness key";
    private static final String ROOT_FILE = "authority.txt";
    private static final String CA_FILE = "authority.der";
    private static final String KEYS_FILE = "authority.key";
    private static final String FRESHNESS_FILE = "freshness.key";
    private static final String DIRECTORY_PREFIX = "directory-";
    private static final String DIRECTORY_SUFFIX = ".signed";

    private final Disk folder;
    private final Randomness randomness;
    private final Clock clock;
    private final PassphraseBox.Cost cost;
    private final NetworkRoot root;
    private final Certificate rootCa;
    private final DoubleSigningKey keys;
    private final OwnKey freshnessKey;
    private @org.jspecify.annotations.Nullable Directory current;

    private Authority(
            Disk folder,
            Randomness randomness,
            Clock clock,
            PassphraseBox.Cost cost,
            NetworkRoot root,
            Certificate rootCa,
            DoubleSigningKey keys,
            OwnKey freshnessKey) {
        this.folder = folder;
        this.randomness = randomness;
        this.clock = clock;
        this.cost = cost;
        this.root = root;
        this.rootCa = rootCa;
        this.keys = keys;
        this.freshnessKey = freshnessKey;
    }

    /**
     * Makes an authority and signs its first directory.
     *
     * @param name of the network, as operators see it
     * @param passphrase over the root keys, not empty; the caller overwrites it
     * @param folder empty
     * @return OUTPUT_EXISTS when the folder holds an authority; DUPLICATE, FIELD_MISSING, DIRECTORY_INVALID, TEXT_NOT_CLEAN for the plan: then
     *     nothing was written
     */
    public static Result<Authority> create(
            String name, NetworkPlan plan, char[] passphrase, Disk folder, Randomness randomness, Clock clock) {
        return create(name, plan, passphrase, PassphraseBox.Cost.STANDARD, folder, randomness, clock);
    }

    /** The same at another cost of guessing the passphrase and the codes of invitations. */
    public static Result<Authority> create(
            String name,
            NetworkPlan plan,
            char[] passphrase,
            PassphraseBox.Cost cost,
            Disk folder,
            Randomness randomness,
            Clock clock) {
        try {
            if (folder.exists(ROOT_FILE) || folder.exists(KEYS_FILE)) {
                return Result.no(ErrorCode.OUTPUT_EXISTS, "the folder holds a network authority already");
            }
            Instant now = clock.now().truncatedTo(ChronoUnit.MILLIS);
            Result<List<DirectoryEntry>> entries = plan.entries(now.truncatedTo(ChronoUnit.DAYS));
            if (!(entries instanceof Result.Ok<List<DirectoryEntry>> planned)) {
                return Result.no(entries.refusal());
            }
            DoubleSigningKey keys = DoubleSigningKey.generate(randomness);
            OwnKey freshnessKey = OwnKey.generate(KeyAlgorithm.ECDSA_P256, randomness);
            String shortName = Hash.of(
                            keys.ecdsa().publicKeyInfo().plus(keys.mlDsa().publicKeyInfo()))
                    .hex()
                    .substring(0, 8)
                    .toUpperCase(Locale.ROOT);
            Certificate rootCa = CertificateIssuer.root(
                    keys.ecdsa(), shortName, now.minus(CLOCK_SLACK), now.plus(ROOT_VALID), randomness);
            Result<NetworkRoot> root = NetworkRoot.of(
                    name, keys.ecdsa().publicKeyInfo(), keys.mlDsa().publicKeyInfo(), rootCa.hash());
            if (!(root instanceof Result.Ok<NetworkRoot> named)) {
                return Result.no(root.refusal());
            }
            Authority made = new Authority(folder, randomness, clock, cost, named.value(), rootCa, keys, freshnessKey);
            DirectoryDraft draft = new DirectoryDraft(planned.value());
            draft.put(new FreshnessKeyEntry(
                    freshnessKey.publicKeyInfo(), now.minus(CLOCK_SLACK), now.plus(FRESHNESS_KEY_VALID)));
            Result<SignedDirectory> signed = made.build(draft, List.of(rootCa), plan.directoryValid(), now);
            if (!(signed instanceof Result.Ok<SignedDirectory> first)) {
                return Result.no(signed.refusal());
            }
            KeyFolder.write(folder, "", CA_FILE, rootCa.der());
            KeyFolder.write(
                    folder,
                    "",
                    FRESHNESS_FILE,
                    box(FRESHNESS_PURPOSE, freshnessKey.encode(), passphrase, cost, randomness));
            SecretBytes both =
                    Secrets.join(List.of(keys.ecdsa().encode(), keys.mlDsa().encode()));
            KeyFolder.write(folder, "", KEYS_FILE, box(KEYS_PURPOSE, both, passphrase, cost, randomness));
            made.keep(first.value());
            // Last: a folder without this file is no authority yet.
            KeyFolder.write(folder, "", ROOT_FILE, named.value().text());
            return Result.ok(made);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Bytes box(
            String purpose, SecretBytes content, char[] passphrase, PassphraseBox.Cost cost, Randomness randomness) {
        Bytes box = PassphraseBox.seal(purpose, content, passphrase, cost, randomness);
        content.destroy();
        return box;
    }

    /**
     * Opens an authority's folder.
     *
     * @return NO_INPUT when it is none; FILE_EXPOSED; PASSPHRASE_WRONG; DIRECTORY_INVALID when its files do not belong together
     */
    public static Result<Authority> open(char[] passphrase, Disk folder, Randomness randomness, Clock clock) {
        return open(passphrase, PassphraseBox.Cost.STANDARD, folder, randomness, clock);
    }

    /** The same at another cost for the codes of invitations. */
    public static Result<Authority> open(
            char[] passphrase, PassphraseBox.Cost cost, Disk folder, Randomness randomness, Clock clock) {
        try {
            for (String secret : List.of(KEYS_FILE, FRESHNESS_FILE)) {
                Optional<Detail> exposed = folder.exposure(secret);
                if (exposed.isPresent()) {
                    return Result.no(ErrorCode.FILE_EXPOSED, exposed.get());
                }
            }
            Optional<Bytes> rootText = KeyFolder.read(folder, ROOT_FILE);
            if (rootText.isEmpty()) {
                return Result.no(ErrorCode.NO_INPUT, "no network authority in this folder");
            }
            Bytes keysBox = KeyFolder.read(folder, KEYS_FILE).orElse(Bytes.empty());
            Bytes freshnessBox = KeyFolder.read(folder, FRESHNESS_FILE).orElse(Bytes.empty());
            Bytes ca = KeyFolder.read(folder, CA_FILE).orElse(Bytes.empty());
            Result<Authority> opened = NetworkRoot.parse(rootText.get())
                    .then(root -> PassphraseBox.open(KEYS_PURPOSE, keysBox, passphrase)
                            .then(both -> PassphraseBox.open(FRESHNESS_PURPOSE, freshnessBox, passphrase)
                                    .then(fresh -> assemble(folder, randomness, clock, cost, root, ca, both, fresh))));
            if (opened instanceof Result.Ok<Authority> ok) {
                Optional<Refusal> fault = ok.value().loadNewest();
                return fault.isPresent() ? Result.no(fault.get()) : opened;
            }
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Result<Authority> assemble(
            Disk folder,
            Randomness randomness,
            Clock clock,
            PassphraseBox.Cost cost,
            NetworkRoot root,
            Bytes caDer,
            SecretBytes both,
            SecretBytes fresh) {
        Optional<List<SecretBytes>> halves = Secrets.split(both, 2);
        if (halves.isEmpty()) {
            return Result.no(ErrorCode.RECORD_DAMAGED, "{0} is damaged", KEYS_FILE);
        }
        return DoubleSigningKey.decode(halves.get().get(0), halves.get().get(1))
                .then(keys -> OwnKey.decode(fresh)
                        .then(freshnessKey -> Certificate.parse(caDer).then(ca -> {
                            boolean ours = root.ca().equals(ca.hash())
                                    && root.p384Key().equals(keys.ecdsa().publicKeyInfo())
                                    && root.mldsa87Key().equals(keys.mlDsa().publicKeyInfo());
                            return ours
                                    ? Result.ok(new Authority(
                                            folder, randomness, clock, cost, root, ca, keys, freshnessKey))
                                    : Result.no(
                                            ErrorCode.DIRECTORY_INVALID,
                                            "the folder's keys, certificate and root text do not belong together");
                        })));
    }

    private Optional<Refusal> loadNewest() throws IOException {
        String newest = folder.list("").stream()
                .filter(name -> name.startsWith(DIRECTORY_PREFIX) && name.endsWith(DIRECTORY_SUFFIX))
                .reduce((one, later) -> later)
                .orElse("");
        Bytes file = newest.isEmpty()
                ? Bytes.empty()
                : KeyFolder.read(folder, newest).orElse(Bytes.empty());
        Result<Directory> directory =
                SignedDirectory.parse(file).then(signed -> DirectoryVerifier.verifyStored(signed, root));
        if (directory instanceof Result.Ok<Directory> ok) {
            current = ok.value();
            return Optional.empty();
        }
        return Optional.of(directory.refusal());
    }

    // ---- directory

    public NetworkRoot root() {
        return root;
    }

    /** The newest directory signed. */
    public Directory directory() {
        return Objects.requireNonNull(current);
    }

    /** Starts the next directory from the newest. */
    public DirectoryDraft draft() {
        return DirectoryDraft.of(directory());
    }

    /**
     * Signs a draft as the next version, valid as long as the last one was, and keeps it in the folder.
     *
     * @return the directory to carry to the nodes; DIRECTORY_INVALID naming what does not fit together: then nothing was written
     */
    public Result<SignedDirectory> sign(DirectoryDraft draft) {
        return sign(draft, List.of());
    }

    private Result<SignedDirectory> sign(DirectoryDraft draft, List<Certificate> more) {
        Directory last = directory();
        List<Certificate> certificates = new ArrayList<>(more);
        last.signed()
                .certificates()
                .forEach(der -> certificates.add(Certificate.parse(der).orBug()));
        Duration valid = Duration.between(last.head().issued(), last.head().expires());
        Instant now = clock.now().truncatedTo(ChronoUnit.MILLIS);
        // Times of one chain rise too, whatever this machine's clock says.
        Instant issued =
                now.isAfter(last.head().issued()) ? now : last.head().issued().plusMillis(1);
        return build(draft, certificates, valid, issued).map(signed -> {
            keep(signed);
            return signed;
        });
    }

    private Result<SignedDirectory> build(
            DirectoryDraft draft, List<Certificate> certificates, Duration valid, Instant now) {
        List<Bytes> texts = draft.entries().stream()
                .map(entry -> entry.text(root.fingerprint()))
                .sorted()
                .toList();
        Directory last = current;
        long number = last == null ? 1 : last.version().number() + 1;
        DirectoryHead head = new DirectoryHead(
                root.fingerprint(),
                number,
                last == null ? Optional.empty() : Optional.of(last.version().hash()),
                texts.size(),
                MerkleTree.root(texts.stream().map(MerkleTree::leafHash).toList()),
                now,
                now.plus(valid));
        Bytes text = head.text();
        DoubleSignature signatures = keys.sign(text);
        RevocationList list = CertificateIssuer.of(SigningKey.of(keys.ecdsa(), rootCa), randomness)
                .revocationList(
                        BigInteger.valueOf(number),
                        revokedCas(draft, certificates),
                        now.minus(CLOCK_SLACK),
                        now.plus(valid));
        return SignedDirectory.of(root, text, signatures, texts, certificates, list)
                .then(signed -> DirectoryVerifier.verifyStored(signed, root).map(directory -> signed));
    }

    private static List<RevocationList.Entry> revokedCas(DirectoryDraft draft, List<Certificate> certificates) {
        List<RevocationList.Entry> revoked = new ArrayList<>();
        for (DirectoryEntry entry : draft.entries()) {
            if (entry instanceof RevocationEntry revocation && revocation.what() == RevocationEntry.What.CA) {
                certificates.stream()
                        .filter(ca -> ca.hash().equals(revocation.hash()))
                        .findFirst()
                        .ifPresent(ca -> revoked.add(new RevocationList.Entry(
                                ca.serial(),
                                revocation.time(),
                                revocation.reason().number())));
            }
        }
        return revoked;
    }

    private void keep(SignedDirectory signed) {
        Directory directory = DirectoryVerifier.verifyStored(signed, root).orBug();
        try {
            KeyFolder.write(
                    folder,
                    "",
                    String.format(
                            Locale.ROOT,
                            "%s%08d%s",
                            DIRECTORY_PREFIX,
                            directory.version().number(),
                            DIRECTORY_SUFFIX),
                    signed.toBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        current = directory;
    }

    /**
     * Revokes a certificate, a CA or an invitation and signs the directory that says so.
     *
     * @return UNKNOWN_RECIPIENT when there is no such office
     */
    public Result<SignedDirectory> revoke(
            RevocationEntry.What what, Hash hash, OrganisationId holder, RevocationEntry.Reason reason) {
        if (directory().organisation(holder).isEmpty()) {
            return Result.no(ErrorCode.UNKNOWN_RECIPIENT, "no organisation {0}", holder);
        }
        return sign(draft().put(
                        new RevocationEntry(what, hash, holder, clock.now().truncatedTo(ChronoUnit.MILLIS), reason)));
    }

    // ---- invitations

    /**
     * One invitation made.
     *
     * @param file to be carried on any medium: useless without the code
     * @param code to be read over the telephone, never put beside the file
     * @param facts what it says
     */
    public record Invited(Bytes file, String code, Invitation.Facts facts) {}

    /** Invites one node; see {@link #inviteAll}. */
    public Result<Invited> invite(
            OrganisationId node, List<DialAddress> dial, int validDays, Optional<String> contact) {
        return inviteAll(Map.of(node, List.copyOf(dial)), validDays, contact, List.of())
                .map(all -> all.get(0));
    }

    /**
     * Makes a CA for every office of each node, signs one directory that lists them all, and writes one invitation a node. A node that was
     * invited before gets a new CA: its former one is revoked as superseded, so that the old invitation and the old key set are worth nothing.
     *
     * @param nodes each node's code with where it shall dial
     * @param validDays 1 to 366
     * @param contact whom to telephone when something is wrong
     * @param known records brought home from the field, so that whoever has joined before is told so; usually none
     * @return UNKNOWN_RECIPIENT for an office that runs no node, with the nearest known; LIFETIME_OUT_OF_RANGE; USAGE
     */
    public Result<List<Invited>> inviteAll(
            Map<OrganisationId, List<DialAddress>> nodes, int validDays, Optional<String> contact, List<Bytes> known) {
        if (validDays < 1 || validDays > INVITATION_DAYS_MAX) {
            return Result.no(
                    ErrorCode.LIFETIME_OUT_OF_RANGE,
                    "an invitation is valid 1 to {0} days, not {1}",
                    INVITATION_DAYS_MAX,
                    validDays);
        }
        Instant now = clock.now().truncatedTo(ChronoUnit.MILLIS);
        Instant expires = now.plus(Duration.ofDays(validDays));
        CertificateIssuer issuer = CertificateIssuer.of(SigningKey.of(keys.ecdsa(), rootCa), randomness);
        DirectoryDraft draft = draft();
        List<Certificate> cas = new ArrayList<>();
        List<Pending> pending = new ArrayList<>();
        for (Map.Entry<OrganisationId, List<DialAddress>> wanted : new java.util.TreeMap<>(nodes).entrySet()) {
            OrganisationId id = wanted.getKey();
            var node = directory().node(id);
            if (node.isEmpty()) {
                return Result.no(
                        ErrorCode.UNKNOWN_RECIPIENT,
                        directory()
                                .nearestKnown(id.text())
                                .map(near -> Detail.of("{0} runs no node; nearest known: {1}", id, near))
                                .orElse(Detail.of("{0} runs no node", id)));
            }
            if (wanted.getValue().size() > Limits.DIAL_ADDRESSES_MAX) {
                return Result.no(
                        ErrorCode.USAGE, "at most {0} places to dial in an invitation", Limits.DIAL_ADDRESSES_MAX);
            }
            Map<OrganisationId, Hash> offices = new LinkedHashMap<>();
            List<Bytes> caKeys = new ArrayList<>();
            Hash number = new Hash(Bytes.ofOwned(randomness.bytes(Hash.SIZE_BYTES)));
            for (OrganisationId office : node.get().hosts()) {
                OrganisationEntry entry = directory().organisation(office).orElseThrow();
                OwnKey key = OwnKey.generate(KeyAlgorithm.ECDSA_P256, randomness);
                Certificate ca = issuer.officeCa(
                        office.text(), key.publicKeyInfo(), now.minus(CLOCK_SLACK), now.plus(OFFICE_CA_VALID));
                entry.ca()
                        .filter(former -> !directory().isRevoked(former))
                        .ifPresent(former -> draft.put(new RevocationEntry(
                                RevocationEntry.What.CA, former, office, now, RevocationEntry.Reason.SUPERSEDED)));
                draft.put(entry.withCa(ca.hash()));
                draft.put(new InvitationEntry(number, office, ca.hash(), now, expires));
                offices.put(office, ca.hash());
                SecretBytes bare = key.encode();
                caKeys.add(Secrets.reveal(bare));
                bare.destroy();
                cas.add(ca);
            }
            pending.add(new Pending(number, id, offices, caKeys, wanted.getValue()));
        }
        return sign(draft, cas)
                .map(signed -> pending.stream()
                        .map(one -> invited(one, signed, now, expires, contact, known))
                        .toList());
    }

    private record Pending(
            Hash number,
            OrganisationId node,
            Map<OrganisationId, Hash> offices,
            List<Bytes> caKeys,
            List<DialAddress> dial) {}

    private Invited invited(
            Pending one,
            SignedDirectory signed,
            Instant now,
            Instant expires,
            Optional<String> contact,
            List<Bytes> known) {
        Invitation.Facts facts = new Invitation.Facts(
                root.fingerprint(),
                one.number,
                one.node,
                one.offices,
                directory().version(),
                now,
                expires,
                one.dial,
                contact);
        String code = SpokenCode.generate(randomness);
        char[] passphrase = SpokenCode.normal(code);
        Bytes box =
                box(Join.BOX_PURPOSE, Secrets.of(IdentityWire.writeSecrets(one.caKeys)), passphrase, cost, randomness);
        java.util.Arrays.fill(passphrase, ' ');
        Bytes text = facts.text();
        Bytes file = IdentityWire.write(new IdentityWire.InvitationParts(text, keys.sign(text), box, signed, known));
        return new Invited(file, code, facts);
    }

    // ---- freshness

    /** A freshness statement about the newest directory, by the delegated key. */
    public FreshnessRecord freshness() {
        Instant now = clock.now().truncatedTo(ChronoUnit.MILLIS);
        Hash signer = Hash.of(freshnessKey.publicKeyInfo());
        Directory newest = directory();
        Bytes text = FreshnessRecord.text(root.fingerprint(), newest.version(), newest.revocationNumber(), now, signer);
        return FreshnessRecord.of(
                root.fingerprint(), newest.version(), newest.revocationNumber(), now, signer, freshnessKey.sign(text));
    }

    @Override
    public void close() {
        keys.destroy();
        freshnessKey.destroy();
    }
}
