package lienthong.gateway.envelope;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CertificateIssuer;
import lienthong.gateway.crypto.DoubleSigningKey;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.KeyAlgorithm;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.CertificateRecord;
import lienthong.gateway.directory.CertificateRecord.Purpose;
import lienthong.gateway.directory.CrlRecord;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.DirectoryEntry;
import lienthong.gateway.directory.DirectoryHead;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.directory.NetworkRoot;
import lienthong.gateway.directory.NodeEntry;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.directory.RevocationEntry;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;

/**
 * A small network with all its keys: hub A08 (which also serves A08.01) and the nodes of A08.10 and A08.11 below it. Every office has an address,
 * every node an evidence key, every address epoch keys of suites 1 and 2. Made once for all tests that do not change it.
 */
public final class TestNetwork {
    public static final Randomness RANDOM = Randomness.real();
    public static final Instant NOW = Instant.parse("2026-11-23T08:00:00.000Z");
    public static final Instant FROM = Instant.parse("2026-01-01T00:00:00.000Z");
    public static final Instant UNTIL = Instant.parse("2036-01-01T00:00:00.000Z");
    public static final Address HUB = address("A08");
    public static final Address GUEST = address("A08.01");
    public static final Address COMMUNE = address("A08.10");
    public static final Address DISTRICT = address("A08.11");

    private final DoubleSigningKey authority = DoubleSigningKey.generate(RANDOM);
    private final Certificate rootCa;
    private final NetworkRoot root;
    private final Map<OrganisationId, SigningKey> cas = new TreeMap<>();
    private final Map<OrganisationId, Certificate> caCertificates = new HashMap<>();
    private final Map<Address, SigningKey> signing = new TreeMap<>();
    private final Map<OrganisationId, SigningKey> evidence = new TreeMap<>();
    private final Map<Address, Map<Hash, RecipientPrivateKey>> recipient = new TreeMap<>();
    private final Map<Address, Incarnation> incarnations = new HashMap<>();
    private final DirectoryBook book;
    private final Bytes rootCrl;
    private final List<RevocationEntry> revocations = new ArrayList<>();
    private Policy policy = Policy.standard().withSuites(new Policy.Suites(2, true));
    private final Map<OrganisationId, Integer> suiteMinimum = new HashMap<>();
    private final Optional<InstalledCipher> cipher;
    private long version;
    private Optional<Hash> previous = Optional.empty();
    private SignedDirectory signed;

    private static final class Holder {
        static final TestNetwork SHARED = new TestNetwork();
    }

    /** The one that nobody changes. */
    public static TestNetwork shared() {
        return Holder.SHARED;
    }

    public static Address address(String text) {
        return Address.parse(text).orBug();
    }

    public TestNetwork() {
        this(Optional.empty());
    }

    /** One whose addresses publish keys of the product's suite too. */
    public static TestNetwork with(InstalledCipher cipher) {
        return new TestNetwork(Optional.of(cipher));
    }

    private TestNetwork(Optional<InstalledCipher> cipher) {
        this.cipher = cipher;
        rootCa = CertificateIssuer.root(authority.ecdsa(), "1a2b3c4d", FROM, UNTIL, RANDOM);
        root = NetworkRoot.of(
                        "Tỉnh thử",
                        authority.ecdsa().publicKeyInfo(),
                        authority.mlDsa().publicKeyInfo(),
                        rootCa.hash())
                .orBug();
        CertificateIssuer issuer = CertificateIssuer.of(SigningKey.of(authority.ecdsa(), rootCa), RANDOM);
        rootCrl = issuer.revocationList(BigInteger.ONE, List.of(), FROM, UNTIL).der();
        book = DirectoryBook.of(root);
        for (Address office : List.of(HUB, GUEST, COMMUNE, DISTRICT)) {
            OwnKey key = OwnKey.generate(KeyAlgorithm.ECDSA_P256, RANDOM);
            Certificate ca = issuer.officeCa(office.organisation().text(), key.publicKeyInfo(), FROM, UNTIL);
            cas.put(office.organisation(), SigningKey.of(key, ca));
            caCertificates.put(office.organisation(), ca);
        }
        signed = sign();
        accept();
        for (Address office : List.of(HUB, GUEST, COMMUNE, DISTRICT)) {
            join(office);
        }
        for (Address node : List.of(HUB, COMMUNE, DISTRICT)) {
            evidence.put(node.organisation(), publish(Purpose.EVIDENCE, node, KeyAlgorithm.ECDSA_P256));
        }
    }

    private void join(Address office) {
        SigningKey key = publish(Purpose.ADDRESS, office, KeyAlgorithm.ECDSA_P256);
        signing.put(office, key);
        Incarnation incarnation = new Incarnation(RANDOM.nonZeroLong());
        incarnations.put(office, incarnation);
        List<KeyBundleRecord.EpochKey> keys = new ArrayList<>();
        for (Suite suite : List.of(Suite.HYBRID_1, Suite.CLASSIC_2)) {
            RecipientPrivateKey own = RecipientPrivateKey.generate(suite, RANDOM);
            recipient
                    .computeIfAbsent(office, same -> new HashMap<>())
                    .put(own.publicKey().keyId(), own);
            keys.add(new KeyBundleRecord.EpochKey(FROM, UNTIL, own.publicKey()));
        }
        cipher.map(InstalledCipher::generateKey).ifPresent(own -> {
            recipient.get(office).put(own.publicKey().keyId(), own);
            keys.add(new KeyBundleRecord.EpochKey(FROM, UNTIL, own.publicKey()));
        });
        Hash signer = key.certificate().hash();
        Bytes text = KeyBundleRecord.text(network(), office, signer, 1, incarnation, NOW, keys);
        take(KeyBundleRecord.of(network(), office, signer, 1, incarnation, NOW, keys, key.signCms(text, NOW))
                .toBytes());
        SigningKey ca = cas.get(office.organisation());
        RevocationList list = CertificateIssuer.of(ca, RANDOM).revocationList(BigInteger.ONE, List.of(), FROM, UNTIL);
        take(CrlRecord.of(network(), ca.certificate().hash(), list).toBytes());
    }

    private SigningKey publish(Purpose purpose, Address holder, KeyAlgorithm algorithm) {
        CertificateIssuer issuer = CertificateIssuer.of(cas.get(holder.organisation()), RANDOM);
        OwnKey key = OwnKey.generate(algorithm, RANDOM);
        Certificate certificate = purpose == Purpose.ADDRESS
                ? issuer.addressSigning(holder.toString(), key.publicKeyInfo(), FROM, UNTIL)
                : issuer.nodeEvidence(holder.toString(), key.publicKeyInfo(), FROM, UNTIL);
        SigningKey signingKey = SigningKey.of(key, certificate);
        Bytes text = CertificateRecord.text(network(), purpose, holder, certificate.hash(), Optional.empty());
        take(CertificateRecord.of(
                        network(), purpose, holder, certificate, Optional.empty(), signingKey.signCms(text, NOW))
                .toBytes());
        return signingKey;
    }

    /** A further certificate of an address, post-quantum, for second seals: follows the classical one. */
    public SigningKey postQuantum(Address holder) {
        CertificateIssuer issuer = CertificateIssuer.of(cas.get(holder.organisation()), RANDOM);
        OwnKey key = OwnKey.generate(KeyAlgorithm.ML_DSA_65, RANDOM);
        Certificate certificate = issuer.addressSigning(holder.toString(), key.publicKeyInfo(), FROM, UNTIL);
        Hash before = signing.get(holder).certificate().hash();
        Bytes text =
                CertificateRecord.text(network(), Purpose.ADDRESS, holder, certificate.hash(), Optional.of(before));
        take(CertificateRecord.of(
                        network(),
                        Purpose.ADDRESS,
                        holder,
                        certificate,
                        Optional.of(before),
                        signing.get(holder).signCms(text, NOW))
                .toBytes());
        return SigningKey.of(key, certificate);
    }

    /** A certificate under the holder's true CA that no record publishes. */
    public SigningKey unpublished(Address holder) {
        CertificateIssuer issuer = CertificateIssuer.of(cas.get(holder.organisation()), RANDOM);
        OwnKey key = OwnKey.generate(KeyAlgorithm.ECDSA_P256, RANDOM);
        return SigningKey.of(key, issuer.addressSigning(holder.toString(), key.publicKeyInfo(), FROM, UNTIL));
    }

    private void take(Bytes record) {
        if (!book.acceptRecord(record, NOW).orBug()) {
            throw new AssertionError("record known before");
        }
    }

    private SignedDirectory sign() {
        version++;
        List<DirectoryEntry> entries = new ArrayList<>();
        entries.add(policy);
        entries.addAll(revocations);
        for (Address office : List.of(HUB, GUEST, COMMUNE, DISTRICT)) {
            OrganisationId id = office.organisation();
            entries.add(new OrganisationEntry(
                    id,
                    "Văn phòng " + id,
                    Optional.empty(),
                    id.equals(HUB.organisation()) ? Optional.empty() : Optional.of(HUB.organisation()),
                    id.equals(GUEST.organisation()) ? HUB.organisation() : id,
                    Optional.of(caCertificates.get(id).hash()),
                    List.of(),
                    FROM,
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of(OrganisationEntry.Delegation.DELIVERED, OrganisationEntry.Delegation.RETURNED),
                    Optional.ofNullable(suiteMinimum.get(id)),
                    List.of(),
                    List.of("eoffice")));
        }
        List<OrganisationId> up = List.of(HUB.organisation());
        entries.add(new NodeEntry(
                HUB.organisation(),
                List.of(HUB.organisation(), GUEST.organisation()),
                List.of(),
                List.of(),
                Optional.empty()));
        for (Address node : List.of(COMMUNE, DISTRICT)) {
            entries.add(
                    new NodeEntry(node.organisation(), List.of(node.organisation()), up, List.of(), Optional.empty()));
        }
        List<Bytes> texts =
                entries.stream().map(entry -> entry.text(network())).sorted().toList();
        List<Hash> leaves = texts.stream().map(MerkleTree::leafHash).toList();
        Bytes head = new DirectoryHead(network(), version, previous, texts.size(), MerkleTree.root(leaves), NOW, UNTIL)
                .text();
        previous = Optional.of(Hash.of(head));
        List<Bytes> certificates = new ArrayList<>();
        certificates.add(rootCa.der());
        // In the order in which the sorted entries name them.
        for (Bytes text : texts) {
            caCertificates.values().stream()
                    .filter(ca -> text.utf8().contains("ca " + ca.hash().hex()))
                    .forEach(ca -> certificates.add(ca.der()));
        }
        return new SignedDirectory(root.text(), head, authority.sign(head), texts, certificates, rootCrl);
    }

    private void accept() {
        if (!(book.accept(signed, NOW.plus(Duration.ofMinutes(1))) instanceof DirectoryBook.Outcome.Newer)) {
            throw new AssertionError("the test's own directory: "
                    + book.accept(signed, NOW.plus(Duration.ofMinutes(1))).refusalIfAny());
        }
    }

    /** A next version in which the certificate is revoked. */
    public void revoke(Certificate certificate, Address holder, Instant since) {
        revocations.add(new RevocationEntry(
                RevocationEntry.What.CERTIFICATE,
                certificate.hash(),
                holder.organisation(),
                since,
                RevocationEntry.Reason.KEY_COMPROMISE));
        next();
    }

    /** A next version in which the office accepts only this suite or stronger. */
    public void suiteMinimum(Address office, int suite) {
        suiteMinimum.put(office.organisation(), suite);
        next();
    }

    /** A next version with other rules for suites. */
    public void suites(Policy.Suites suites) {
        policy = policy.withSuites(suites);
        next();
    }

    private void next() {
        signed = sign();
        accept();
    }

    public Hash network() {
        return root.fingerprint();
    }

    public NetworkRoot root() {
        return root;
    }

    public SignedDirectory signedDirectory() {
        return signed;
    }

    public List<Bytes> records() {
        return book.records();
    }

    public DirectoryView view() {
        return book.view();
    }

    public SigningKey signing(Address address) {
        return signing.get(address);
    }

    public SigningKey evidence(Address node) {
        return evidence.get(node.organisation());
    }

    public Incarnation incarnation(Address address) {
        return incarnations.get(address);
    }

    public RecipientKeys keys(Address address) {
        return id ->
                Optional.ofNullable(recipient.getOrDefault(address, Map.of()).get(id));
    }

    public List<RecipientPrivateKey> privateKeys(Address address) {
        return List.copyOf(recipient.get(address).values());
    }
}
