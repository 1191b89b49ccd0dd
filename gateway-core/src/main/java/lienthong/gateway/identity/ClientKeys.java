package lienthong.gateway.identity;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.OwnKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.directory.CertificateRecord.Purpose;
import lienthong.gateway.directory.DirectoryRecord;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.directory.NetworkRoot;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;

/**
 * The keys of an embedded client: one mailbox's signing and opening keys and its TLS key, in the folder {@code keys} of its state. Threads as
 * for {@link NodeKeys}.
 */
public final class ClientKeys {
    private static final String CA_FILE = "ca.der";
    private static final String ADDRESS_FILE = "address.pair";
    private static final String TLS_FILE = "tls.pair";
    private static final String BUNDLE_FILE = "bundle.record";

    private final KeyFolder folder;
    private final Randomness randomness;
    private final NetworkRoot root;
    private final IdentityText identity;
    private final Address address;
    private final Bytes caCertificate;
    private final KeyPair signing;
    private final KeyPair tls;
    private final RecipientKeyRing ring;
    private final Optional<InstalledCipher> cipher;
    private final EpochKeys epochs;

    private ClientKeys(
            KeyFolder folder,
            Randomness randomness,
            NetworkRoot root,
            IdentityText identity,
            Bytes caCertificate,
            KeyPair signing,
            KeyPair tls,
            RecipientKeyRing ring,
            Optional<InstalledCipher> cipher,
            EpochKeys epochs) {
        this.folder = folder;
        this.randomness = randomness;
        this.root = root;
        this.identity = identity;
        this.address = identity.client().orElseThrow();
        this.caCertificate = caCertificate;
        this.signing = signing;
        this.tls = tls;
        this.ring = ring;
        this.cipher = cipher;
        this.epochs = epochs;
    }

    static Result<ClientKeys> create(
            Disk state,
            Protection protection,
            ClientInvitation invitation,
            OwnKey signingKey,
            Certificate addressCertificate,
            OwnKey tlsKey,
            Certificate tlsCertificate,
            Instant now,
            Randomness randomness) {
        try {
            if (state.exists(NodeKeys.FOLDER + "/" + IdentityText.FILE)) {
                return Result.no(ErrorCode.OUTPUT_EXISTS, "this folder holds somebody's keys");
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        KeyFolder folder = KeyFolder.create(state, NodeKeys.FOLDER, protection, randomness);
        NetworkRoot root = invitation.directory().root();
        Hash network = root.fingerprint();
        Address address = invitation.facts().address();
        KeyPair signing = KeyPair.first(network, Purpose.ADDRESS, address, signingKey, addressCertificate, now);
        KeyPair tls = KeyPair.first(network, Purpose.CLIENT_TLS, address, tlsKey, tlsCertificate, now);
        IdentityText identity = new IdentityText(
                network,
                invitation.facts().node(),
                List.of(),
                Optional.of(address),
                new Incarnation(randomness.nonZeroLong()),
                invitation.facts().tokenHash(),
                folder.hasPassphrase(),
                now);
        folder.write(NodeKeys.ROOT_FILE, root.text());
        folder.write(CA_FILE, invitation.officeCa().der());
        folder.writeSecret(ADDRESS_FILE, signing.encode());
        folder.writeSecret(TLS_FILE, tls.encode());
        RecipientKeyRing ring = new RecipientKeyRing();
        ClientKeys keys = new ClientKeys(
                folder,
                randomness,
                root,
                identity,
                invitation.officeCa().der(),
                signing,
                tls,
                ring,
                Optional.empty(),
                EpochKeys.create(address, folder, ring));
        keys.publish(keys.suites(invitation.directory().policy()), 0, now);
        folder.write(IdentityText.FILE, identity.text());
        return Result.ok(keys);
    }

    /**
     * Opens a client's keys.
     *
     * @return NO_INPUT when nobody has enrolled here; FILE_EXPOSED; PASSPHRASE_WRONG; RECORD_DAMAGED naming the file
     */
    public static Result<ClientKeys> open(Disk state, Protection protection, Randomness randomness) {
        return open(state, protection, randomness, Optional.empty());
    }

    /** The same with a product of the State cipher service, of whose suite keys are then published too. */
    public static Result<ClientKeys> open(
            Disk state, Protection protection, Randomness randomness, Optional<InstalledCipher> cipher) {
        return KeyFolder.open(state, NodeKeys.FOLDER, protection, randomness)
                .then(folder -> NodeKeys.readIdentity(folder).then(identity -> {
                    if (identity.client().isEmpty()) {
                        return Result.no(ErrorCode.NO_INPUT, "these are the keys of a node, not of a client");
                    }
                    Bytes ca = folder.read(CA_FILE).orElse(Bytes.empty());
                    RecipientKeyRing ring = new RecipientKeyRing();
                    return NetworkRoot.parse(folder.read(NodeKeys.ROOT_FILE).orElse(Bytes.empty()))
                            .then(root -> pair(folder, ADDRESS_FILE)
                                    .then(signing -> pair(folder, TLS_FILE)
                                            .then(tls -> EpochKeys.open(
                                                            identity.client().get(), folder, ring, cipher)
                                                    .map(epochs -> new ClientKeys(
                                                            folder,
                                                            randomness,
                                                            root,
                                                            identity,
                                                            ca,
                                                            signing,
                                                            tls,
                                                            ring,
                                                            cipher,
                                                            epochs)))));
                }));
    }

    private static Result<KeyPair> pair(KeyFolder folder, String name) {
        return folder.readSecret(name).then(secret -> KeyPair.decode(secret, name));
    }

    private List<Suite> suites(Policy policy) {
        return EpochKeys.suites(policy, cipher);
    }

    /** The State cipher service's product, where one is installed. */
    public Optional<InstalledCipher> cipher() {
        return cipher;
    }

    public NetworkRoot root() {
        return root;
    }

    /** The mailbox this client is. */
    public Address address() {
        return address;
    }

    /** The node that serves it. */
    public OrganisationId node() {
        return identity.node();
    }

    public Incarnation incarnation() {
        return identity.incarnation();
    }

    public boolean hasPassphrase() {
        return identity.passphrase();
    }

    /** Signs seals and receipts. */
    public SigningKey signingKey() {
        return signing.signing();
    }

    /** What the client shows on its link. */
    public TlsKey tls() {
        return new TlsKey(Secrets.jdk(tls.key()), List.of(tls.certificate().der(), caCertificate));
    }

    public RecipientKeyRing recipientKeys() {
        return ring;
    }

    /** What this client publishes through its node, as it travels. */
    public List<Bytes> records() {
        List<Bytes> records = new ArrayList<>(List.of(signing.record(), tls.record()));
        folder.read(BUNDLE_FILE).ifPresent(records::add);
        return records;
    }

    /** As {@link NodeKeys#renewIfDue}; gives the new bundle, if one was due. Certificates end after five years: enrol again. */
    public Optional<Bytes> renewIfDue(DirectoryView view, Instant now) {
        long known = view.bundle(address).map(KeyBundleRecord::number).orElse(0L);
        Optional<Bytes> bundle = publish(suites(view.directory().policy()), known, now);
        epochs.destroyPast(now);
        return bundle;
    }

    private Optional<Bytes> publish(List<Suite> suites, long known, Instant now) {
        Optional<KeyBundleRecord> published = folder.read(BUNDLE_FILE)
                .map(bytes -> DirectoryRecord.parse(bytes, root.fingerprint()).orBug())
                .map(record -> {
                    Invariant.check(record instanceof KeyBundleRecord, "%s holds no bundle", BUNDLE_FILE);
                    return (KeyBundleRecord) record;
                });
        if (!epochs.isDue(published, suites, now)) {
            return Optional.empty();
        }
        long number = Math.max(published.map(KeyBundleRecord::number).orElse(0L), known) + 1;
        KeyBundleRecord bundle;
        try {
            bundle = epochs.publish(
                    root.fingerprint(), signing.signing(), number, incarnation(), suites, now, randomness);
        } catch (TokenAway away) {
            // Tried again at the next renewal; the keys published before reach weeks ahead.
            return Optional.empty();
        }
        folder.write(BUNDLE_FILE, bundle.toBytes());
        return Optional.of(bundle.toBytes());
    }

    /** Forgets all private keys; nothing works afterwards. */
    public void close() {
        ring.destroyAll();
        signing.key().destroy();
        tls.key().destroy();
        folder.destroy();
    }
}
