package lienthong.gateway.directory;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * One running gateway, named by the office that runs it, whose CA certifies its links and evidence. The directory never says where to dial.
 *
 * @param id the office that runs it
 * @param hosts the offices it serves, ascending; its own is usually among them
 * @param parents nodes it dials, the first preferred; none at the top, at most two
 * @param neighbours further nodes it may hold a link with, ascending; a link needs only one side to name the other
 * @param hardAge how old the newest freshness statement may be before what arrives here is held, if other than the network's
 */
public record NodeEntry(
        OrganisationId id,
        List<OrganisationId> hosts,
        List<OrganisationId> parents,
        List<OrganisationId> neighbours,
        Optional<Duration> hardAge)
        implements DirectoryEntry {
    static final String KIND = "node";
    private static final int HOSTS_MAX = 256;
    private static final int PARENTS_MAX = 2;
    private static final int NEIGHBOURS_MAX = 64;
    private static final long AGE_SECONDS_MAX = 366L * 24 * 3600;

    public NodeEntry {
        hosts = List.copyOf(hosts);
        parents = List.copyOf(parents);
        neighbours = List.copyOf(neighbours);
    }

    @Override
    public String entryKey() {
        return KIND + " " + id;
    }

    @Override
    public Bytes text(Hash network) {
        return StrictText.write(network, KIND)
                .line("id", id)
                .lines("hosts", hosts)
                .lines("parent", parents)
                .lines("neighbour", neighbours)
                .line("hard-age", hardAge.map(Duration::toSeconds))
                .done();
    }

    static Result<NodeEntry> parse(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, Limits.DIRECTORY_ENTRY_BYTES_MAX)
                .then(reader -> {
                    OrganisationId id = Texts.organisation(reader, "id");
                    List<OrganisationId> hosts = Texts.organisations(reader, "hosts", 1, HOSTS_MAX);
                    List<OrganisationId> parents = Texts.organisations(reader, "parent", 0, PARENTS_MAX);
                    List<OrganisationId> neighbours = Texts.organisations(reader, "neighbour", 0, NEIGHBOURS_MAX);
                    Optional<Duration> hardAge = Texts.optionalNumber(reader, "hard-age", AGE_SECONDS_MAX)
                            .map(Duration::ofSeconds);
                    Texts.ascending(reader, "hosts", hosts);
                    Texts.ascending(reader, "neighbour", neighbours);
                    if (parents.contains(id)
                            || neighbours.contains(id)
                            || parents.stream().anyMatch(neighbours::contains)) {
                        reader.fail("a node is not its own neighbour, and a parent not a further one");
                    }
                    return Texts.checked(
                            reader,
                            text,
                            () -> new NodeEntry(id, hosts, parents, neighbours, hardAge),
                            entry -> entry.text(network));
                });
    }
}
