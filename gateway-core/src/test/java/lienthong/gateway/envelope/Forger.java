package lienthong.gateway.envelope;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.ChunkedSealer;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Slot;

/** Makes envelopes that an honest sealer never would, each part given; the signature is true, by whoever signs. */
final class Forger {
    private Forger() {}

    /** A sealed envelope of these parts, signed over a statement that fits them. */
    static SealedEnvelope sealed(
            Header header, Bytes core, List<Bytes> slots, Bytes ciphertext, List<Hash> manifests, SigningKey key) {
        List<Slot> numbered = new ArrayList<>();
        List<Hash> hashes = new ArrayList<>();
        for (Bytes slot : slots) {
            numbered.add(new Slot(numbered.size(), slot));
            hashes.add(Hash.of(slot));
        }
        Statement content = new Statement(
                header.network(), Hash.of(core), BlockTree.rootOf(ciphertext), ciphertext.size(), manifests, hashes);
        Bytes statement = StatementCodec.encode(content);
        var seal = SealTree.sign(
                        header.network(),
                        RootText.Kind.SEAL,
                        header.suite(),
                        List.of(MerkleTree.leafHash(statement)),
                        key,
                        Optional.empty(),
                        Kit.NOW)
                .orBug()
                .get(0);
        return new SealedEnvelope(core, numbered, new Ciphertext.Inline(ciphertext), statement, seal);
    }

    /** The same header, signed for by another. */
    static Header signedBy(Header header, lienthong.gateway.message.Address sender, Hash signer) {
        return new Header(
                header.network(),
                header.suite(),
                header.ids(),
                sender,
                signer,
                header.recipients(),
                header.service(),
                header.precedence(),
                header.mark(),
                header.created(),
                header.lifetime(),
                header.directory(),
                header.flags());
    }

    /** The same header for other recipients. */
    static Header to(Header header, List<lienthong.gateway.message.Address> recipients) {
        return new Header(
                header.network(),
                header.suite(),
                header.ids(),
                header.sender(),
                header.signer(),
                recipients,
                header.service(),
                header.precedence(),
                header.mark(),
                header.created(),
                header.lifetime(),
                header.directory(),
                header.flags());
    }

    /** The same header under another suite, with other flags. */
    static Header suite(Header header, int suite, List<Header.Flag> flags) {
        return new Header(
                header.network(),
                suite,
                header.ids(),
                header.sender(),
                header.signer(),
                header.recipients(),
                header.service(),
                header.precedence(),
                header.mark(),
                header.created(),
                header.lifetime(),
                header.directory(),
                flags);
    }

    /** What an honest writer makes of a plan: the payload's plaintext, for a test to alter. */
    static Bytes plaintext(Kit kit, SealPlan plan, List<Bytes> manifests) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        Compressor compressor = new Compressor.Pool().take();
        try {
            PayloadWriter writer = new PayloadWriter(out::write, plan.header().network(), compressor);
            for (int i = 0; i < plan.messages().size(); i++) {
                writer.begin(plan.messages().get(i), Bytes.ofOwned(TestNetwork.RANDOM.bytes(32)));
                for (Bytes part : kit.contents().get(i)) {
                    writer.write(part.toArray(), 0, part.size());
                }
                writer.end();
            }
            writer.pad();
            manifests.addAll(writer.manifests());
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
        return Bytes.ofOwned(out.toByteArray());
    }

    /** An otherwise honest envelope around any plaintext. */
    static SealedEnvelope around(Kit kit, SealPlan plan, Bytes plaintext, List<Bytes> manifests, SigningKey key) {
        SecretBytes contentKey = SecretBytes.random(32, TestNetwork.RANDOM);
        Bytes ciphertext =
                ChunkedSealer.sealAll(contentKey, plan.coreHash().bytes(), plaintext.toArray(), TestNetwork.RANDOM);
        SealedPayload payload = new SealedPayload(
                plan.coreHash(),
                contentKey,
                new Ciphertext.Inline(ciphertext),
                BlockTree.rootOf(ciphertext),
                manifests);
        return SealBatch.sign(List.of(kit.finish(plan, payload)), key, Optional.empty(), Kit.NOW)
                .orBug()
                .get(0)
                .sealed();
    }

    /** Records after one another, then padding as the format asks. */
    static Bytes padded(Bytes records) {
        byte[] content =
                records.plus(Bytes.ofOwned(new byte[] {PayloadFormat.PADDING})).toArray();
        return Bytes.ofOwned(java.util.Arrays.copyOf(content, (int) PayloadFormat.padme(content.length)));
    }

    /** One record. */
    static Bytes record(int type, Bytes body) {
        return Bytes.ofOwned(java.nio.ByteBuffer.allocate(5 + body.size())
                .put((byte) type)
                .putInt(body.size())
                .put(body.asBuffer())
                .array());
    }
}
