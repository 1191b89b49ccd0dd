package lienthong.gateway.envelope;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Seal;

/** One signature, many envelopes. Stateless, thread-safe. Source: docs/spec/envelope.md, "Seal". */
public final class SealBatch {
    private SealBatch() {}

    /**
     * Seals everything that waits of one sender: a tree over the statements, one CMS over its root text. About 0.1 ms for the signature, whatever
     * the number.
     *
     * @param waiting 1 to {@link lienthong.gateway.message.Limits#TREE_LEAVES_MAX} envelopes of one network, suite and signer
     * @param key its certificate is the one whose hash stands in the cores
     * @param postQuantum present if, and only if, some core says {@code PQ_REQUIRED}
     * @param now claimed by the signature
     * @return the envelopes with their seals, in order, verified by their making; {@code TOKEN_AWAY}
     */
    public static Result<List<VerifiedEnvelope>> sign(
            List<Unsealed> waiting, SigningKey key, Optional<SigningKey> postQuantum, Instant now) {
        Header first = waiting.get(0).header();
        List<Hash> leaves = new ArrayList<>(waiting.size());
        for (Unsealed each : waiting) {
            Header header = each.header();
            Invariant.check(
                    header.network().equals(first.network())
                            && header.suite() == first.suite()
                            && header.signer().equals(key.certificate().hash()),
                    "one network, suite and signer under one seal");
            Invariant.check(
                    postQuantum.isPresent() || !header.flags().contains(Header.Flag.PQ_REQUIRED),
                    "a second seal is required");
            leaves.add(each.leaf());
        }
        return SealTree.sign(first.network(), RootText.Kind.SEAL, first.suite(), leaves, key, postQuantum, now)
                .map(seals -> sealed(waiting, seals, leaves));
    }

    private static List<VerifiedEnvelope> sealed(List<Unsealed> waiting, List<Seal> seals, List<Hash> leaves) {
        Hash root = lienthong.gateway.merkle.MerkleTree.root(leaves);
        List<VerifiedEnvelope> done = new ArrayList<>(waiting.size());
        for (int i = 0; i < waiting.size(); i++) {
            Unsealed each = waiting.get(i);
            EnvelopeFacts facts =
                    VerifiedEnvelope.facts(each.header(), each.content(), each.leaf(), root, i, waiting.size());
            SealedEnvelope sealed =
                    new SealedEnvelope(each.core(), each.slots(), each.ciphertext(), each.statement(), seals.get(i));
            done.add(new VerifiedEnvelope(sealed, facts, each.content().core()));
        }
        return List.copyOf(done);
    }
}
