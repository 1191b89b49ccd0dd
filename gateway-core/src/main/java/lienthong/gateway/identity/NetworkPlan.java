package lienthong.gateway.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import lienthong.gateway.directory.DirectoryEntry;
import lienthong.gateway.directory.NodeEntry;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.directory.OrganisationEntry.Delegation;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;

/**
 * What a new network is made of, before anything is signed.
 *
 * @param offices the offices, each once
 * @param policy what holds for all
 * @param directoryValid how long a signed directory may be put in force
 */
public record NetworkPlan(List<Office> offices, Policy policy, Duration directoryValid) {
    /** Longer than a year, so that the yearly ceremony has slack. */
    public static final Duration DIRECTORY_VALID = Duration.ofDays(400);

    public NetworkPlan {
        offices = List.copyOf(offices);
    }

    /**
     * One office of the plan.
     *
     * @param id its code
     * @param name as shown
     * @param tier label of its level
     * @param parent the office above it
     * @param aliases other codes
     * @param mailboxes names the authority lists; an office may certify others itself
     * @param node the node that serves it, if not its own
     * @param parentNodes nodes that its own node dials, the first preferred; if other than the node of its parent
     * @param neighbours further nodes its own node may hold links with
     */
    public record Office(
            OrganisationId id,
            String name,
            Optional<String> tier,
            Optional<OrganisationId> parent,
            List<String> aliases,
            List<String> mailboxes,
            Optional<OrganisationId> node,
            Optional<List<OrganisationId>> parentNodes,
            List<OrganisationId> neighbours) {
        public Office {
            aliases = List.copyOf(aliases);
            mailboxes = List.copyOf(mailboxes);
            neighbours = List.copyOf(neighbours);
        }

        /** With the defaults: its own node, which dials the node of its parent. */
        public static Office of(
                OrganisationId id,
                String name,
                Optional<String> tier,
                Optional<OrganisationId> parent,
                List<String> aliases) {
            return new Office(
                    id, name, tier, parent, aliases, List.of(), Optional.empty(), Optional.empty(), List.of());
        }

        OrganisationId nodeOrSelf() {
            return node.orElse(id);
        }
    }

    /** With the standard policy. */
    public static NetworkPlan of(List<Office> offices) {
        return new NetworkPlan(offices, Policy.standard(), DIRECTORY_VALID);
    }

    /**
     * The entries of the first directory; whether they fit together is checked when it is signed.
     *
     * @return DUPLICATE for a code that stands twice, FIELD_MISSING for a parent that does not stand at all
     */
    Result<List<DirectoryEntry>> entries(Instant from) {
        Map<OrganisationId, Office> byId = new LinkedHashMap<>();
        for (Office office : offices) {
            if (byId.put(office.id, office) != null) {
                return Result.no(ErrorCode.DUPLICATE, "organisation {0} stands twice", office.id);
            }
        }
        List<DirectoryEntry> entries = new ArrayList<>();
        Map<OrganisationId, TreeSet<OrganisationId>> hosted = new HashMap<>();
        entries.add(policy);
        for (Office office : offices) {
            if (office.parent.filter(parent -> !byId.containsKey(parent)).isPresent()) {
                return Result.no(
                        ErrorCode.FIELD_MISSING,
                        "organisation {0}: its parent {1} is not in the list",
                        office.id,
                        office.parent.get());
            }
            hosted.computeIfAbsent(office.nodeOrSelf(), any -> new TreeSet<>()).add(office.id);
            entries.add(new OrganisationEntry(
                    office.id,
                    office.name,
                    office.tier,
                    office.parent,
                    office.nodeOrSelf(),
                    Optional.empty(),
                    List.of(),
                    from,
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of(Delegation.DELIVERED, Delegation.RETURNED),
                    Optional.empty(),
                    office.aliases.stream().sorted().distinct().toList(),
                    office.mailboxes.stream().sorted().distinct().toList()));
        }
        for (Map.Entry<OrganisationId, TreeSet<OrganisationId>> node : hosted.entrySet()) {
            Office owner = byId.get(node.getKey());
            if (owner == null) {
                return Result.no(
                        ErrorCode.FIELD_MISSING, "node {0}: no organisation of this code in the list", node.getKey());
            }
            List<OrganisationId> parents = owner.parentNodes.orElseGet(() -> owner.parent.stream()
                    .map(parent -> byId.containsKey(parent)
                            ? java.util.Objects.requireNonNull(byId.get(parent)).nodeOrSelf()
                            : parent)
                    .filter(parent -> !parent.equals(owner.id))
                    .toList());
            entries.add(new NodeEntry(
                    owner.id,
                    List.copyOf(node.getValue()),
                    parents,
                    owner.neighbours.stream().sorted().distinct().toList(),
                    Optional.empty()));
        }
        return Result.ok(entries);
    }
}
