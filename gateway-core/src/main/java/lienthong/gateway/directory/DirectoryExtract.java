package lienthong.gateway.directory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;

/**
 * Some entries of a directory with the proof that they stand in it: what evidence carries. Verifies with the network's fingerprint alone,
 * years later, without the rest of the directory and whatever its expiry.
 *
 * @param root strict text of the network's root
 * @param head strict text
 * @param signatures the authority's two over the head
 * @param items entries with their paths, ascending by index
 * @param certificates DER: the root CA's, then those the items name
 * @param rootCrl DER, of the root CA, of then
 */
public record DirectoryExtract(
        Bytes root, Bytes head, DoubleSignature signatures, List<Item> items, List<Bytes> certificates, Bytes rootCrl) {
    /**
     * One entry.
     *
     * @param index its position, from 0
     * @param text its strict text
     * @param path RFC 9162 inclusion path, from its sibling up
     */
    public record Item(int index, Bytes text, List<Hash> path) {
        public Item {
            path = List.copyOf(path);
        }
    }

    public DirectoryExtract {
        items = List.copyOf(items);
        certificates = List.copyOf(certificates);
    }

    /** What a verified extract says. */
    public record Verified(DirectoryHead head, List<DirectoryEntry> entries) {
        public Verified {
            entries = List.copyOf(entries);
        }

        public DirectoryVersion version() {
            return head.version();
        }

        public Optional<OrganisationEntry> organisation(OrganisationId id) {
            return entries.stream()
                    .filter(entry -> entry instanceof OrganisationEntry office
                            && office.id().equals(id))
                    .map(OrganisationEntry.class::cast)
                    .findFirst();
        }
    }

    /**
     * The entries of these offices, of the nodes that serve them, the policy, and every revocation that concerns them.
     *
     * @param offices unknown ones are left out
     */
    public static DirectoryExtract of(Directory directory, Iterable<OrganisationId> offices) {
        SignedDirectory signed = directory.signed();
        Map<String, Integer> places = new LinkedHashMap<>();
        List<Hash> leaves = new ArrayList<>(signed.entries().size());
        for (int i = 0; i < signed.entries().size(); i++) {
            places.put(directory.entries().get(i).entryKey(), i);
            leaves.add(MerkleTree.leafHash(signed.entries().get(i)));
        }
        TreeSet<Integer> wanted = new TreeSet<>();
        wanted.add(places.getOrDefault(directory.policy().entryKey(), 0));
        for (OrganisationId office : offices) {
            Optional<OrganisationEntry> entry = directory.organisation(office);
            if (entry.isEmpty()) {
                continue;
            }
            add(wanted, places, entry.get().entryKey());
            directory.node(entry.get().node()).ifPresent(node -> {
                add(wanted, places, node.entryKey());
                directory.organisation(node.id()).ifPresent(owner -> add(wanted, places, owner.entryKey()));
            });
            directory.revocations().stream()
                    .filter(revocation -> revocation.holder().equals(office)
                            || revocation.holder().equals(entry.get().node()))
                    .forEach(revocation -> add(wanted, places, revocation.entryKey()));
        }
        List<Item> items = new ArrayList<>();
        List<Bytes> texts = new ArrayList<>();
        for (int index : wanted) {
            texts.add(signed.entries().get(index));
            items.add(new Item(index, signed.entries().get(index), MerkleTree.path(leaves, index)));
        }
        List<Bytes> certificates = DirectoryVerifier.orderCertificates(signed.root(), texts, signed.certificates())
                .orBug();
        return new DirectoryExtract(
                signed.root(), signed.head(), signed.signatures(), items, certificates, signed.rootCrl());
    }

    /**
     * One extract with the entries of all.
     *
     * @param extracts of the same head, at least one, each as {@link #of} made it
     */
    public static DirectoryExtract merged(List<DirectoryExtract> extracts) {
        DirectoryExtract first = extracts.get(0);
        TreeMap<Integer, Item> items = new TreeMap<>();
        Set<Bytes> certificates = new LinkedHashSet<>();
        for (DirectoryExtract extract : extracts) {
            Invariant.check(extract.head.equals(first.head), "extracts of different directories");
            extract.items.forEach(item -> items.put(item.index, item));
            certificates.addAll(extract.certificates);
        }
        List<Bytes> texts = items.values().stream().map(Item::text).toList();
        return new DirectoryExtract(
                first.root,
                first.head,
                first.signatures,
                List.copyOf(items.values()),
                DirectoryVerifier.orderCertificates(first.root, texts, List.copyOf(certificates))
                        .orBug(),
                first.rootCrl);
    }

    private static void add(TreeSet<Integer> wanted, Map<String, Integer> places, String key) {
        Integer place = places.get(key);
        if (place != null) {
            wanted.add(place);
        }
    }

    /**
     * Checks root text against the fingerprint, both signatures, each path, each entry's form, and that the certificates are those named.
     *
     * @return what it says, OTHER_NETWORK, or DIRECTORY_INVALID naming the part at fault
     */
    public Result<Verified> verify(Hash network) {
        return DirectoryVerifier.head(root, head, signatures, network).then(checked -> {
            List<DirectoryEntry> entries = new ArrayList<>();
            List<Bytes> texts = new ArrayList<>();
            int before = -1;
            for (Item item : items) {
                if (item.index <= before
                        || !MerkleTree.verifies(
                                MerkleTree.leafHash(item.text),
                                item.index,
                                checked.entries(),
                                item.path,
                                checked.root())) {
                    return Result.no(ErrorCode.DIRECTORY_INVALID, "entry {0} is not in the directory", item.index);
                }
                before = item.index;
                Result<DirectoryEntry> entry = EntryCodec.parse(item.text, network);
                if (!(entry instanceof Result.Ok<DirectoryEntry> ok)) {
                    return Result.no(
                            ErrorCode.DIRECTORY_INVALID, entry.refusal().about());
                }
                entries.add(ok.value());
                texts.add(item.text);
            }
            return DirectoryVerifier.orderCertificates(root, texts, certificates)
                    .then(ordered -> ordered.equals(certificates) && rootCrl.size() <= Limits.CRL_BYTES_MAX
                            ? Result.ok(new Verified(checked, entries))
                            : Result.no(ErrorCode.DIRECTORY_INVALID, "certificates that no entry names"));
        });
    }

    public Bytes toBytes() {
        return DirectoryWire.write(this);
    }

    /** From outside; DIRECTORY_INVALID for what is not such an extract or is too large. */
    public static Result<DirectoryExtract> parse(Bytes bytes) {
        return DirectoryWire.parseExtract(bytes);
    }
}
