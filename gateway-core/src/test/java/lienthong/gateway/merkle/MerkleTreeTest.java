package lienthong.gateway.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import org.junit.jupiter.api.Test;

class MerkleTreeTest {
    private static List<Hash> leaves(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> MerkleTree.leafHash(Bytes.utf8("leaf " + i)))
                .toList();
    }

    private static Hash altered(Hash hash) {
        byte[] bytes = hash.bytes().toArray();
        bytes[7] ^= 1;
        return new Hash(Bytes.ofOwned(bytes));
    }

    /** RFC 9162 §2.1 examples as certificate transparency publishes them: eight inputs, root and subroots known for twenty years. */
    @Test
    void givesThePublishedRoots() {
        List<Hash> published = List.of(
                        "",
                        "00",
                        "10",
                        "2021",
                        "3031",
                        "40414243",
                        "5051525354555657",
                        "606162636465666768696a6b6c6d6e6f")
                .stream()
                .map(Bytes::ofHex)
                .map(MerkleTree::leafHash)
                .toList();
        String[] roots = {
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        };
        TreeBuilder builder = new TreeBuilder();
        for (int size = 0; size <= 8; size++) {
            assertThat(MerkleTree.root(published.subList(0, size)).hex())
                    .as("size %d", size)
                    .isEqualTo(roots[size]);
            assertThat(builder.root().hex()).isEqualTo(roots[size]);
            if (size < 8) {
                builder.append(published.get(size));
            }
        }
    }

    @Test
    void everyPathOfEverySizeLeadsToTheRootAndToNoOther() {
        for (int size = 1; size <= 70; size++) {
            List<Hash> leaves = leaves(size);
            Hash root = MerkleTree.root(leaves);
            List<List<Hash>> paths = MerkleTree.paths(leaves);
            for (int i = 0; i < size; i++) {
                List<Hash> path = MerkleTree.path(leaves, i);
                assertThat(paths.get(i)).isEqualTo(path);
                assertThat(MerkleTree.pathLength(i, size)).isEqualTo(path.size());
                assertThat(MerkleTree.verifies(leaves.get(i), i, size, path, root))
                        .isTrue();
                assertThat(MerkleTree.verifies(altered(leaves.get(i)), i, size, path, root))
                        .isFalse();
                assertThat(MerkleTree.verifies(leaves.get(i), i, size, path, altered(root)))
                        .isFalse();
                if (size > 1) {
                    assertThat(MerkleTree.verifies(leaves.get(i), (i + 1) % size, size, path, root))
                            .isFalse();
                }
            }
        }
    }

    @Test
    void refusesPathsThatAreShortLongOrAltered() {
        List<Hash> leaves = leaves(11);
        Hash root = MerkleTree.root(leaves);
        List<Hash> path = MerkleTree.path(leaves, 5);
        for (int i = 0; i < path.size(); i++) {
            List<Hash> bad = new ArrayList<>(path);
            bad.set(i, altered(bad.get(i)));
            assertThat(MerkleTree.verifies(leaves.get(5), 5, 11, bad, root)).isFalse();
        }
        List<Hash> longer = new ArrayList<>(path);
        longer.add(root);
        assertThat(MerkleTree.rootFromPath(leaves.get(5), 5, 11, longer)).isEmpty();
        assertThat(MerkleTree.rootFromPath(leaves.get(5), 5, 11, path.subList(1, path.size())))
                .isEmpty();
        assertThat(MerkleTree.rootFromPath(leaves.get(5), -1, 11, path)).isEmpty();
        assertThat(MerkleTree.rootFromPath(leaves.get(5), 11, 11, path)).isEmpty();
        assertThat(MerkleTree.rootFromPath(leaves.get(5), 0, 0, List.of())).isEmpty();
        assertThat(MerkleTree.rootFromPath(leaves.get(5), Long.MAX_VALUE - 1, Long.MAX_VALUE, path))
                .isEmpty();
    }

    @Test
    void aNodeNeverPassesAsLeaf() {
        List<Hash> leaves = leaves(2);
        Bytes node = leaves.get(0).bytes().plus(leaves.get(1).bytes());
        assertThat(MerkleTree.leafHash(node)).isNotEqualTo(MerkleTree.root(leaves));
    }

    @Test
    void everyPairOfSizesIsConsistentAndNoAlteredOneIs() {
        for (int size = 1; size <= 40; size++) {
            List<Hash> leaves = leaves(size);
            Hash root = MerkleTree.root(leaves);
            for (int old = 1; old <= size; old++) {
                Hash oldRoot = MerkleTree.root(leaves.subList(0, old));
                List<Hash> proof = MerkleTree.consistencyProof(leaves, old);
                assertThat(MerkleTree.isConsistent(old, oldRoot, size, root, proof))
                        .as("%d in %d", old, size)
                        .isTrue();
                assertThat(MerkleTree.isConsistent(old, altered(oldRoot), size, root, proof))
                        .isFalse();
                assertThat(MerkleTree.isConsistent(old, oldRoot, size, altered(root), proof))
                        .isFalse();
                List<Hash> longer = new ArrayList<>(proof);
                longer.add(root);
                assertThat(MerkleTree.isConsistent(old, oldRoot, size, root, longer))
                        .isFalse();
                for (int i = 0; i < proof.size(); i++) {
                    List<Hash> bad = new ArrayList<>(proof);
                    bad.set(i, altered(bad.get(i)));
                    assertThat(MerkleTree.isConsistent(old, oldRoot, size, root, bad))
                            .isFalse();
                    assertThat(MerkleTree.isConsistent(old, oldRoot, size, root, proof.subList(0, i)))
                            .isFalse();
                }
            }
        }
    }

    @Test
    void refusesSizesThatCannotBe() {
        Hash root = MerkleTree.root(leaves(3));
        assertThat(MerkleTree.isConsistent(0, root, 3, root, List.of())).isFalse();
        assertThat(MerkleTree.isConsistent(4, root, 3, root, List.of())).isFalse();
        assertThat(MerkleTree.isConsistent(-1, root, 3, root, List.of())).isFalse();
        assertThat(MerkleTree.isConsistent(2, root, Long.MAX_VALUE, root, List.of(root)))
                .isFalse();
    }

    @Test
    void builderContinuesFromItsFrontierAtEverySize() {
        TreeBuilder whole = new TreeBuilder();
        List<Hash> leaves = leaves(67);
        for (int size = 0; size < leaves.size(); size++) {
            TreeBuilder continued = TreeBuilder.ofFrontier(whole.frontier()).orElseThrow();
            assertThat(continued.root()).isEqualTo(MerkleTree.root(leaves.subList(0, size)));
            assertThat(continued.size()).isEqualTo(size);
            continued.append(leaves.get(size));
            whole.append(leaves.get(size));
            assertThat(continued.root()).isEqualTo(whole.root());
            assertThat(continued.frontier()).isEqualTo(whole.frontier());
        }
    }

    @Test
    void refusesBytesThatAreNoFrontier() {
        assertThat(TreeBuilder.ofFrontier(Bytes.empty())).isEmpty();
        assertThat(TreeBuilder.ofFrontier(Bytes.ofOwned(new byte[7]))).isEmpty();
        assertThat(TreeBuilder.ofFrontier(Bytes.ofOwned(new byte[9]))).isEmpty();
        assertThat(TreeBuilder.ofFrontier(Bytes.ofHex("ffffffffffffffff"))).isEmpty();
        assertThat(TreeBuilder.ofFrontier(Bytes.ofHex("0000000000000001"))).isEmpty();
    }

    @Test
    void blockTreeGivesTheSameInAnyPieces() {
        int block = BlockTree.BLOCK_BYTES;
        for (int size : new int[] {0, 1, block - 1, block, block + 1, 2 * block, 3 * block - 5}) {
            byte[] content = new byte[size];
            for (int i = 0; i < size; i++) {
                content[i] = (byte) (i * 31 + (i >> 8));
            }
            List<Hash> expected = new ArrayList<>();
            for (int from = 0; from < size; from += block) {
                expected.add(MerkleTree.leafHash(Bytes.copyOf(content, from, Math.min(block, size - from))));
            }
            for (int step : new int[] {1_000, 65_536, block, 4 * block}) {
                BlockTree tree = new BlockTree();
                for (int from = 0; from < size; from += step) {
                    tree.feed(content, from, Math.min(step, size - from));
                }
                assertThat(tree.finish()).isEqualTo(MerkleTree.root(expected));
                assertThat(tree.blocks()).isEqualTo(expected);
                assertThat(tree.length()).isEqualTo(size);
            }
            assertThat(BlockTree.rootOf(Bytes.ofOwned(content))).isEqualTo(MerkleTree.root(expected));
        }
    }

    @Test
    void blockTreeContinuesAfterWholeBlocks() {
        int block = BlockTree.BLOCK_BYTES;
        byte[] content = new byte[2 * block + 9];
        content[block + 3] = 5;
        BlockTree first = new BlockTree();
        first.feed(content, 0, block + 77);
        BlockTree continued = BlockTree.after(first.blocks());
        assertThat(continued.length()).isEqualTo(block);
        continued.feed(content, block, content.length - block);
        assertThat(continued.finish()).isEqualTo(BlockTree.rootOf(Bytes.ofOwned(content)));
    }
}
