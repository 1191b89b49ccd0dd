package lienthong.gateway.envelope;

import static lienthong.gateway.envelope.TestNetwork.COMMUNE;
import static lienthong.gateway.envelope.TestNetwork.DISTRICT;
import static lienthong.gateway.envelope.TestNetwork.GUEST;
import static lienthong.gateway.envelope.TestNetwork.HUB;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.UnsafeKeyAccess;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Seal;
import lienthong.gateway.message.SealedEnvelope.Slot;
import lienthong.gateway.message.SignedReceipt;

/**
 * Writes {@code docs/spec/vectors}: run by hand when the format changes, with the folder as argument. Keys are fresh each time, so that all files
 * change together. Each negative breaks exactly one thing of an honest envelope.
 */
final class VectorGenerator {
    private final Path folder;
    private final TestNetwork network = new TestNetwork();
    private final TestNetwork foreign = new TestNetwork();
    private final SigningKey sender = network.signing(COMMUNE);

    private VectorGenerator(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] arguments) throws IOException {
        new VectorGenerator(Path.of(arguments[0])).all();
    }

    private void all() throws IOException {
        network();
        good();
        altered();
        forged();
        payloads();
        receipts();
    }

    private void network() throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("network: ").append(network.network().hex()).append('\n');
        text.append("root: ").append(network.root().text().hex()).append('\n');
        text.append("directory: ")
                .append(network.signedDirectory().toBytes().hex())
                .append('\n');
        for (Bytes record : network.records()) {
            text.append("record: ").append(record.hex()).append('\n');
        }
        for (Address address : List.of(HUB, GUEST, COMMUNE, DISTRICT)) {
            for (RecipientPrivateKey key : network.privateKeys(address)) {
                text.append("key: ")
                        .append(address)
                        .append(' ')
                        .append(key.suite().number())
                        .append(' ')
                        .append(Bytes.ofOwned(key.encode().copy(UnsafeKeyAccess.get()))
                                .hex())
                        .append('\n');
            }
        }
        text.append("time: ").append(Kit.NOW).append('\n');
        Files.writeString(folder.resolve("network.txt"), text.toString(), StandardCharsets.UTF_8);
    }

    private Kit kit() {
        return new Kit(network);
    }

    private void write(
            String name, String about, Address recipient, SealedEnvelope envelope, String expect, String... further)
            throws IOException {
        writeRaw(name, about, recipient, EnvelopeWire.toBytes(envelope), expect, further);
    }

    private void writeRaw(
            String name, String about, Address recipient, Bytes envelope, String expect, String... further)
            throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("vector: ").append(name).append("\nabout: ").append(about);
        text.append("\nnetwork: network.txt\nrecipient: ").append(recipient);
        text.append("\nenvelope: ").append(envelope.hex()).append('\n');
        for (String line : further) {
            text.append(line).append('\n');
        }
        text.append("expect: ").append(expect).append('\n');
        Files.writeString(folder.resolve(name + ".txt"), text.toString(), StandardCharsets.UTF_8);
    }

    private static String[] parts(Kit kit) {
        return kit.contents().stream()
                .flatMap(List::stream)
                .map(part -> "part: " + part.size() + " " + Hash.of(part).hex())
                .toArray(String[]::new);
    }

    private void good() throws IOException {
        Kit one = kit().message("Kính gửi huyện");
        write("one-message", "One message, suite 1.", DISTRICT, one.seal().sealed(), "opened", parts(one));
        Kit classic = kit().suite(Suite.CLASSIC_2).message("Kính gửi huyện");
        write("suite-2", "One message, suite 2.", DISTRICT, classic.seal().sealed(), "opened", parts(classic));
        Kit bundle = kit().to(DISTRICT, HUB)
                .ordering("hồ sơ 7")
                .message("một")
                .message("hai")
                .message("ba");
        write(
                "bundle-with-order",
                "Three messages for two recipients under one ordering key; the other recipient's slot is gone.",
                DISTRICT,
                branch(bundle.seal().sealed(), 1),
                "opened",
                parts(bundle));
        Random random = new Random(1);
        Kit mixed = kit().message(List.of(
                Kit.text(random, 5_000), Bytes.empty(), Kit.random(random, 3_000), Bytes.ofOwned(new byte[400])));
        write(
                "compressed-empty-and-stored",
                "Parts that are compressed, empty, and stored because compression does not gain.",
                DISTRICT,
                mixed.seal().sealed(),
                "opened",
                parts(mixed));
        List<Unsealed> tree = new ArrayList<>();
        Kit fifth = kit().message("lá thứ năm");
        for (int i = 0; i < 7; i++) {
            tree.add(i == 4 ? fifth.unsealed() : kit().message("lá " + i).unsealed());
        }
        write(
                "fifth-of-seven",
                "One signature over seven envelopes; this is the fifth.",
                DISTRICT,
                SealBatch.sign(tree, sender, Optional.empty(), Kit.NOW)
                        .orBug()
                        .get(4)
                        .sealed(),
                "opened",
                parts(fifth));
        Kit empty = kit().message(List.of());
        write("no-parts", "A message without parts.", DISTRICT, empty.seal().sealed(), "opened");
    }

    private static SealedEnvelope branch(SealedEnvelope sealed, int slot) {
        return sealed.withSlots(List.of(sealed.slots().get(slot)));
    }

    private static Bytes changed(Bytes bytes, int position) {
        byte[] copy = bytes.toArray();
        copy[position < 0 ? copy.length + position : position] ^= 1;
        return Bytes.ofOwned(copy);
    }

    private static Bytes ciphertext(SealedEnvelope sealed) {
        return ((Ciphertext.Inline) sealed.ciphertext()).bytes();
    }

    /** On the way: what a relay or a tap may do. */
    private void altered() throws IOException {
        VerifiedEnvelope honest = kit().to(DISTRICT, HUB).message("trên đường").seal();
        SealedEnvelope e = honest.sealed();
        Seal s = e.seal();
        String bad = "seal invalid";
        write("not-for-me", "The address is no recipient in the core.", GUEST, e, "not addressed");
        write("slot-not-on-this-branch", "The recipient's slot was left out.", DISTRICT, branch(e, 0), "not opened");
        core(
                "core-word-altered",
                "Precedence raised on the way.",
                e,
                text -> text.replace("precedence 1", "precedence 3"));
        core("core-recipient-added", "A recipient added.", e, text -> text.replace("\nservice", "\nto Z9\nservice"));
        core(
                "core-recipients-out-of-order",
                "Recipients not ascending.",
                e,
                text -> text.replace("to A08\nto A08.11", "to A08.11\nto A08"));
        core(
                "core-number-with-leading-zero",
                "A number spelled otherwise.",
                e,
                text -> text.replace("lifetime 86400", "lifetime 086400"));
        core("core-with-carriage-returns", "Lines ended by CR LF.", e, text -> text.replace("\n", "\r\n"));
        core(
                "core-without-last-line-feed",
                "The last line not ended.",
                e,
                text -> text.substring(0, text.length() - 1));
        core("core-line-doubled", "A line twice.", e, text -> text.replace("mark none\n", "mark none\nmark none\n"));
        core("core-line-unknown", "A line that no core has.", e, text -> text + "size 3\n");
        core("core-mark-dropped", "The secrecy mark's line left out.", e, text -> text.replace("mark none\n", ""));
        write(
                "ciphertext-byte",
                "One byte of the ciphertext.",
                DISTRICT,
                e.withCiphertext(new Ciphertext.Inline(changed(ciphertext(e), 200))),
                bad);
        write(
                "ciphertext-cut",
                "The last byte of the ciphertext gone.",
                DISTRICT,
                e.withCiphertext(new Ciphertext.Inline(
                        ciphertext(e).slice(0, ciphertext(e).size() - 1))),
                bad);
        write(
                "slot-byte",
                "One byte of a slot.",
                DISTRICT,
                e.withSlots(List.of(new Slot(1, changed(e.slots().get(1).bytes(), 700)))),
                bad);
        write(
                "slots-swapped-on-the-way",
                "Two slots under one another's numbers.",
                DISTRICT,
                e.withSlots(List.of(
                        new Slot(0, e.slots().get(1).bytes()),
                        new Slot(1, e.slots().get(0).bytes()))),
                bad);
        write(
                "slot-twice",
                "A slot twice.",
                DISTRICT,
                e.withSlots(List.of(e.slots().get(1), e.slots().get(1))),
                "malformed");
        write(
                "statement-byte",
                "One digit of the statement.",
                DISTRICT,
                new SealedEnvelope(e.core(), e.slots(), e.ciphertext(), changed(e.statement(), -3), s),
                bad);
        seal(
                "root-text-byte",
                "One digit of the root.",
                e,
                new Seal(s.index(), s.size(), s.path(), changed(s.rootText(), -3), s.cms(), s.pqCms()));
        seal(
                "root-text-of-a-receipt",
                "A root text of the other kind, truly signed.",
                e,
                root(s, " seal\n", " receipt-seal\n"));
        seal(
                "root-text-of-another-suite",
                "Another suite in the root text, truly signed.",
                e,
                root(s, "suite 1", "suite 2"));
        seal(
                "cms-last-byte",
                "The signature's last byte.",
                e,
                new Seal(s.index(), s.size(), s.path(), s.rootText(), changed(s.cms(), -1), s.pqCms()));
        seal(
                "cms-version",
                "A byte of the CMS outside the signature.",
                e,
                new Seal(s.index(), s.size(), s.path(), s.rootText(), changed(s.cms(), 25), s.pqCms()));
        seal(
                "cms-with-bytes-after",
                "A byte after the CMS.",
                e,
                new Seal(s.index(), s.size(), s.path(), s.rootText(), s.cms().plus(Bytes.utf8("x")), s.pqCms()));
        seal(
                "cms-by-another-office",
                "Signed by another true certificate.",
                e,
                new Seal(
                        s.index(),
                        s.size(),
                        s.path(),
                        s.rootText(),
                        network.signing(GUEST).signCms(s.rootText(), Kit.NOW),
                        s.pqCms()));
        seal(
                "cms-over-nothing",
                "A signature over the empty text.",
                e,
                new Seal(
                        s.index(),
                        s.size(),
                        s.path(),
                        s.rootText(),
                        sender.signCms(Bytes.empty(), Kit.NOW),
                        s.pqCms()));
        seal(
                "path-too-long",
                "A hash too many in the path.",
                e,
                new Seal(s.index(), s.size(), List.of(honest.facts().leaf()), s.rootText(), s.cms(), s.pqCms()));
        seal(
                "tree-larger-than-signed",
                "A size other than the root text's.",
                e,
                new Seal(0, 2, List.of(honest.facts().leaf()), s.rootText(), s.cms(), s.pqCms()));
        write(
                "of-another-network",
                "A true envelope of a network that is not ours.",
                DISTRICT,
                new Kit(foreign).message("mạng khác").seal().sealed(),
                "other network");
        writeRaw(
                "unknown-field",
                "A field that the wire form does not have.",
                DISTRICT,
                EnvelopeWire.toBytes(e).plus(Bytes.ofHex("9a0601ff")),
                "malformed");
        writeRaw(
                "cut-in-the-middle",
                "Half of the wire form.",
                DISTRICT,
                EnvelopeWire.toBytes(e).slice(0, EnvelopeWire.toBytes(e).size() / 2),
                "malformed");
    }

    private Seal root(Seal seal, String from, String to) {
        Bytes text = Bytes.utf8(seal.rootText().utf8().replace(from, to));
        return new Seal(seal.index(), seal.size(), seal.path(), text, sender.signCms(text, Kit.NOW), seal.pqCms());
    }

    private void core(String name, String about, SealedEnvelope e, UnaryOperator<String> change) throws IOException {
        String text = change.apply(e.core().utf8());
        if (text.equals(e.core().utf8())) {
            throw new AssertionError(name + " changes nothing");
        }
        write(
                name,
                about,
                DISTRICT,
                new SealedEnvelope(Bytes.utf8(text), e.slots(), e.ciphertext(), e.statement(), e.seal()),
                "seal invalid");
    }

    private void seal(String name, String about, SealedEnvelope e, Seal seal) throws IOException {
        write(
                name,
                about,
                DISTRICT,
                new SealedEnvelope(e.core(), e.slots(), e.ciphertext(), e.statement(), seal),
                "seal invalid");
    }

    /** By a true signer with bad intentions. */
    private void forged() throws IOException {
        Kit both = kit().to(DISTRICT, HUB).message("giả");
        VerifiedEnvelope honest = both.seal();
        SealedEnvelope e = honest.sealed();
        Header header = honest.facts().header();
        List<Bytes> slots = e.slots().stream().map(Slot::bytes).toList();
        List<Hash> manifests = honest.facts().manifests();
        write(
                "slot-swapped-between-recipients",
                "The sender itself signs two slots in one another's place.",
                DISTRICT,
                Forger.sealed(
                        header,
                        e.core(),
                        List.of(slots.get(1), slots.get(0), slots.get(2)),
                        ciphertext(e),
                        manifests,
                        sender),
                "not opened");
        write(
                "slots-of-another-envelope",
                "The slots of another envelope of the same sender.",
                DISTRICT,
                Forger.sealed(
                        header,
                        e.core(),
                        kit().to(DISTRICT, HUB).message("khác").seal().sealed().slots().stream()
                                .map(Slot::bytes)
                                .toList(),
                        ciphertext(e),
                        manifests,
                        sender),
                "not opened");
        write(
                "ciphertext-of-another-envelope",
                "Another envelope's ciphertext under this core.",
                DISTRICT,
                Forger.sealed(
                        header,
                        e.core(),
                        slots,
                        ciphertext(
                                kit().to(DISTRICT, HUB).message("khác").seal().sealed()),
                        manifests,
                        sender),
                "not opened");
        write(
                "statement-with-a-slot-less",
                "Fewer slots stated than recipients.",
                DISTRICT,
                Forger.sealed(header, e.core(), slots.subList(0, 2), ciphertext(e), manifests, sender),
                "seal invalid");
        write(
                "statement-with-a-manifest-more",
                "More manifests stated than messages.",
                DISTRICT,
                Forger.sealed(
                        header, e.core(), slots, ciphertext(e), List.of(manifests.get(0), manifests.get(0)), sender),
                "seal invalid");
        SigningKey thief = network.signing(GUEST);
        Header stolen = Forger.signedBy(header, GUEST, thief.certificate().hash());
        write(
                "stripped-and-signed-anew",
                "Another office's document under one's own core and seal.",
                DISTRICT,
                Forger.sealed(stolen, CoreCodec.encode(stolen), slots, ciphertext(e), manifests, thief),
                "not opened");
        Header wrong = Forger.signedBy(header, COMMUNE, thief.certificate().hash());
        write(
                "signer-of-another-address",
                "The signer's certificate is not the sender's.",
                DISTRICT,
                Forger.sealed(wrong, CoreCodec.encode(wrong), slots, ciphertext(e), manifests, thief),
                "signer unknown");
        SigningKey unpublished = network.unpublished(COMMUNE);
        Header secret =
                Forger.signedBy(header, COMMUNE, unpublished.certificate().hash());
        write(
                "signer-that-no-record-publishes",
                "A certificate under the true CA that nobody published.",
                DISTRICT,
                Forger.sealed(secret, CoreCodec.encode(secret), slots, ciphertext(e), manifests, unpublished),
                "signer unknown");
        Header strange = Forger.suite(header, 4, List.of());
        write(
                "suite-that-does-not-exist",
                "Suite 4.",
                DISTRICT,
                Forger.sealed(strange, CoreCodec.encode(strange), slots, ciphertext(e), manifests, sender),
                "suite unknown");
        Header provider = Forger.suite(header, 0x80, List.of());
        write(
                "suite-of-a-cipher-provider",
                "Suite 128 without its provider.",
                DISTRICT,
                Forger.sealed(provider, CoreCodec.encode(provider), slots, ciphertext(e), manifests, sender),
                "suite unknown");
        Header second = Forger.suite(header, 1, List.of(Header.Flag.PQ_REQUIRED));
        write(
                "second-seal-missing",
                "The core asks for a post-quantum seal that is not there.",
                DISTRICT,
                Forger.sealed(second, CoreCodec.encode(second), slots, ciphertext(e), manifests, sender),
                "signer missing");
        Header ordered = Forger.suite(header, 1, List.of(Header.Flag.ORDERED));
        write(
                "order-said-outside-only",
                "The core says ordered, nothing inside does.",
                DISTRICT,
                Forger.sealed(ordered, CoreCodec.encode(ordered), slots, ciphertext(e), manifests, sender),
                "not opened");
    }

    /** Payloads that lie, under a true seal and true slots. */
    private void payloads() throws IOException {
        Kit kit = kit().message("bản thật");
        SealPlan plan = kit.plan();
        List<Bytes> manifests = new ArrayList<>();
        Bytes plain = Forger.plaintext(kit, plan, manifests);
        String text = manifests.get(0).utf8();
        Bytes manifest = Forger.record(PayloadFormat.MANIFEST, manifests.get(0));
        int at = Bytes.ofOwned(plain.toArray()).hex().indexOf(manifest.hex()) / 2;
        Bytes before = plain.slice(0, at);
        lie(
                "manifest-with-another-hash",
                "The manifest's hash of a part is wrong.",
                kit,
                plan,
                before,
                text.replace(Hash.of(Bytes.utf8("bản thật")).hex(), "0".repeat(64)));
        lie(
                "manifest-with-another-name",
                "Manifest and opening name a part differently.",
                kit,
                plan,
                before,
                text.replace("name phần-1.txt", "name phần-2.txt"));
        lie(
                "manifest-with-another-id",
                "The manifest is about another message.",
                kit,
                plan,
                before,
                text.replace(plan.header().id().toString(), Kit.id().toString()));
        lie(
                "manifest-with-an-ordering-key",
                "The manifest asks for order, the slot does not.",
                kit,
                plan,
                before,
                text.replace("ordering -", "ordering k"));
        lie(
                "manifest-with-a-path-as-name",
                "A part's name is a path.",
                kit,
                plan,
                before,
                text.replace("name phần-1.txt", "name ../phần.txt"));
        write(
                "manifest-not-the-stated-one",
                "The statement has another manifest's hash.",
                DISTRICT,
                Forger.around(kit, plan, plain, List.of(Bytes.utf8(text.replace("c-1", "c-2"))), sender),
                "not opened");
        payload("padding-missing", "No padding up to the bucket.", kit, plan, before.plus(manifest), manifests);
        Bytes good = Forger.padded(before.plus(manifest));
        payload("padding-not-zero", "A byte hidden in the padding.", kit, plan, changed(good, -1), manifests);
        payload("padding-too-long", "One zero too many.", kit, plan, good.plus(Bytes.ofOwned(new byte[1])), manifests);
        payload(
                "message-more-than-the-core-names",
                "Two messages under one id.",
                kit,
                plan,
                Forger.padded(before.plus(manifest).plus(before).plus(manifest)),
                manifests);
        payload("no-message", "Padding alone.", kit, plan, Forger.padded(Bytes.empty()), manifests);
        payload(
                "record-of-unknown-type",
                "A record of type 9.",
                kit,
                plan,
                Forger.padded(Forger.record(9, Bytes.utf8("x")).plus(before).plus(manifest)),
                manifests);
        payload(
                "part-without-its-end",
                "The end record of the part is missing.",
                kit,
                plan,
                Forger.padded(before.slice(0, before.size() - 5).plus(manifest)),
                manifests);
        byte[] longer = before.toArray();
        longer[longer.length - 5 - 12 - 4 + 3]++;
        payload(
                "record-longer-than-its-bytes",
                "A record says one byte more than it has.",
                kit,
                plan,
                Forger.padded(Bytes.ofOwned(longer).plus(manifest)),
                manifests);
        write(
                "the-same-unaltered",
                "What the vectors of this kind begin from.",
                DISTRICT,
                Forger.around(kit, plan, plain, manifests, sender),
                "opened",
                parts(kit));
    }

    private void lie(String name, String about, Kit kit, SealPlan plan, Bytes before, String manifest)
            throws IOException {
        Bytes text = Bytes.utf8(manifest);
        payload(
                name,
                about,
                kit,
                plan,
                Forger.padded(before.plus(Forger.record(PayloadFormat.MANIFEST, text))),
                List.of(text));
    }

    private void payload(String name, String about, Kit kit, SealPlan plan, Bytes plain, List<Bytes> manifests)
            throws IOException {
        write(name, about, DISTRICT, Forger.around(kit, plan, plain, manifests, sender), "not opened");
    }

    private void receipts() throws IOException {
        VerifiedEnvelope envelope =
                kit().to(DISTRICT, GUEST).message("có biên nhận").seal();
        SigningKey own = network.signing(DISTRICT);
        SigningKey node = network.evidence(HUB);
        Receipt delivered = kit().receipt(
                        Receipt.Kind.DELIVERED,
                        envelope,
                        DISTRICT,
                        own.certificate().hash());
        Receipt byNode = kit().receipt(
                        Receipt.Kind.DELIVERED,
                        envelope,
                        GUEST,
                        node.certificate().hash());
        receipt("receipt-delivered", "By the recipient's own key.", envelope, delivered, own, "receipt matches");
        receipt(
                "receipt-delivered-by-delegate",
                "By the evidence key of the node that serves the recipient.",
                envelope,
                byNode,
                node,
                "receipt matches");
        receipt(
                "receipt-consumed-by-delegate",
                "A node says that the application took it.",
                envelope,
                kit().receipt(
                                Receipt.Kind.CONSUMED,
                                envelope,
                                GUEST,
                                node.certificate().hash()),
                node,
                "receipt forged");
        receipt(
                "receipt-by-a-relay",
                "By the evidence key of a node that only carries.",
                envelope,
                kit().receipt(
                                Receipt.Kind.DELIVERED,
                                envelope,
                                DISTRICT,
                                node.certificate().hash()),
                node,
                "receipt forged");
        receipt(
                "receipt-of-another-leaf",
                "About another sealing of the same id.",
                envelope,
                about(
                        delivered,
                        new Receipt.Subject.One(
                                envelope.facts().header().id(),
                                envelope.facts()
                                                .sealRoot()
                                                .equals(envelope.facts().leaf())
                                        ? envelope.facts().ciphertextRoot()
                                        : envelope.facts().sealRoot(),
                                envelope.facts().ciphertextRoot())),
                own,
                "receipt of another message");
        receipt(
                "receipt-of-another-id",
                "About another message.",
                envelope,
                about(
                        delivered,
                        new Receipt.Subject.One(
                                Kit.id(),
                                envelope.facts().leaf(),
                                envelope.facts().ciphertextRoot())),
                own,
                "receipt of another message");
        receipt(
                "receipt-range-of-another-tree",
                "About leaves of another tree.",
                envelope,
                about(delivered, new Receipt.Subject.Range(envelope.facts().ciphertextRoot(), 4, 0, 3)),
                own,
                "receipt of another message");
        receipt(
                "receipt-from-no-recipient",
                "From an office that was no recipient.",
                envelope,
                kit().receipt(
                                Receipt.Kind.DELIVERED,
                                envelope,
                                HUB,
                                network.signing(HUB).certificate().hash()),
                network.signing(HUB),
                "receipt of another message");
        receipt(
                "receipt-expired-by-a-stranger",
                "Only the sender ends its message.",
                envelope,
                kit().receipt(
                                Receipt.Kind.EXPIRED,
                                envelope,
                                DISTRICT,
                                network.signing(HUB).certificate().hash()),
                network.signing(HUB),
                "receipt of another message");
        SignedReceipt signed =
                ReceiptSigner.sign(List.of(delivered), 1, own, Kit.NOW).orBug().get(0);
        writeReceipt(
                "receipt-raised-on-the-way",
                "Delivered changed into consumed.",
                envelope,
                new SignedReceipt(Bytes.utf8(signed.text().utf8().replace("delivered", "consumed")), signed.seal()),
                "receipt forged");
    }

    private static Receipt about(Receipt receipt, Receipt.Subject subject) {
        return new Receipt(
                receipt.network(),
                receipt.kind(),
                subject,
                receipt.recipient(),
                receipt.signer(),
                receipt.reason(),
                receipt.time(),
                receipt.directory(),
                receipt.incarnation(),
                receipt.deliveryCount());
    }

    private void receipt(
            String name, String about, VerifiedEnvelope envelope, Receipt receipt, SigningKey key, String expect)
            throws IOException {
        writeReceipt(
                name,
                about,
                envelope,
                ReceiptSigner.sign(List.of(receipt), 1, key, Kit.NOW).orBug().get(0),
                expect);
    }

    private void writeReceipt(
            String name, String about, VerifiedEnvelope envelope, SignedReceipt receipt, String expect)
            throws IOException {
        MessageId id = envelope.facts().header().id();
        write(
                name,
                about,
                DISTRICT,
                envelope.sealed(),
                expect,
                "message: " + id,
                "receipt: "
                        + Bytes.ofOwned(EnvelopeWire.toProto(receipt).toByteArray())
                                .hex());
    }
}
