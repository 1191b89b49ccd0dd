package lienthong.gateway.directory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.OrganisationId;

/**
 * A verified directory: who is who, as the authority signed it. Only {@link DirectoryVerifier} makes one. Immutable, thread-safe.
 */
public final class Directory {
    private static final int SUGGESTION_DISTANCE_MAX = 3;

    private final NetworkRoot root;
    private final DirectoryHead head;
    private final DirectoryVersion version;
    private final SignedDirectory signed;
    private final List<DirectoryEntry> entries;
    private final Policy policy;
    private final Map<OrganisationId, OrganisationEntry> offices = new TreeMap<>();
    private final Map<OrganisationId, NodeEntry> nodes = new TreeMap<>();
    private final Map<OrganisationId, Set<OrganisationId>> children = new HashMap<>();
    private final Map<OrganisationId, Set<OrganisationId>> beside = new HashMap<>();
    private final Map<String, OrganisationId> aliases = new HashMap<>();
    private final Map<Hash, RevocationEntry> revocations = new LinkedHashMap<>();
    private final List<InvitationEntry> invitations = new ArrayList<>();
    private final Map<Hash, FreshnessKeyEntry> freshnessKeys = new LinkedHashMap<>();
    private final Map<Hash, Certificate> certificates;

    Directory(
            NetworkRoot root,
            DirectoryHead head,
            SignedDirectory signed,
            List<DirectoryEntry> entries,
            Map<Hash, Certificate> certificates) {
        this.root = root;
        this.head = head;
        this.version = head.version();
        this.signed = signed;
        this.entries = List.copyOf(entries);
        this.certificates = Map.copyOf(certificates);
        Policy found = null;
        for (DirectoryEntry entry : entries) {
            if (entry instanceof OrganisationEntry office) {
                offices.put(office.id(), office);
                office.aliases().forEach(alias -> aliases.put(alias, office.id()));
            } else if (entry instanceof NodeEntry node) {
                nodes.put(node.id(), node);
            } else if (entry instanceof RevocationEntry revocation) {
                revocations.put(revocation.hash(), revocation);
            } else if (entry instanceof InvitationEntry invitation) {
                invitations.add(invitation);
            } else if (entry instanceof FreshnessKeyEntry key) {
                freshnessKeys.put(key.id(), key);
            } else if (entry instanceof Policy one) {
                found = one;
            }
        }
        Invariant.check(found != null, "a verified directory has a policy");
        this.policy = java.util.Objects.requireNonNull(found);
        for (NodeEntry node : nodes.values()) {
            node.parents()
                    .forEach(parent -> children.computeIfAbsent(parent, any -> new TreeSet<>())
                            .add(node.id()));
            for (OrganisationId other : node.neighbours()) {
                beside.computeIfAbsent(node.id(), any -> new TreeSet<>()).add(other);
                beside.computeIfAbsent(other, any -> new TreeSet<>()).add(node.id());
            }
        }
    }

    /** Number and hash: what signed things name as the directory they saw. */
    public DirectoryVersion version() {
        return version;
    }

    public NetworkRoot root() {
        return root;
    }

    /** The network's fingerprint. */
    public Hash network() {
        return root.fingerprint();
    }

    public DirectoryHead head() {
        return head;
    }

    /** As received: for passing on, deltas and extracts. */
    public SignedDirectory signed() {
        return signed;
    }

    /** Parsed, in the order of {@link SignedDirectory#entries}. */
    public List<DirectoryEntry> entries() {
        return entries;
    }

    public boolean isExpiredAt(Instant now) {
        return !now.isBefore(head.expires());
    }

    public Policy policy() {
        return policy;
    }

    // ---- offices

    public Optional<OrganisationEntry> organisation(OrganisationId id) {
        return Optional.ofNullable(offices.get(id));
    }

    /** All, ascending by code. */
    public List<OrganisationEntry> organisations() {
        return List.copyOf(offices.values());
    }

    /** The office with this code or alias, exactly as written. */
    public Optional<OrganisationId> resolve(String codeOrAlias) {
        Optional<OrganisationId> own = OrganisationId.parse(codeOrAlias)
                .fold(Optional::of, no -> Optional.<OrganisationId>empty())
                .filter(offices::containsKey);
        return own.or(() -> Optional.ofNullable(aliases.get(codeOrAlias)));
    }

    /** The known code or address most like a mistyped one: fewest changed letters, at most three; empty when none is near. */
    public Optional<String> nearestKnown(String text) {
        int slash = text.indexOf('/');
        String wanted = (slash < 0 ? text : text.substring(0, slash)).toUpperCase(java.util.Locale.ROOT);
        String best = null;
        // Of a short word, three other letters leave nothing.
        int bestDistance = Math.min(SUGGESTION_DISTANCE_MAX, wanted.length() / 2) + 1;
        for (OrganisationId id : offices.keySet()) {
            int distance = distance(wanted, id.text(), bestDistance);
            if (distance < bestDistance) {
                best = id.text();
                bestDistance = distance;
            }
        }
        for (Map.Entry<String, OrganisationId> alias : new TreeMap<>(aliases).entrySet()) {
            int distance = distance(wanted, alias.getKey().toUpperCase(java.util.Locale.ROOT), bestDistance);
            if (distance < bestDistance) {
                best = alias.getValue().text();
                bestDistance = distance;
            }
        }
        if (best == null) {
            return Optional.empty();
        }
        OrganisationEntry office = offices.get(new OrganisationId(best));
        if (slash < 0 || office == null) {
            return Optional.of(best);
        }
        String mailbox = text.substring(slash + 1);
        String found = best;
        return office.mailboxes().stream()
                .filter(box -> distance(mailbox, box, SUGGESTION_DISTANCE_MAX + 1) <= SUGGESTION_DISTANCE_MAX)
                .min(Comparator.comparingInt(box -> distance(mailbox, box, SUGGESTION_DISTANCE_MAX + 1)))
                .map(box -> found + "/" + box)
                .or(() -> Optional.of(found));
    }

    /** Levenshtein's distance, or {@code bound} when it is not below it. */
    private static int distance(String one, String other, int bound) {
        if (Math.abs(one.length() - other.length()) >= bound || one.length() > 64) {
            return bound;
        }
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return Math.min(row[other.length()], bound);
    }

    /**
     * Whether somebody can be written to at this address: the office is listed, and the mailbox, if any, too. Dates are not judged here, see
     * {@link OrganisationEntry#isOpenAt}.
     */
    public boolean knows(Address address) {
        OrganisationEntry office = offices.get(address.organisation());
        return office != null
                && (address.mailbox().isEmpty() || office.mailboxes().contains(address.mailbox()));
    }

    /** Who follows an ended office, the first receives; none for an open one. */
    public List<OrganisationId> successors(OrganisationId id) {
        OrganisationEntry office = offices.get(id);
        return office == null ? List.of() : office.successors();
    }

    public List<String> mailboxes(OrganisationId id) {
        OrganisationEntry office = offices.get(id);
        return office == null ? List.of() : office.mailboxes();
    }

    /** Number of the weakest suite that {@code address} accepts: the network's, or its own where that is stronger. */
    public int suiteMinimum(Address address) {
        int network = policy.suites().minimum();
        OrganisationEntry office = offices.get(address.organisation());
        return office == null
                ? network
                : office.suiteMinimum()
                        .map(own -> Policy.Suites.stronger(network, own))
                        .orElse(network);
    }

    // ---- nodes and ways

    public Optional<NodeEntry> node(OrganisationId id) {
        return Optional.ofNullable(nodes.get(id));
    }

    /** All, ascending. */
    public List<NodeEntry> nodes() {
        return List.copyOf(nodes.values());
    }

    /** The node that serves an office. */
    public Optional<OrganisationId> nodeServing(OrganisationId office) {
        return organisation(office).map(OrganisationEntry::node);
    }

    /** The node that serves an address. */
    public Optional<OrganisationId> nodeServing(Address address) {
        return nodeServing(address.organisation());
    }

    /** Every node that may hold a link with this one: its parents, its children, and those either side names; ascending. */
    public Set<OrganisationId> neighbours(OrganisationId node) {
        NodeEntry entry = nodes.get(node);
        if (entry == null) {
            return Set.of();
        }
        Set<OrganisationId> all = new TreeSet<>(entry.parents());
        all.addAll(children.getOrDefault(node, Set.of()));
        all.addAll(beside.getOrDefault(node, Set.of()));
        return java.util.Collections.unmodifiableSet(all);
    }

    /** The best of {@link #nextHops}. */
    public Optional<OrganisationId> nextHop(OrganisationId fromNode, OrganisationId toNode) {
        return nextHops(fromNode, toNode).stream().findFirst();
    }

    /**
     * Neighbours that are nearer to {@code toNode}, the best first: a way climbs to parents, crosses to at most one neighbour, then descends, so
     * that a commune never carries others' mail. Each hop is strictly nearer, so that no message can circle. Of equally near ones the first
     * parent comes first.
     *
     * @return empty when there is no way, or both are the same
     */
    public List<OrganisationId> nextHops(OrganisationId fromNode, OrganisationId toNode) {
        if (fromNode.equals(toNode) || !nodes.containsKey(fromNode) || !nodes.containsKey(toNode)) {
            return List.of();
        }
        Map<OrganisationId, Integer> down = descents(toNode);
        Map<OrganisationId, Integer> known = new HashMap<>();
        int own = way(fromNode, down, known);
        List<OrganisationId> candidates = new ArrayList<>();
        NodeEntry from = nodes.get(fromNode);
        if (from != null) {
            candidates.addAll(from.parents());
        }
        Set<OrganisationId> sure = new HashSet<>(candidates);
        // A child or a neighbour is worth a hop only if it can go down from there.
        for (OrganisationId other : neighbours(fromNode)) {
            if (!sure.contains(other) && down.containsKey(other)) {
                candidates.add(other);
            }
        }
        List<OrganisationId> nearer = new ArrayList<>();
        for (OrganisationId candidate : candidates) {
            if (way(candidate, down, known) < own) {
                nearer.add(candidate);
            }
        }
        nearer.sort(Comparator.comparingInt(candidate -> way(candidate, down, known)));
        return nearer;
    }

    /** Hops from each ancestor of {@code to} down to it, itself with 0. */
    private Map<OrganisationId, Integer> descents(OrganisationId to) {
        Map<OrganisationId, Integer> down = new HashMap<>();
        List<OrganisationId> level = List.of(to);
        for (int hops = 0; !level.isEmpty(); hops++) {
            List<OrganisationId> above = new ArrayList<>();
            for (OrganisationId node : level) {
                NodeEntry entry = nodes.get(node);
                if (down.putIfAbsent(node, hops) == null && entry != null) {
                    above.addAll(entry.parents());
                }
            }
            level = above;
        }
        return down;
    }

    private static final int NO_WAY = 1_000_000;

    /** Hops of the best climbing, crossing, descending way; {@link #NO_WAY} for none. Parents form no circle, so this ends. */
    private int way(OrganisationId node, Map<OrganisationId, Integer> down, Map<OrganisationId, Integer> known) {
        Integer before = known.get(node);
        if (before != null) {
            return before;
        }
        int best = down.getOrDefault(node, NO_WAY);
        for (OrganisationId other : beside.getOrDefault(node, Set.of())) {
            best = Math.min(best, 1 + down.getOrDefault(other, NO_WAY));
        }
        NodeEntry entry = nodes.get(node);
        if (entry != null) {
            for (OrganisationId parent : entry.parents()) {
                best = Math.min(best, 1 + way(parent, down, known));
            }
        }
        best = Math.min(best, NO_WAY);
        known.put(node, best);
        return best;
    }

    // ---- certificates and revocations

    /** The CA that certifies this office now; empty before its first invitation. */
    public Optional<Certificate> caOf(OrganisationId office) {
        return organisation(office)
                .flatMap(OrganisationEntry::ca)
                .map(hash -> java.util.Objects.requireNonNull(certificates.get(hash)));
    }

    /** The office's present CA and its former ones: what they certified verifies as of its time. */
    public List<Certificate> casOf(OrganisationId office) {
        List<Certificate> all = new ArrayList<>();
        organisation(office).ifPresent(entry -> {
            entry.ca().ifPresent(hash -> all.add(java.util.Objects.requireNonNull(certificates.get(hash))));
            entry.formerCas().forEach(hash -> all.add(java.util.Objects.requireNonNull(certificates.get(hash))));
        });
        return all;
    }

    /** A certificate the directory itself carries: root CA, an office's CA. */
    public Optional<Certificate> certificate(Hash hash) {
        return Optional.ofNullable(certificates.get(hash));
    }

    public Certificate rootCa() {
        return java.util.Objects.requireNonNull(certificates.get(root.ca()));
    }

    /** Whether the authority has revoked the certificate, CA or invitation of this hash. A certificate of a revoked CA is not listed itself. */
    public boolean isRevoked(Hash hash) {
        return revocations.containsKey(hash);
    }

    public Optional<RevocationEntry> revocation(Hash hash) {
        return Optional.ofNullable(revocations.get(hash));
    }

    public List<RevocationEntry> revocations() {
        return List.copyOf(revocations.values());
    }

    /** How many revocations there are; never falls from one version to the next. */
    public int revocationNumber() {
        return revocations.size();
    }

    public List<InvitationEntry> invitations() {
        return List.copyOf(invitations);
    }

    public Optional<FreshnessKeyEntry> freshnessKey(Hash id) {
        return Optional.ofNullable(freshnessKeys.get(id));
    }

    @Override
    public String toString() {
        return "directory " + version;
    }
}
