package lienthong.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.Province;
import lienthong.gateway.link.Closing;
import lienthong.gateway.link.CreditPolicy;
import lienthong.gateway.link.DirectoryMessage;
import lienthong.gateway.link.HelloDetails;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.LinkSessions;
import lienthong.gateway.link.Peer;
import lienthong.gateway.link.PeerHello;
import lienthong.gateway.link.TestLoop;
import lienthong.gateway.link.TestOwner;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client knows of its network, whatever comes first in the session with its node. */
class ClientDirectoryTest {
    private static final Address JOINED_SINCE = Address.of(Province.TAY_SON);

    private final Province province = Province.make(32_012);
    private final Join.Joined hub = province.join(Province.HUB);
    private final Join.Joined district = province.join(Province.TAY_SON);
    private final TestLoop loop = new TestLoop();
    private final Node node = new Node();

    private ClientDirectory directory;

    @BeforeEach
    void connect() {
        directory =
                new ClientDirectory(book(hub.directory()), DirectoryFolder.of(Province.memory()), loop, province.clock);
        Wires wires = new Wires(loop);
        loop.run(() -> {
            wires.client.session = Optional.of(LinkSessions.start(loop, loop, new Side(), CreditPolicy.fixed(4 << 20))
                    .dialled(new Peer.Node(Province.HUB), wires.client));
            wires.node.session = Optional.of(LinkSessions.start(loop, loop, node, CreditPolicy.fixed(4 << 20))
                    .accepted(new Peer.Client(new Address(Province.HUB, "alice")), wires.node));
        });
    }

    private DirectoryBook book(SignedDirectory of) {
        return province.book(of, hub);
    }

    private static HelloDetails named(HelloDetails details, String name, DirectoryBook book) {
        return new HelloDetails(
                name,
                details.incarnation(),
                Optional.of(book.view().version()),
                details.recordsSet(),
                Optional.empty(),
                details.clock(),
                List.of());
    }

    private final class Side extends TestOwner {
        Side() {
            super("A08/alice");
        }

        @Override
        public HelloDetails helloFor(LinkSession session) {
            return named(super.helloFor(session), "A08/alice", book(hub.directory()));
        }

        @Override
        public Optional<Closing> onHello(LinkSession session, PeerHello hello) {
            directory.onHello(hello.details().directory());
            return Optional.empty();
        }

        @Override
        public void onReady(LinkSession session) {
            directory.onReady(session, List.of());
        }

        @Override
        public void onDirectory(LinkSession session, DirectoryMessage message) {
            directory.onMessage(session, message);
        }
    }

    /** Gives its records at once, its directory when the test says. */
    private final class Node extends TestOwner {
        private Optional<LinkSession> session = Optional.empty();

        Node() {
            super("A08");
        }

        @Override
        public HelloDetails helloFor(LinkSession ready) {
            return named(super.helloFor(ready), "A08", book(district.directory()));
        }

        @Override
        public void onReady(LinkSession ready) {
            session = Optional.of(ready);
        }

        @Override
        public void onDirectory(LinkSession from, DirectoryMessage message) {
            if (message instanceof DirectoryMessage.WantHashes) {
                from.directory(new DirectoryMessage.Hashes(
                        district.records().stream().map(Hash::of).toList(), true));
            } else if (message instanceof DirectoryMessage.WantRecords want) {
                from.directory(new DirectoryMessage.Records(district.records().stream()
                        .filter(record -> want.hashes().contains(Hash.of(record)))
                        .toList()));
            }
        }

        void gives(Bytes signedDirectory) {
            loop.run(() -> session.orElseThrow().directory(new DirectoryMessage.Whole(signedDirectory)));
        }
    }

    @Test
    void recordsThatOvertakeTheirDirectoryAreTakenWhenItComes() {
        assertThat(directory.view().bundle(JOINED_SINCE)).isEmpty();
        assertThat(directory.synced()).as("the node knows a newer directory").isNotDone();
        node.gives(district.directory().toBytes());
        assertThat(directory.view().bundle(JOINED_SINCE)).isPresent();
        assertThat(directory.synced()).isDone();
    }

    @Test
    void aDirectoryThatIsRefusedKeepsNobodyWaiting() {
        node.gives(Bytes.utf8("no directory"));
        assertThat(directory.view().bundle(JOINED_SINCE)).isEmpty();
        assertThat(directory.synced()).isDone();
    }
}
