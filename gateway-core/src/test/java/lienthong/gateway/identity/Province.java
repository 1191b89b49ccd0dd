package lienthong.gateway.identity;

import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Result;

/**
 * A small province for tests: hub A08, districts A08.01 and A08.10, commune A08.10.05; from one seed, which every failure can be replayed with.
 */
public final class Province {
    /** Cheap to guess, cheap to test. */
    public static final PassphraseBox.Cost CHEAP = PassphraseBox.Cost.FOR_TESTS;

    public static final Instant START = Instant.parse("2026-09-01T08:00:00.000Z");
    public static final OrganisationId HUB = new OrganisationId("A08");
    public static final OrganisationId QUY_NHON = new OrganisationId("A08.01");
    public static final OrganisationId TAY_SON = new OrganisationId("A08.10");
    public static final OrganisationId COMMUNE = new OrganisationId("A08.10.05");

    public final Seeded randomness;
    public final SetClock clock = new SetClock(START);
    public final MemoryDisk authorityDisk = new MemoryDisk();
    public final Authority authority;

    /** Random bytes from a seed; prints it once. */
    public static final class Seeded implements Randomness {
        private final SecureRandom random;

        @SuppressWarnings("SystemOut") // a failure must show the seed that replays it
        public Seeded(long seed) {
            System.out.println("seed " + seed);
            try {
                random = SecureRandom.getInstance("SHA1PRNG");
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
            random.setSeed(seed);
        }

        @Override
        public byte[] bytes(int size) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            return bytes;
        }

        @Override
        public SecureRandom secureRandom() {
            return random;
        }
    }

    /** A clock that stands where it was put. */
    public static final class SetClock implements Clock {
        private Instant now;

        SetClock(Instant now) {
            this.now = now;
        }

        public void forward(Duration by) {
            now = now.plus(by);
        }

        public void to(Instant time) {
            now = time;
        }

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public long nanos() {
            return 0;
        }
    }

    private Province(long seed, String name) {
        randomness = new Seeded(seed);
        authority = Authority.create(
                        name, plan(), "đồng bằng sông Cửu Long".toCharArray(), CHEAP, authorityDisk, randomness, clock)
                .orBug();
    }

    public static Province make(long seed) {
        return new Province(seed, "Bình Định thử");
    }

    /** The same authority a second time, as somebody with a copy of its folder and the passphrase has it. */
    public Authority copyOfAuthority() {
        MemoryDisk copy = new MemoryDisk();
        copy.files.putAll(authorityDisk.files);
        return Authority.open("đồng bằng sông Cửu Long".toCharArray(), CHEAP, copy, randomness, clock)
                .orBug();
    }

    /** Another network. */
    public static Province other(long seed) {
        return new Province(seed, "Gia Lai thử");
    }

    static NetworkPlan.Office office(
            OrganisationId id, String name, Optional<OrganisationId> parent, String... aliases) {
        return NetworkPlan.Office.of(id, name, Optional.of("cấp ủy"), parent, List.of(aliases));
    }

    static NetworkPlan plan() {
        return NetworkPlan.of(List.of(
                office(HUB, "Tỉnh ủy Bình Định", Optional.empty(), "000.00.00.A08"),
                office(QUY_NHON, "Thành ủy Quy Nhơn", Optional.of(HUB), "000.00.01.A08"),
                office(TAY_SON, "Huyện ủy Tây Sơn", Optional.of(HUB), "000.00.10.A08"),
                office(COMMUNE, "Đảng ủy xã Bình Tường", Optional.of(TAY_SON), "000.05.10.A08")));
    }

    public Authority.Invited invite(OrganisationId node) {
        return authority
                .invite(node, List.of(new DialAddress("hub.example", 7443)), 14, Optional.of("0256 000 000"))
                .orBug();
    }

    /** One invitation for each, under one directory. */
    public Map<OrganisationId, Authority.Invited> inviteEverybody() {
        Map<OrganisationId, List<DialAddress>> nodes = new TreeMap<>();
        authority.directory().nodes().forEach(node -> nodes.put(node.id(), List.of()));
        Map<OrganisationId, Authority.Invited> byNode = new TreeMap<>();
        authority
                .inviteAll(nodes, 14, Optional.empty(), List.of())
                .orBug()
                .forEach(invited -> byNode.put(invited.facts().node(), invited));
        return byNode;
    }

    public String words() {
        return String.join(" ", authority.root().words());
    }

    public Result<Join.Joined> join(Authority.Invited invited, Disk data) {
        return Join.join(
                Join.Request.of(invited.file(), invited.code(), words(), Protection.fileModes()),
                data,
                randomness,
                clock);
    }

    /** An empty disk. */
    public static Disk memory() {
        return new MemoryDisk();
    }

    /** On another, empty machine. */
    public Join.Joined joinElsewhere(Authority.Invited invited) {
        return join(invited, new MemoryDisk()).orBug();
    }

    public Join.Joined join(OrganisationId node) {
        return join(invite(node), new MemoryDisk()).orBug();
    }

    /** A book with this directory and the records of these. */
    public DirectoryBook book(SignedDirectory directory, Join.Joined... offices) {
        DirectoryBook book = DirectoryBook.of(authority.root());
        if (!(book.accept(directory, clock.now()) instanceof DirectoryBook.Outcome.Newer)) {
            throw new AssertionError("directory refused");
        }
        List<Bytes> records = new ArrayList<>();
        for (Join.Joined office : offices) {
            records.addAll(office.records());
        }
        var refusals = book.acceptRecords(records, clock.now());
        if (!refusals.isEmpty()) {
            throw new AssertionError("records refused: " + refusals);
        }
        return book;
    }
}
