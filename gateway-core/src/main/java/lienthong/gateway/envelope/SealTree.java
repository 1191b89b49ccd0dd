package lienthong.gateway.envelope;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Seal;

/** One signature over many leaves, and the check that a leaf stands under one. Stateless. */
final class SealTree {
    private SealTree() {}

    /**
     * Signs the tree over the leaves.
     *
     * @return a seal for each leaf, in order, sharing root text and CMS; {@code TOKEN_AWAY}
     */
    static Result<List<Seal>> sign(
            Hash network,
            RootText.Kind kind,
            int suite,
            List<Hash> leaves,
            SigningKey key,
            Optional<SigningKey> postQuantum,
            Instant now) {
        int size = leaves.size();
        Invariant.check(size >= 1 && size <= Limits.TREE_LEAVES_MAX, "tree of %d leaves", size);
        Bytes rootText = new RootText(network, kind, suite, size, MerkleTree.root(leaves)).encode();
        Bytes cms;
        Optional<Bytes> pqCms;
        try {
            cms = key.signCms(rootText, now);
            pqCms = postQuantum.map(second -> second.signCms(rootText, now));
        } catch (TokenAway away) {
            return Result.no(ErrorCode.TOKEN_AWAY, "the key of {0} does not answer", kind.word());
        }
        List<List<Hash>> paths = MerkleTree.paths(leaves);
        List<Seal> seals = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            seals.add(new Seal(i, size, paths.get(i), rootText, cms, pqCms));
        }
        return Result.ok(seals);
    }

    /** Whether the path leads from the leaf to the root that the root text names; empty otherwise. */
    static Optional<RootText> root(Seal seal, Hash leaf, RootText.Kind kind) {
        if (!(RootText.decode(seal.rootText(), null, kind) instanceof Result.Ok<RootText> ok)
                || ok.value().size() != seal.size()
                || !MerkleTree.verifies(
                        leaf, seal.index(), seal.size(), seal.path(), ok.value().root())) {
            return Optional.empty();
        }
        return Optional.of(ok.value());
    }
}
