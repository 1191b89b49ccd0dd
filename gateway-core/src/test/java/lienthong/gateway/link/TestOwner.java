package lienthong.gateway.link;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;

/** A node that takes everything, remembers what it was told, and keeps what was cut for the next session. */
public class TestOwner implements LinkOwner {
    static final Hash NO_RECORDS = Hash.of(Bytes.empty());

    final String name;
    final List<IncomingEnvelope> envelopes = new ArrayList<>();
    final List<CarriedReceipt> receipts = new ArrayList<>();
    final List<Bytes> notices = new ArrayList<>();
    final List<Object> heard = new ArrayList<>();
    final List<LinkEnd> ends = new ArrayList<>();
    final List<PeerHello> hellos = new ArrayList<>();
    final List<Long> acceptedAt = new ArrayList<>();
    final Map<Bytes, Spool> spools = new HashMap<>();
    int ready;
    int rooms;
    long custodyNumber;
    Optional<CustodyMark> custodyBack = Optional.empty();
    Optional<Closing> refuseHello = Optional.empty();
    /** What to do with an envelope instead of taking it. */
    BiConsumer<IncomingEnvelope, CustodyReply> onEnvelope = (e, reply) -> {
        envelopes.add(e);
        reply.custody(nextMark());
    };

    BiConsumer<IncomingOffer, OfferReply> onOffer = this::accept;
    Runnable onRoom = () -> {};

    protected TestOwner(String name) {
        this.name = name;
    }

    /** Bytes of one spool file; what was written after the last whole block is forgotten with a session. */
    static final class Spool implements TransferSink {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int suspended;
        int discarded;
        int finished;
        /** What is beyond finds no room. */
        long room = Long.MAX_VALUE;

        @Override
        public Optional<Refusal> write(long offset, Bytes data) {
            if (offset != bytes.size()) {
                throw new AssertionError("write at " + offset + " after " + bytes.size());
            }
            if (offset + data.size() > room) {
                return Optional.of(Refusal.of(ErrorCode.DISK_LOW));
            }
            bytes.writeBytes(data.toArray());
            return Optional.empty();
        }

        @Override
        public Result<Received> finish() {
            finished++;
            BlockTree tree = new BlockTree();
            tree.feed(Bytes.copyOf(bytes.toByteArray()));
            return Result.ok(new Received(new SealedEnvelope.Ciphertext.Spooled(7, bytes.size()), tree.finish()));
        }

        @Override
        public void suspend() {
            suspended++;
            int durable = bytes.size() / BlockTree.BLOCK_BYTES * BlockTree.BLOCK_BYTES;
            byte[] kept = bytes.toByteArray();
            bytes.reset();
            bytes.write(kept, 0, durable);
        }

        @Override
        public void discard() {
            discarded++;
            bytes.reset();
        }
    }

    CustodyMark nextMark() {
        custodyNumber++;
        return new CustodyMark(
                new Incarnation(9),
                custodyNumber,
                Hash.of(Bytes.utf8("" + custodyNumber)).bytes());
    }

    private void accept(IncomingOffer offer, OfferReply reply) {
        Spool spool = spools.computeIfAbsent(offer.core(), core -> new Spool());
        acceptedAt.add((long) spool.bytes.size());
        reply.accept(spool.bytes.size(), spool);
    }

    @Override
    public HelloDetails helloFor(LinkSession session) {
        return new HelloDetails(
                name,
                new Incarnation(9),
                Optional.of(new DirectoryVersion(3, NO_RECORDS)),
                NO_RECORDS,
                custodyBack,
                Instant.ofEpochMilli(1_700_000_000_000L),
                List.of("b", "a"));
    }

    @Override
    public Optional<Closing> onHello(LinkSession session, PeerHello hello) {
        hellos.add(hello);
        return refuseHello;
    }

    @Override
    public void onReady(LinkSession session) {
        ready++;
    }

    @Override
    public void onRoom(LinkSession session) {
        rooms++;
        onRoom.run();
    }

    @Override
    public void onOffer(LinkSession session, IncomingOffer offer, OfferReply reply) {
        onOffer.accept(offer, reply);
    }

    @Override
    public void onEnvelope(LinkSession session, IncomingEnvelope envelope, CustodyReply reply) {
        onEnvelope.accept(envelope, reply);
    }

    @Override
    public void onReceipts(LinkSession session, List<CarriedReceipt> arrived, List<CustodyReply> replies) {
        receipts.addAll(arrived);
        replies.forEach(reply -> reply.custody(nextMark()));
    }

    @Override
    public void onNotice(LinkSession session, Bytes notice, CustodyReply reply) {
        notices.add(notice);
        reply.custody(nextMark());
    }

    @Override
    public void onQuery(LinkSession session, Query query) {
        heard.add(query);
    }

    @Override
    public void onKnown(LinkSession session, Known known) {
        heard.add(known);
    }

    @Override
    public void onDirectory(LinkSession session, DirectoryMessage message) {
        heard.add(message);
    }

    @Override
    public void onClient(LinkSession session, ClientFrame frame) {
        heard.add(frame);
    }

    @Override
    public void onClosed(LinkSession session, LinkEnd end) {
        ends.add(end);
    }

    /** Remembers what became of one item, as a word. */
    static final class Outcome implements TransferOutcome {
        String word = "open";

        private void set(String now) {
            if (!word.equals("open")) {
                throw new AssertionError(word + ", then " + now);
            }
            word = now;
        }

        @Override
        public void custody(CustodyMark mark) {
            set("custody");
        }

        @Override
        public void have(CustodyMark mark) {
            set("have");
        }

        @Override
        public void rejected(Refusal refusal, boolean advice) {
            set("rejected " + refusal.reason() + (advice ? " advice" : ""));
        }

        @Override
        public void busy(Refusal refusal, boolean advice, Duration retryAfter) {
            set("busy " + refusal.reason() + " " + retryAfter);
        }

        @Override
        public void unreadable(Refusal refusal) {
            set("unreadable " + refusal.reason());
        }

        @Override
        public void lost() {
            set("lost");
        }
    }

    static Duration noAge() {
        return Duration.ZERO;
    }
}
