package lienthong.gateway.directory;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * Makes a {@link Directory} of a {@link SignedDirectory}: the only way to get one. Signatures are checked before any entry is read. Stateless,
 * thread-safe.
 */
public final class DirectoryVerifier {
    private DirectoryVerifier() {}

    /**
     * Everything that can be said about a directory by itself; whether it is newer than another is the {@link DirectoryBook}'s matter.
     *
     * @param root what is already trusted; the root text inside {@code signed} must be the same
     * @param now for its expiry
     * @return the directory; OTHER_NETWORK; DIRECTORY_INVALID naming the part at fault; DIRECTORY_EXPIRED
     */
    public static Result<Directory> verify(SignedDirectory signed, NetworkRoot root, Instant now) {
        return verifyStored(signed, root)
                .then(directory -> directory.isExpiredAt(now)
                        ? Result.no(
                                ErrorCode.DIRECTORY_EXPIRED,
                                "version {0} expired {1}",
                                directory.version().number(),
                                directory.head().expires())
                        : Result.ok(directory));
    }

    /** The same for one that was in force here already: its expiry is for the operator to see, not a reason to forget everybody. */
    public static Result<Directory> verifyStored(SignedDirectory signed, NetworkRoot root) {
        return head(signed.root(), signed.head(), signed.signatures(), root.fingerprint())
                .then(head -> body(signed, root, head));
    }

    /** Root text, head and both signatures. */
    static Result<DirectoryHead> head(Bytes rootText, Bytes headText, DoubleSignature signatures, Hash network) {
        Result<NetworkRoot> root = NetworkRoot.parse(rootText);
        if (!(root instanceof Result.Ok<NetworkRoot> known)) {
            return Result.no(root.refusal());
        }
        if (!known.value().fingerprint().equals(network)) {
            return Result.no(
                    ErrorCode.OTHER_NETWORK,
                    "directory of the network {0}",
                    known.value().name());
        }
        if (!Proofs.bothSign(known.value(), headText, signatures)) {
            return invalid("a signature of the authority does not verify");
        }
        Result<DirectoryHead> head = DirectoryHead.parse(headText, network);
        return head instanceof Result.No<DirectoryHead> no
                ? invalid(no.refusal().about())
                : head;
    }

    private static Result<Directory> body(SignedDirectory signed, NetworkRoot root, DirectoryHead head) {
        List<Bytes> texts = signed.entries();
        if (texts.size() != head.entries()) {
            return invalid("{0} entries, the head says {1}", texts.size(), head.entries());
        }
        List<Hash> leaves = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            if (i > 0 && texts.get(i - 1).compareTo(texts.get(i)) >= 0) {
                return invalid("entry {0} is out of order", i);
            }
            leaves.add(MerkleTree.leafHash(texts.get(i)));
        }
        if (!MerkleTree.root(leaves).equals(head.root())) {
            return invalid("the entries are not those that were signed");
        }
        List<DirectoryEntry> entries = new ArrayList<>(texts.size());
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < texts.size(); i++) {
            Result<DirectoryEntry> entry = EntryCodec.parse(texts.get(i), root.fingerprint());
            if (!(entry instanceof Result.Ok<DirectoryEntry> ok)) {
                return invalid("entry {0}: {1}", i, entry.refusal().about());
            }
            if (!keys.add(ok.value().entryKey())) {
                return invalid("entry {0}: a second {1}", i, ok.value().entryKey());
            }
            entries.add(ok.value());
        }
        Result<List<Bytes>> ordered = orderCertificates(signed.root(), texts, signed.certificates());
        if (!(ordered instanceof Result.Ok<List<Bytes>> named)) {
            return Result.no(ordered.refusal());
        }
        if (!named.value().equals(signed.certificates())) {
            return invalid("certificates that no entry names, or out of order");
        }
        Map<Hash, Certificate> certificates = new HashMap<>();
        for (Bytes der : signed.certificates()) {
            Result<Certificate> certificate = Certificate.parse(der);
            if (!(certificate instanceof Result.Ok<Certificate> ok)) {
                return invalid("certificate: {0}", certificate.refusal().about());
            }
            certificates.put(ok.value().hash(), ok.value());
        }
        Certificate rootCa = certificates.get(root.ca());
        if (rootCa == null || !Proofs.isRootCa(rootCa, root)) {
            return invalid("the root CA is not the root's");
        }
        if (!Proofs.isCrlOf(signed.rootCrl(), rootCa)) {
            return invalid("the root CA's revocation list does not verify");
        }
        return consistency(entries)
                .<Result<Directory>>map(Result::no)
                .orElseGet(() -> Result.ok(new Directory(root, head, signed, entries, certificates)));
    }

    /** What every entry may take for granted about the others. */
    static Optional<Refusal> consistency(List<DirectoryEntry> entries) {
        Map<OrganisationId, OrganisationEntry> offices = new HashMap<>();
        Map<OrganisationId, NodeEntry> nodes = new LinkedHashMap<>();
        int policies = 0;
        for (DirectoryEntry entry : entries) {
            if (entry instanceof OrganisationEntry office) {
                offices.put(office.id(), office);
            } else if (entry instanceof NodeEntry node) {
                nodes.put(node.id(), node);
            } else if (entry instanceof Policy) {
                policies++;
            }
        }
        if (policies != 1) {
            return fault("a directory has exactly one policy");
        }
        Map<String, OrganisationId> names = new HashMap<>();
        for (OrganisationEntry office : offices.values()) {
            NodeEntry node = nodes.get(office.node());
            if (node == null || !node.hosts().contains(office.id())) {
                return fault("{0}: its node does not serve it", office.id());
            }
            if (office.parent().filter(parent -> !offices.containsKey(parent)).isPresent()) {
                return fault("{0}: its parent is not in the directory", office.id());
            }
            if (office.successors().stream().anyMatch(successor -> !offices.containsKey(successor))) {
                return fault("{0}: its successor is not in the directory", office.id());
            }
            for (String alias : office.aliases()) {
                boolean isCode = OrganisationId.parse(alias).fold(offices::containsKey, no -> false);
                if (names.put(alias, office.id()) != null || isCode) {
                    return fault("{0}: the alias {1} is somebody's already", office.id(), alias);
                }
            }
        }
        for (NodeEntry node : nodes.values()) {
            OrganisationEntry owner = offices.get(node.id());
            if (owner == null || !owner.node().equals(node.id())) {
                return fault("node {0}: is not run by the office it is named after", node.id());
            }
            for (OrganisationId hosted : node.hosts()) {
                OrganisationEntry office = offices.get(hosted);
                if (office == null || !office.node().equals(node.id())) {
                    return fault("node {0}: serves {1}, which names another node", node.id(), hosted);
                }
            }
            if (!nodes.keySet().containsAll(node.parents()) || !nodes.keySet().containsAll(node.neighbours())) {
                return fault("node {0}: names a neighbour that is not in the directory", node.id());
            }
        }
        for (OrganisationEntry office : offices.values()) {
            Optional<OrganisationId> above = office.parent();
            for (int depth = 0; above.isPresent(); depth++) {
                if (depth == Limits.TREE_DEPTH_MAX) {
                    return fault("{0}: its line of parents has no end", office.id());
                }
                above = Optional.ofNullable(offices.get(above.get())).flatMap(OrganisationEntry::parent);
            }
        }
        Set<OrganisationId> finished = new HashSet<>();
        for (OrganisationId node : nodes.keySet()) {
            if (loops(node, nodes, new LinkedHashSet<>(), finished)) {
                return fault("node {0}: its parents form a circle, or are too many above one another", node);
            }
        }
        return Optional.empty();
    }

    private static boolean loops(
            OrganisationId id,
            Map<OrganisationId, NodeEntry> nodes,
            Set<OrganisationId> below,
            Set<OrganisationId> finished) {
        if (finished.contains(id)) {
            return false;
        }
        if (below.size() > Limits.TREE_DEPTH_MAX || !below.add(id)) {
            return true;
        }
        NodeEntry node = nodes.get(id);
        if (node != null) {
            for (OrganisationId parent : node.parents()) {
                if (loops(parent, nodes, below, finished)) {
                    return true;
                }
            }
        }
        below.remove(id);
        finished.add(id);
        return false;
    }

    /**
     * The certificates that root and entries name, in that order, each once, taken from {@code carried}; DIRECTORY_INVALID when one is missing or
     * a text cannot be read.
     */
    static Result<List<Bytes>> orderCertificates(Bytes rootText, List<Bytes> entryTexts, List<Bytes> carried) {
        Result<NetworkRoot> root = NetworkRoot.parse(rootText);
        if (!(root instanceof Result.Ok<NetworkRoot> known)) {
            return Result.no(root.refusal());
        }
        Set<Hash> named = new LinkedHashSet<>();
        named.add(known.value().ca());
        for (Bytes text : entryTexts) {
            Result<DirectoryEntry> entry = EntryCodec.parse(text, known.value().fingerprint());
            if (!(entry instanceof Result.Ok<DirectoryEntry> ok)) {
                return invalid(entry.refusal().about());
            }
            if (ok.value() instanceof OrganisationEntry office) {
                office.ca().ifPresent(named::add);
                named.addAll(office.formerCas());
            }
        }
        Map<Hash, Bytes> byHash = new HashMap<>();
        carried.forEach(der -> byHash.put(Hash.of(der), der));
        List<Bytes> ordered = new ArrayList<>(named.size());
        for (Hash hash : named) {
            Bytes der = byHash.get(hash);
            if (der == null) {
                return invalid("a certificate that an entry names is missing");
            }
            ordered.add(der);
        }
        return Result.ok(ordered);
    }

    private static <T> Result<T> invalid(@CompileTimeConstant String detail, Object... arguments) {
        return invalid(Detail.of(detail, arguments));
    }

    private static <T> Result<T> invalid(Detail about) {
        return Result.no(ErrorCode.DIRECTORY_INVALID, about);
    }

    private static Optional<Refusal> fault(@CompileTimeConstant String detail, Object... arguments) {
        return Optional.of(Refusal.of(ErrorCode.DIRECTORY_INVALID, Detail.of(detail, arguments)));
    }
}
