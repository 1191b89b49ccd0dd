package lienthong.gateway.envelope.evidence;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.Kit;
import lienthong.gateway.envelope.OpenedEnvelope;
import lienthong.gateway.envelope.ReceiptSigner;
import lienthong.gateway.envelope.SealBatch;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.envelope.TestNetwork;
import lienthong.gateway.envelope.Unsealed;
import lienthong.gateway.envelope.VerifiedEnvelope;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.SequenceText;
import lienthong.gateway.message.SignedReceipt;
import lienthong.gateway.message.StrictText;

/** Evidence of a message from A08.10 to A08.11 and A08.01 with three receipts and an entry of the sender's audit log, as files that a test may change and pack again. */
final class EvidenceKit {
    final TestNetwork network;
    final VerifiedEnvelope envelope;
    final Map<String, Bytes> files;
    private final OpenedEnvelope opened;
    private final List<SignedReceipt> receipts;

    EvidenceKit() throws IOException {
        this(TestNetwork.shared());
    }

    EvidenceKit(TestNetwork network) throws IOException {
        this.network = network;
        List<Unsealed> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Kit kit =
                    new Kit(network).to(TestNetwork.DISTRICT, TestNetwork.GUEST).ordering("hồ sơ");
            for (int message = 0; message < 2; message++) {
                kit.message(List.of(Bytes.utf8("Kính gửi số " + message), Kit.random(new Random(i), 900)));
            }
            waiting.add(kit.unsealed());
        }
        envelope = SealBatch.sign(waiting, network.signing(TestNetwork.COMMUNE), Optional.empty(), Kit.NOW)
                .orBug()
                .get(3);
        opened = Kit.opened(Kit.open(envelope, TestNetwork.DISTRICT, network.keys(TestNetwork.DISTRICT)));
        receipts = receipts();
        files = write(network.view());
    }

    /** Exported under a directory. */
    Map<String, Bytes> write(DirectoryView directory) throws IOException {
        return write(directory, Kept.NONE);
    }

    /** Exported under a directory, with what was kept of former ones. */
    Map<String, Bytes> write(DirectoryView directory, Kept kept) throws IOException {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        EvidenceWriter.write(
                        zip,
                        new EvidenceSource(
                                envelope.facts().header().id(),
                                envelope.sealed().core(),
                                envelope.sealed().statement(),
                                envelope.sealed().seal(),
                                Optional.of(opened.manifestTexts().get(0)),
                                Optional.of(opened.parts(0)),
                                receipts,
                                List.of(audit()),
                                List.of(sequence()),
                                directory,
                                kept))
                .orBug();
        return unpack(zip.toByteArray());
    }

    /** Delivered by the node's evidence key for the hub's guest and by the address itself, then consumed over a range. */
    private List<SignedReceipt> receipts() {
        Kit kit = new Kit(network);
        SigningKey node = network.evidence(TestNetwork.HUB);
        SigningKey own = network.signing(TestNetwork.DISTRICT);
        Receipt byNode = kit.receipt(
                Receipt.Kind.DELIVERED,
                envelope,
                TestNetwork.GUEST,
                node.certificate().hash());
        Receipt byOwn = kit.receipt(
                Receipt.Kind.DELIVERED,
                envelope,
                TestNetwork.DISTRICT,
                own.certificate().hash());
        Receipt range = new Receipt(
                byOwn.network(),
                Receipt.Kind.CONSUMED,
                new Receipt.Subject.Range(
                        envelope.facts().sealRoot(), envelope.facts().treeSize(), 2, 4),
                byOwn.recipient(),
                byOwn.signer(),
                Optional.empty(),
                byOwn.time().plusSeconds(60),
                byOwn.directory(),
                byOwn.incarnation(),
                1);
        List<SignedReceipt> all = new ArrayList<>();
        all.addAll(ReceiptSigner.sign(List.of(byNode), 1, node, Kit.NOW).orBug());
        all.addAll(ReceiptSigner.sign(List.of(range, byOwn), 1, own, Kit.NOW).orBug());
        return all;
    }

    /** The sending node's log of 21 entries, of which the 14th is about the envelope, under a signed checkpoint. */
    private AuditProof audit() {
        List<Bytes> lines = new ArrayList<>();
        for (int i = 0; i < 21; i++) {
            lines.add(Bytes.utf8(i + " | 2026-11-23T08:00:00.000Z | accepted | "
                    + (i == 13 ? envelope.facts().header().id() : Kit.id()) + " | 0 | delivery | of A08.10 sequence "
                    + Hash.of(sequence()).hex() + " leaf "
                    + envelope.facts().leaf().hex() + " | 0123456789abcdef\n"));
        }
        List<Hash> leaves = lines.stream().map(MerkleTree::leafHash).toList();
        SigningKey node = network.evidence(TestNetwork.COMMUNE);
        Bytes checkpoint = StrictText.write(network.network(), "audit-checkpoint")
                .line("node", TestNetwork.COMMUNE)
                .line("signer", node.certificate().hash())
                .line("size", 21)
                .line("root", MerkleTree.root(leaves))
                .line("at", StrictText.time(Kit.NOW))
                .done();
        return new AuditProof(
                lines.get(13), 13, MerkleTree.path(leaves, 13), checkpoint, node.signCms(checkpoint, Kit.NOW));
    }

    /** Numbers 7 and 8 to the district, 1 and 2 to the guest. */
    Bytes sequence() {
        Incarnation life = new Incarnation(0x77);
        return new SequenceText(
                        network.network(),
                        envelope.core(),
                        envelope.facts().header().recipients().stream()
                                .map(to -> to.equals(TestNetwork.GUEST)
                                        ? new SequenceText.Place(to, life, 1, SlotFacts.NO_CORE)
                                        : new SequenceText.Place(to, life, 7, Hash.of(Bytes.utf8("the core before"))))
                                .toList())
                .encode();
    }

    static Map<String, Bytes> unpack(byte[] zip) throws IOException {
        Map<String, Bytes> files = new LinkedHashMap<>();
        ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip));
        for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            files.put(entry.getName(), Bytes.ofOwned(in.readAllBytes()));
        }
        return files;
    }

    static byte[] pack(Map<String, Bytes> files) {
        try {
            ByteArrayOutputStream zip = new ByteArrayOutputStream();
            ZipOutputStream out = new ZipOutputStream(zip);
            out.setLevel(0);
            for (Map.Entry<String, Bytes> file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue().toArray());
                out.closeEntry();
            }
            out.finish();
            return zip.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Report verify(Map<String, Bytes> changed) {
        return verify(pack(changed), Optional.of(network.network()));
    }

    static Report verify(byte[] zip, Optional<Hash> network) {
        try {
            return EvidenceVerifier.verify(new ByteArrayInputStream(zip), network);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The files with one of them replaced. */
    Map<String, Bytes> with(String name, Bytes content) {
        Map<String, Bytes> changed = new LinkedHashMap<>(files);
        changed.put(name, content);
        return changed;
    }

    Map<String, Bytes> without(String name) {
        Map<String, Bytes> changed = new LinkedHashMap<>(files);
        changed.remove(name);
        return changed;
    }

    /** The content with one bit other. */
    static Bytes flipped(Bytes content, int position) {
        byte[] bytes = content.toArray();
        bytes[position] ^= 1;
        return Bytes.ofOwned(bytes);
    }
}
