package lienthong.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.environment.Wire;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.NetworkPlan;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CreditPolicy;
import lienthong.gateway.link.CustodyReply;
import lienthong.gateway.link.DirectoryMessage;
import lienthong.gateway.link.HelloDetails;
import lienthong.gateway.link.IncomingEnvelope;
import lienthong.gateway.link.IncomingOffer;
import lienthong.gateway.link.Known;
import lienthong.gateway.link.LinkEnd;
import lienthong.gateway.link.LinkOwner;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.OfferReply;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.PeerHello;
import lienthong.gateway.link.Query;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.store.TurnLoop;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory desk of a province whose district has just joined, and a neighbour that brings what is new in an order of its own, in one session. */
class DirectoryDeskTest {
    private static final OrganisationId PROVINCE = new OrganisationId("A08");
    private static final OrganisationId DISTRICT = new OrganisationId("A08.01");
    private static final Randomness RANDOMNESS = Randomness.real();

    @TempDir
    Path folder;

    private TurnLoop loop = new TurnLoop();
    private final TurnLoop clock = loop;
    private Authority authority;
    private Join.Joined province;
    private Join.Joined district;

    private NodeWatch watch;
    private DirectoryDesk desk;
    private Neighbour neighbour;

    @BeforeEach
    void joinThem() throws IOException {
        authority = Authority.create(
                        "Tỉnh thử",
                        NetworkPlan.of(List.of(
                                NetworkPlan.Office.of(
                                        PROVINCE, "Tỉnh ủy", Optional.of("cấp ủy"), Optional.empty(), List.of()),
                                NetworkPlan.Office.of(
                                        DISTRICT,
                                        "Huyện ủy",
                                        Optional.of("cấp ủy"),
                                        Optional.of(PROVINCE),
                                        List.of()))),
                        "đồng bằng".toCharArray(),
                        PassphraseBox.Cost.FOR_TESTS,
                        RealDisk.at(Files.createDirectory(folder.resolve("authority"))),
                        RANDOMNESS,
                        clock)
                .orBug();
        province = join(PROVINCE, "province");
        district = join(DISTRICT, "district");
        meet();
    }

    private Join.Joined join(OrganisationId id, String name) throws IOException {
        Authority.Invited invited = authority
                .invite(id, List.of(new DialAddress("hub.example", 7443)), 14, Optional.empty())
                .orBug();
        return Join.join(
                        Join.Request.of(
                                invited.file(),
                                invited.code(),
                                String.join(" ", authority.root().words()),
                                Protection.fileModes()),
                        RealDisk.at(Files.createDirectory(folder.resolve(name))),
                        RANDOMNESS,
                        clock)
                .orBug();
    }

    private DirectoryBook book(SignedDirectory directory) {
        DirectoryBook book = DirectoryBook.of(authority.root());
        assertThat(book.accept(directory, clock.now())).isInstanceOf(DirectoryBook.Outcome.Newer.class);
        assertThat(book.acceptRecords(province.records(), clock.now())).isEmpty();
        return book;
    }

    /** A desk that knows of the province alone, and a new session with a neighbour. */
    private void meet() {
        loop = new TurnLoop();
        watch = new NodeWatch(clock);
        desk = new DirectoryDesk(
                book(province.directory()), DirectoryFolder.of(RealDisk.at(folder)), loop, clock, watch);
        neighbour = new Neighbour();
        End here = new End();
        End there = new End();
        LinkSessions ours = LinkSessions.start(loop, clock, new Owner(), CreditPolicy.fixed(4 << 20));
        LinkSessions theirs = LinkSessions.start(loop, clock, neighbour, CreditPolicy.fixed(4 << 20));
        loop.execute(() -> {
            here.toward = theirs.accepted(new Peer.Node(PROVINCE), there);
            there.toward = ours.dialled(new Peer.Node(DISTRICT), here);
        });
        loop.run();
        assertThat(neighbour.session.isReady()).isTrue();
    }

    private final class End implements Wire {
        private LinkSession toward;
        private final List<Bytes> queued = new ArrayList<>();

        @Override
        public void send(Bytes frame) {
            queued.add(frame);
        }

        @Override
        public void flush() {
            List<Bytes> frames = List.copyOf(queued);
            queued.clear();
            frames.forEach(frame -> loop.execute(() -> toward.received(frame)));
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void close() {
            flush();
        }
    }

    /** Nobody of whom envelopes are expected. */
    private abstract static class DirectoriesOnly implements LinkOwner {
        private final OrganisationId id;

        DirectoriesOnly(OrganisationId id) {
            this.id = id;
        }

        @Override
        public HelloDetails helloFor(LinkSession session) {
            return new HelloDetails(
                    id.text(),
                    new Incarnation(7),
                    Optional.empty(),
                    Hash.of(Bytes.empty()),
                    Optional.empty(),
                    java.time.Instant.EPOCH,
                    List.of());
        }

        @Override
        public Optional<Closing> onHello(LinkSession session, PeerHello hello) {
            return Optional.empty();
        }

        @Override
        public void onRoom(LinkSession session) {}

        @Override
        public void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply) {}

        @Override
        public void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply) {}

        @Override
        public void onReceipts(LinkSession session, List<CarriedReceipt> receipts, List<CustodyReply> replies) {}

        @Override
        public void onNotice(LinkSession session, Bytes notice, CustodyReply reply) {}

        @Override
        public void onQuery(LinkSession session, Query query) {}

        @Override
        public void onKnown(LinkSession session, Known known) {}
    }

    private final class Owner extends DirectoriesOnly {
        Owner() {
            super(PROVINCE);
        }

        @Override
        public void onReady(LinkSession session) {
            desk.onReady(session);
        }

        @Override
        public void onDirectory(LinkSession session, DirectoryMessage message) {
            desk.onMessage(session, message);
        }

        @Override
        public void onClosed(LinkSession session, LinkEnd end) {
            desk.onClosed(session);
        }
    }

    /** Gives at once what is asked of its records; its directory when the test says. */
    private final class Neighbour extends DirectoriesOnly {
        private LinkSession session;
        /** What it says it has. */
        private List<Bytes> records = List.of();

        private int listsGiven;
        private int recordsGiven;
        private final List<LinkEnd> ends = new ArrayList<>();

        Neighbour() {
            super(DISTRICT);
        }

        @Override
        public void onReady(LinkSession ready) {
            session = ready;
        }

        @Override
        public void onDirectory(LinkSession from, DirectoryMessage message) {
            if (message instanceof DirectoryMessage.WantHashes) {
                listsGiven++;
                from.directory(new DirectoryMessage.Hashes(
                        records.stream().map(Hash::of).toList(), true));
            } else if (message instanceof DirectoryMessage.WantRecords want) {
                recordsGiven += want.hashes().size();
                from.directory(new DirectoryMessage.Records(records.stream()
                        .filter(record -> want.hashes().contains(Hash.of(record)))
                        .toList()));
            }
        }

        void brings(List<Bytes> some) {
            loop.execute(() -> session.directory(new DirectoryMessage.Records(some)));
            loop.run();
        }

        void bringsItsDirectory() {
            loop.execute(() -> session.directory(
                    new DirectoryMessage.Whole(district.directory().toBytes())));
            loop.run();
        }

        @Override
        public void onClosed(LinkSession over, LinkEnd end) {
            ends.add(end);
        }
    }

    private Hash everything() {
        DirectoryBook whole = book(district.directory());
        assertThat(whole.acceptRecords(district.records(), clock.now())).isEmpty();
        return whole.recordsSetHash();
    }

    private void assertIsComplete() {
        assertThat(desk.view().bundle(Address.of(DISTRICT))).isPresent();
        assertThat(desk.recordsSet()).isEqualTo(everything());
        assertThat(neighbour.ends).isEmpty();
        assertThat(watch.counters()).doesNotContainKey("bad_input_link");
    }

    // ---- promises

    @Test
    void recordsThatCameBeforeTheDirectoryThatCertifiesThemAreTakenWhenItComes() {
        neighbour.records = district.records();
        neighbour.brings(district.records());
        assertThat(desk.view().bundle(Address.of(DISTRICT))).isEmpty();
        assertThat(desk.recordsSet())
                .as("nothing of it is kept")
                .isEqualTo(book(province.directory()).recordsSetHash());
        neighbour.bringsItsDirectory();
        assertIsComplete();
        assertThat(neighbour.listsGiven).as("at the start and once more").isEqualTo(2);
        assertThat(neighbour.recordsGiven)
                .as("each once more")
                .isEqualTo(district.records().size());
    }

    @Test
    void inWhateverOrderTheyComeNothingIsMissingInTheEnd() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            meet();
            neighbour.records = district.records();
            List<Optional<Bytes>> order = new ArrayList<>(
                    district.records().stream().map(Optional::of).toList());
            order.add(Optional.empty());
            Collections.shuffle(order, random);
            for (Optional<Bytes> next : order) {
                next.ifPresentOrElse(record -> neighbour.brings(List.of(record)), neighbour::bringsItsDirectory);
            }
            assertThat(desk.recordsSet()).as("seed %d, round %d", seed, round).isEqualTo(everything());
            assertIsComplete();
        }
    }

    @Test
    void aBundleIsAskedForAgainAsSoonAsItsCertificateHasCome() {
        neighbour.bringsItsDirectory();
        neighbour.records = district.records();
        List<Bytes> reversed = new ArrayList<>(district.records());
        Collections.reverse(reversed);
        reversed.forEach(record -> neighbour.brings(List.of(record)));
        assertIsComplete();
        assertThat(neighbour.listsGiven).as("the list was not needed again").isOne();
        assertThat(neighbour.recordsGiven).isPositive();
    }

    @Test
    void whoeverRepeatsWhatStandsOnNothingIsNotAskedForIt() {
        for (int i = 0; i < 100; i++) {
            neighbour.brings(district.records());
        }
        assertThat(neighbour.listsGiven).isOne();
        assertThat(neighbour.recordsGiven).isZero();
    }
}
