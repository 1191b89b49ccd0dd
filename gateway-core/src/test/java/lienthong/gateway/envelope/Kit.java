package lienthong.gateway.envelope;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;

/** Builds envelopes of one {@link TestNetwork} in few words: {@code new Kit(network).from(COMMUNE).to(DISTRICT).message("text").seal()}. */
public final class Kit {
    public static final Instant NOW = TestNetwork.NOW;

    private final TestNetwork network;
    private final EnvelopeSealer sealer;
    private Suite suite = Suite.HYBRID_1;
    private Address sender = TestNetwork.COMMUNE;
    private List<Address> recipients = List.of(TestNetwork.DISTRICT);
    private Optional<String> ordering = Optional.empty();
    private Optional<Service> shown = Optional.empty();
    private final List<MessageHead> heads = new ArrayList<>();
    private final List<List<Bytes>> contents = new ArrayList<>();
    private boolean pqRequired;
    private SecrecyMark mark = SecrecyMark.NONE;

    public Kit(TestNetwork network) {
        this.network = network;
        this.sealer = new EnvelopeSealer(TestNetwork.RANDOM, new HpkeContexts(TestNetwork.RANDOM, Clock.real()));
    }

    /** Seals with the State cipher service's product. */
    public Kit(TestNetwork network, InstalledCipher cipher) {
        this.network = network;
        this.sealer = new EnvelopeSealer(
                TestNetwork.RANDOM, new HpkeContexts(TestNetwork.RANDOM, Clock.real()), Optional.of(cipher));
        this.suite = cipher.suite();
    }

    public static Kit shared() {
        return new Kit(TestNetwork.shared());
    }

    public Kit suite(Suite other) {
        suite = other;
        return this;
    }

    public Kit mark(SecrecyMark other) {
        mark = other;
        return this;
    }

    public Kit from(Address address) {
        sender = address;
        return this;
    }

    public Kit to(Address... addresses) {
        recipients = List.of(addresses).stream().sorted().toList();
        return this;
    }

    public Kit ordering(String key) {
        ordering = Optional.of(key);
        return this;
    }

    public Kit shown(Service service) {
        shown = Optional.of(service);
        return this;
    }

    public Kit pqRequired() {
        pqRequired = true;
        return this;
    }

    /** One more message of one part. */
    public Kit message(String text) {
        return message(List.of(Bytes.utf8(text)));
    }

    /** One more message of these parts. */
    public Kit message(List<Bytes> parts) {
        List<MessageHead.Part> declared = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            declared.add(new MessageHead.Part(
                    "phần-" + (i + 1) + ".txt", "text/plain", parts.get(i).size()));
        }
        return message(declared, parts);
    }

    public Kit message(List<MessageHead.Part> declared, List<Bytes> parts) {
        heads.add(new MessageHead(
                id(),
                Service.DOCUMENT,
                Optional.of("Về việc thử " + (heads.size() + 1)),
                Optional.empty(),
                Optional.of("c-1"),
                ordering,
                declared));
        contents.add(parts);
        return this;
    }

    public static MessageId id() {
        return MessageId.mint(NOW, TestNetwork.RANDOM.bytes(10));
    }

    public Header header() {
        List<Header.Flag> flags = new ArrayList<>();
        if (ordering.isPresent()) {
            flags.add(Header.Flag.ORDERED);
        }
        if (pqRequired) {
            flags.add(Header.Flag.PQ_REQUIRED);
        }
        return new Header(
                network.network(),
                suite.number(),
                heads.stream().map(MessageHead::id).toList(),
                sender,
                network.signing(sender).certificate().hash(),
                recipients,
                shown,
                Precedence.URGENT,
                mark,
                NOW,
                new Lifetime(86_400),
                network.view().version(),
                flags);
    }

    public SealPlan plan() {
        return SealPlan.of(header(), heads).orBug();
    }

    public EnvelopeSealer sealer() {
        return sealer;
    }

    public List<List<Bytes>> contents() {
        return contents;
    }

    public Unsealed unsealed() {
        SealPlan plan = plan();
        return finish(plan, sealer.payload(plan, contents).orBug());
    }

    public Unsealed finish(SealPlan plan, SealedPayload payload) {
        return sealer.finish(plan, payload, recipientKeys(), slotFacts(), key(sender));
    }

    public List<RecipientKey> recipientKeys() {
        return recipients.stream().map(this::key).toList();
    }

    public List<SlotFacts> slotFacts() {
        return recipients.stream().map(same -> facts(7)).toList();
    }

    public SlotFacts facts(long number) {
        return new SlotFacts(
                network.incarnation(sender),
                number,
                Hash.of(Bytes.utf8("the core before")),
                ordering.isPresent() ? number - 1 : 0,
                ordering);
    }

    public RecipientKey key(Address address) {
        return network.view().recipientKey(address, suite, NOW).orBug();
    }

    /** Sealed alone. */
    public VerifiedEnvelope seal() {
        return SealBatch.sign(List.of(unsealed()), network.signing(sender), Optional.empty(), NOW)
                .orBug()
                .get(0);
    }

    /** Sealed through the streaming way; the ciphertext is given beside it. */
    public Large sealLarge(int pieceBytes) throws IOException {
        SealPlan plan = plan();
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        LargeSealing sealing = sealer.large(plan, sink::write);
        for (List<Bytes> parts : contents) {
            for (Bytes part : parts) {
                for (int at = 0; at < part.size(); at += pieceBytes) {
                    if (sealing.write(part.slice(at, Math.min(pieceBytes, part.size() - at)))
                            .isPresent()) {
                        throw new AssertionError("refused");
                    }
                }
            }
        }
        Unsealed unsealed = finish(plan, sealing.finish(9).orBug());
        VerifiedEnvelope sealed = SealBatch.sign(List.of(unsealed), network.signing(sender), Optional.empty(), NOW)
                .orBug()
                .get(0);
        return new Large(sealed, Bytes.ofOwned(sink.toByteArray()));
    }

    public record Large(VerifiedEnvelope envelope, Bytes ciphertext) {}

    // ---- the other side

    public static Result<VerifiedEnvelope> verify(SealedEnvelope sealed, DirectoryView view) {
        Bytes ciphertext = ((Ciphertext.Inline) sealed.ciphertext()).bytes();
        return new EnvelopeVerifier(new SealCache())
                .verify(sealed, BlockTree.rootOf(ciphertext), ciphertext.size(), view);
    }

    public static Result<VerifiedEnvelope> verify(SealedEnvelope sealed) {
        return verify(sealed, TestNetwork.shared().view());
    }

    public static Opening<OpenedEnvelope> open(VerifiedEnvelope envelope, Address recipient, RecipientKeys keys) {
        try {
            return new Opener(new SlotOpener())
                    .open(
                            envelope,
                            recipient,
                            keys,
                            SealedSource.of(
                                    ((Ciphertext.Inline) envelope.sealed().ciphertext()).bytes()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public static Opening<OpenedEnvelope> open(VerifiedEnvelope envelope, Address recipient) {
        return open(envelope, recipient, TestNetwork.shared().keys(recipient));
    }

    public static OpenedEnvelope opened(Opening<OpenedEnvelope> opening) {
        return opening.fold(opened -> opened, reason -> {
            throw new AssertionError("not opened: " + reason);
        });
    }

    public Receipt receipt(Receipt.Kind kind, VerifiedEnvelope envelope, Address recipient, Hash signer) {
        return new Receipt(
                network.network(),
                kind,
                new Receipt.Subject.One(
                        envelope.facts().header().id(),
                        envelope.facts().leaf(),
                        envelope.facts().ciphertextRoot()),
                recipient,
                signer,
                kind == Receipt.Kind.RETURNED || kind == Receipt.Kind.EXPIRED
                        ? Optional.of(ErrorCode.EXPIRED)
                        : Optional.empty(),
                NOW.plusSeconds(5),
                network.view().version(),
                network.incarnation(recipient),
                kind == Receipt.Kind.CONSUMED ? 1 : 0);
    }

    public static Bytes random(Random seeded, int size) {
        byte[] bytes = new byte[size];
        seeded.nextBytes(bytes);
        return Bytes.ofOwned(bytes);
    }

    /** Text that compresses a little. */
    public static Bytes text(Random seeded, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) ("etaoin shrdlu\n".charAt(seeded.nextInt(14)));
        }
        return Bytes.ofOwned(bytes);
    }
}
