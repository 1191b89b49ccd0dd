package lienthong.gateway.link;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.environment.Wire;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;

/** A peer that sends whatever the test wants, byte by byte if need be, and keeps what it is told. Never well-behaved by itself. */
final class RawPeer implements Wire {
    private final TestLoop loop;
    final TestOwner node = new TestOwner("A08");
    final LinkSession session;
    final List<Frame> heard = new ArrayList<>();
    boolean closed;
    boolean writable = true;

    RawPeer(TestLoop loop, Peer as, CreditPolicy policy) {
        this.loop = loop;
        LinkSession[] made = new LinkSession[1];
        loop.run(() -> made[0] = LinkSessions.start(loop, loop, node, policy).accepted(as, this));
        this.session = made[0];
    }

    /** A neighbour A08.10 that has said hello and has credit. */
    static RawPeer ready(TestLoop loop) {
        return ready(loop, CreditPolicy.fixed(1024 * 1024));
    }

    static RawPeer ready(TestLoop loop, CreditPolicy policy) {
        RawPeer peer = new RawPeer(loop, new Peer.Node(new lienthong.gateway.message.OrganisationId("A08.10")), policy);
        peer.say(peer.hello(List.of(1)));
        return peer;
    }

    Frame hello(List<Integer> versions) {
        return new Frame.Hello(
                versions,
                new HelloDetails(
                        "A08.10",
                        new Incarnation(4),
                        Optional.empty(),
                        Hash.of(Bytes.empty()),
                        Optional.empty(),
                        Instant.ofEpochMilli(0),
                        List.of()));
    }

    void say(Frame frame) {
        say(FrameCodec.encode(frame));
    }

    void say(Bytes bytes) {
        loop.run(() -> session.received(bytes));
    }

    /** Why the session was closed towards us; empty while it is open. */
    Optional<CloseReason> closing() {
        return heard.stream()
                .filter(f -> f instanceof Frame.Close)
                .map(f -> ((Frame.Close) f).why().reason())
                .findFirst();
    }

    <F extends Frame> List<F> heard(Class<F> type) {
        return heard.stream().filter(type::isInstance).map(type::cast).toList();
    }

    @Override
    public void send(Bytes frame) {
        heard.add(((FrameCodec.Decoded.Good) FrameCodec.decode(frame)).frame());
    }

    @Override
    public void flush() {}

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void close() {
        closed = true;
    }
}
