package lienthong.gateway.lab.simulate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.NetworkPlan;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.OrganisationId;

/**
 * A network that has been founded and joined: keys, certificates and directory, made once and used by every seed, which costs a start some
 * hundred signatures less. Nothing in it changes.
 */
final class Universe {
    private static final long SEED = 20_261_102;
    private static final String PASSPHRASE = "mô phỏng";
    /** Each thread its own: keys and certificates keep what they have computed, and no seed may feel another. */
    private static final ThreadLocal<Map<Integer, Universe>> FOUNDED = ThreadLocal.withInitial(LinkedHashMap::new);

    /** After an end by its origin's own word: short, so that it is seen. */
    static final Duration RETURN_GRACE = Duration.ofMinutes(30);

    /** How long an origin keeps what was delivered and of which nothing more is heard. */
    static final Duration KEEP_DELIVERED = Duration.ofHours(2);

    private final List<Member> members;
    private final ForgetfulDisk authorityFolder;

    /**
     * One office.
     *
     * @param parent its place in the list; −1 for the province
     * @param disk right after joining, with the records of all: everybody knows everybody from the beginning
     * @param book the same, read back; for runs in which no directory changes, so that nobody writes into it
     */
    record Member(OrganisationId id, int parent, ForgetfulDisk disk, NodeKeys keys, DirectoryBook book) {}

    private Universe(List<Member> members, ForgetfulDisk authorityFolder) {
        this.members = List.copyOf(members);
        this.authorityFolder = authorityFolder;
    }

    /** With so many nodes; the same one each time. */
    static Universe of(int nodes) {
        return FOUNDED.get().computeIfAbsent(nodes, Universe::found);
    }

    /** Of the authority's keys. */
    static char[] passphrase() {
        return PASSPHRASE.toCharArray();
    }

    /** As the founders left it. */
    ForgetfulDisk authorityFolder() {
        return authorityFolder;
    }

    List<Member> members() {
        return members;
    }

    /** 5: a hub, two districts, a commune under each. More: a hub, twelve districts, communes under them in turn. */
    private static int parent(int index, int nodes) {
        int districts = nodes <= 5 ? 2 : 12;
        return index == 0 ? -1 : index <= districts ? 0 : 1 + (index - 1 - districts) % districts;
    }

    private static Universe found(int nodes) {
        Chance chance = Chance.of(SEED, nodes);
        Clock clock = new Clock() {
            @Override
            public Instant now() {
                return SiteClock.START.minus(Duration.ofDays(1));
            }

            @Override
            public long nanos() {
                return 0;
            }
        };
        List<OrganisationId> ids = new ArrayList<>();
        List<NetworkPlan.Office> offices = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            int parent = parent(i, nodes);
            OrganisationId id = new OrganisationId(
                    parent < 0 ? "A08" : ids.get(parent).text() + String.format(java.util.Locale.ROOT, ".%02d", i));
            ids.add(id);
            offices.add(NetworkPlan.Office.of(
                    id,
                    "Cơ quan " + i,
                    Optional.empty(),
                    parent < 0 ? Optional.empty() : Optional.of(ids.get(parent)),
                    List.of()));
        }
        Policy standard = Policy.standard();
        Policy policy = new Policy(
                standard.suites(),
                standard.tlsGroups(),
                standard.serviceVisible(),
                standard.quotas(),
                new Policy.Retention(KEEP_DELIVERED, RETURN_GRACE),
                standard.freshness(),
                standard.forwarding());
        ForgetfulDisk folder = new ForgetfulDisk();
        try (Authority authority = Authority.create(
                        "Mô phỏng",
                        new NetworkPlan(offices, policy, NetworkPlan.DIRECTORY_VALID),
                        passphrase(),
                        PassphraseBox.Cost.FOR_TESTS,
                        folder,
                        chance,
                        clock)
                .orBug()) {
            return joined(authority, folder, ids, nodes, chance, clock);
        }
    }

    private static Universe joined(
            Authority authority,
            ForgetfulDisk authorityFolder,
            List<OrganisationId> ids,
            int nodes,
            Chance chance,
            Clock clock) {
        Map<OrganisationId, List<DialAddress>> wanted = new LinkedHashMap<>();
        ids.forEach(id -> wanted.put(id, List.of(new DialAddress("hub.example", 7443))));
        Map<OrganisationId, Authority.Invited> invited = new LinkedHashMap<>();
        authority
                .inviteAll(wanted, 30, Optional.empty(), List.of())
                .orBug()
                .forEach(one -> invited.put(one.facts().node(), one));
        List<ForgetfulDisk> disks = new ArrayList<>();
        List<NodeKeys> keys = new ArrayList<>();
        Set<Bytes> records = new LinkedHashSet<>();
        Optional<lienthong.gateway.directory.SignedDirectory> directory = Optional.empty();
        for (OrganisationId id : ids) {
            Authority.Invited own = java.util.Objects.requireNonNull(invited.get(id));
            ForgetfulDisk disk = new ForgetfulDisk();
            Join.Joined joined = Join.join(
                            Join.Request.of(
                                    own.file(),
                                    own.code(),
                                    String.join(" ", authority.root().words()),
                                    Protection.fileModes()),
                            disk,
                            chance,
                            clock)
                    .orBug();
            disks.add(disk);
            keys.add(joined.keys());
            records.addAll(joined.records());
            records.addAll(joined.keys().records());
            directory = Optional.of(joined.directory());
        }
        ForgetfulDisk written = new ForgetfulDisk();
        DirectoryFolder read = DirectoryFolder.of(written);
        read.save(directory, List.copyOf(records));
        DirectoryBook book = read.load(authority.root(), clock.now()).book();
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            ForgetfulDisk disk = disks.get(i).copy();
            disk.add(written);
            members.add(new Member(ids.get(i), parent(i, nodes), disk, keys.get(i), book));
        }
        return new Universe(members, authorityFolder.copy());
    }
}
