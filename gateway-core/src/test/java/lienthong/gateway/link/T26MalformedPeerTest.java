package lienthong.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import org.junit.jupiter.api.Test;

/** The link's rows of bad input (B12, B13, B17, B18, B22) and what else a peer may get wrong: only its session closes, with the exact number. */
class T26MalformedPeerTest {
    private static final int TRANSFER_BYTES = 100_000;

    private final TestLoop loop = new TestLoop();
    private final Samples samples = new Samples(3);
    private final Frame.CarriedSeal seal = new Frame.CarriedSeal(0, 1, List.of(), 0);

    private Frame.Whole whole() {
        return new Frame.Whole(samples.bytes(10), List.of(), samples.bytes(10), samples.bytes(10), seal, 0);
    }

    private void sayRoot(RawPeer peer) {
        peer.say(new Frame.SaidRoot(
                0, new Frame.SealRoot(samples.bytes(10), samples.bytes(10), java.util.Optional.empty())));
    }

    /** A large envelope, accepted at 0. */
    private RawPeer sending() {
        RawPeer peer = RawPeer.ready(loop);
        sayRoot(peer);
        peer.say(new Frame.OfferLarge(1, Precedence.ROUTINE, 0, samples.bytes(10), TRANSFER_BYTES, 0, 0));
        assertThat(peer.heard(Frame.Accept.class)).containsExactly(new Frame.Accept(1, 0));
        return peer;
    }

    private static void closes(RawPeer peer, CloseReason reason) {
        assertThat(peer.closing()).contains(reason);
        assertThat(peer.closed).isTrue();
        assertThat(peer.node.ends).hasSize(1);
    }

    @Test
    void B12_lengthBeyondAFrameClosesWithFrameTooLarge() {
        RawPeer peer = RawPeer.ready(loop);
        loop.run(() -> peer.session.receivedTooLarge(0xFFFF_FFFFL));
        closes(peer, CloseReason.FRAME_TOO_LARGE);
        assertThat(CloseReason.FRAME_TOO_LARGE.error()).isEqualTo(ErrorCode.FRAME_TOO_LARGE);
        RawPeer other = RawPeer.ready(loop);
        other.say(samples.bytes(Limits.FRAME_BYTES_MAX + 1));
        closes(other, CloseReason.FRAME_TOO_LARGE);
    }

    @Test
    void B13_moreThanTheGrantedCreditClosesWithCredit() {
        RawPeer peer = RawPeer.ready(loop);
        sayRoot(peer);
        peer.node.onEnvelope = (e, reply) -> {};
        Frame.Whole big =
                new Frame.Whole(samples.bytes(10), List.of(), samples.bytes(200_000), samples.bytes(10), seal, 0);
        long granted = peer.heard(Frame.Credit.class).get(0).grants().get(0).total();
        long item = 1;
        for (long sent = 0; sent + 200_400 <= granted; sent += 200_400) {
            peer.say(new Frame.Offer(item++, Precedence.ROUTINE, 0, List.of(big)));
        }
        assertThat(peer.closing()).isEmpty();
        peer.say(new Frame.Offer(item, Precedence.ROUTINE, 0, List.of(big)));
        closes(peer, CloseReason.CREDIT);
        assertThat(CloseReason.CREDIT.error()).isEqualTo(ErrorCode.CREDIT);
    }

    @Test
    void B13_creditOfOnePrecedenceIsNoneOfAnother() {
        RawPeer peer = RawPeer.ready(loop, (precedence, outstanding, now) -> precedence == Precedence.FLASH ? 1 : 0);
        sayRoot(peer);
        peer.say(new Frame.Offer(1, Precedence.FLASH, 0, List.of(whole())));
        assertThat(peer.closing()).isEmpty();
        peer.say(new Frame.Offer(2, Precedence.ROUTINE, 0, List.of(whole())));
        closes(peer, CloseReason.CREDIT);
    }

    @Test
    void B17_unknownFrameNotFlaggedOptionalClosesWithUnknownFrame() {
        RawPeer peer = RawPeer.ready(loop);
        peer.say(Bytes.ofHex("c20c021805"));
        assertThat(peer.closing()).contains(CloseReason.UNKNOWN_FRAME);
        RawPeer tolerant = RawPeer.ready(loop);
        tolerant.say(Bytes.ofHex("c20c021805c03e01"));
        assertThat(tolerant.closing()).isEmpty();
    }

    @Test
    void B17_frameOutOfItsStateClosesWithProtocol() {
        List<Frame> outOfState = List.of(
                RawPeer.ready(loop).hello(List.of(1)),
                new Frame.Accept(1, 0),
                new Frame.Have(1, new CustodyMark(new lienthong.gateway.message.Incarnation(1), 1, samples.bytes(32))),
                new Frame.Reject(1, lienthong.gateway.message.Refusal.of(ErrorCode.SEAL_INVALID), false, 0),
                new Frame.Reject(1, lienthong.gateway.message.Refusal.of(ErrorCode.OFFSET), false, 0),
                new Frame.Custody(
                        1,
                        List.of(),
                        new CustodyMark(new lienthong.gateway.message.Incarnation(1), 1, samples.bytes(32))),
                new Frame.Data(1, 0, samples.bytes(1)),
                new Frame.End(1, samples.bytes(1), seal),
                new Frame.Abandoned(1),
                new Frame.Slots(1, List.of(new Frame.CarriedSlot(0, samples.bytes(1), -1))),
                new Frame.Offer(2, Precedence.ROUTINE, 0, List.of(whole())),
                new Frame.OfferLarge(7, Precedence.ROUTINE, 0, samples.bytes(1), 1, 0, 0),
                new Frame.Offer(1, Precedence.ROUTINE, 0, List.of(whole())),
                new Frame.Credit(List.of(new Frame.Grant(0, 0), new Frame.Grant(5, 0))),
                new Frame.Piece(Frame.Piece.DIRECTORY, 10, 0, samples.bytes(10)),
                new Frame.Piece(Frame.Piece.RECORD, 10, 5, samples.bytes(5)),
                new Frame.Piece(Frame.Piece.RECORD, 4, 0, samples.bytes(5)),
                new Frame.Client(new ClientFrame.Lease(List.of(), 1)));
        for (Frame frame : outOfState) {
            RawPeer peer = RawPeer.ready(loop);
            if (frame instanceof Frame.Credit) {
                peer.say(new Frame.Credit(List.of(new Frame.Grant(5, 10))));
            }
            peer.say(frame);
            assertThat(peer.closing()).as("%s", frame).contains(CloseReason.PROTOCOL);
            assertThat(peer.node.envelopes).isEmpty();
        }
    }

    @Test
    void B17_anythingBeforeHelloClosesWithProtocol() {
        RawPeer peer = new RawPeer(loop, new Peer.Node(new OrganisationId("A08.10")), CreditPolicy.fixed(1));
        peer.say(new Frame.Ping(1));
        closes(peer, CloseReason.PROTOCOL);
    }

    @Test
    void B17_noCommonVersionClosesWithVersion() {
        RawPeer peer = new RawPeer(loop, new Peer.Node(new OrganisationId("A08.10")), CreditPolicy.fixed(1));
        peer.say(peer.hello(List.of(2, 3)));
        closes(peer, CloseReason.VERSION);
        assertThat(peer.heard(Frame.Hello.class)).isEmpty();
    }

    @Test
    void B17_highestCommonVersionWins() {
        RawPeer peer = new RawPeer(loop, new Peer.Node(new OrganisationId("A08.10")), CreditPolicy.fixed(1));
        peer.say(peer.hello(List.of(1, 2, 200)));
        assertThat(peer.node.hellos.get(0).version()).isEqualTo(1);
    }

    @Test
    void B18_wrongOffsetIsAnsweredWithTheRightOneAndTheTransferGoesOn() {
        long[] wrong = {1, 5_000, TRANSFER_BYTES, Long.MAX_VALUE - 5};
        for (long offset : wrong) {
            RawPeer peer = sending();
            peer.say(new Frame.Data(1, 0, samples.bytes(4_000)));
            peer.say(new Frame.Data(1, offset, samples.bytes(4_000)));
            List<Frame.Reject> rejects = peer.heard(Frame.Reject.class);
            assertThat(rejects).as("offset %d", offset).hasSize(1);
            assertThat(rejects.get(0).refusal().reason()).isEqualTo(ErrorCode.OFFSET);
            assertThat(rejects.get(0).resumeOffset()).isEqualTo(4_000);
            peer.say(new Frame.Data(1, 4_000, samples.bytes(TRANSFER_BYTES - 4_000)));
            peer.say(new Frame.End(1, samples.bytes(10), seal));
            assertThat(peer.heard(Frame.Custody.class)).hasSize(1);
            assertThat(peer.node.envelopes.get(0).envelope().ciphertext().length())
                    .isEqualTo(TRANSFER_BYTES);
        }
    }

    @Test
    void B18_framesAlreadyUnderWayBehindAWrongOneAreTheSameFault() {
        RawPeer peer = sending();
        peer.say(new Frame.Data(1, 1_000, samples.bytes(1_000)));
        peer.say(new Frame.Data(1, 2_000, samples.bytes(1_000)));
        peer.say(new Frame.Data(1, 3_000, samples.bytes(1_000)));
        assertThat(peer.closing()).isEmpty();
        peer.say(new Frame.Data(1, 0, samples.bytes(500)));
        peer.say(new Frame.Data(1, 100, samples.bytes(500)));
        closes(peer, CloseReason.PROTOCOL);
    }

    @Test
    void B18_secondWrongOffsetClosesWithProtocolAndTheGoodPrefixStays() {
        RawPeer peer = sending();
        peer.say(new Frame.Data(1, 0, samples.bytes(4_000)));
        peer.say(new Frame.Data(1, 2_000, samples.bytes(4_000)));
        peer.say(new Frame.Data(1, 2_000, samples.bytes(4_000)));
        closes(peer, CloseReason.PROTOCOL);
        assertThat(peer.node.spools.values().iterator().next().suspended).isEqualTo(1);
    }

    @Test
    void B18_moreBytesThanOfferedAreNotWritten() {
        RawPeer peer = sending();
        peer.say(new Frame.Data(1, 0, samples.bytes(TRANSFER_BYTES)));
        peer.say(new Frame.Data(1, TRANSFER_BYTES, samples.bytes(1)));
        assertThat(peer.heard(Frame.Reject.class)).hasSize(1);
        assertThat(peer.node.spools.values().iterator().next().bytes.size()).isEqualTo(TRANSFER_BYTES);
    }

    @Test
    void B18_endBeforeTheLastByteIsAWrongOffset() {
        RawPeer peer = sending();
        peer.say(new Frame.Data(1, 0, samples.bytes(4_000)));
        peer.say(new Frame.End(1, samples.bytes(10), seal));
        assertThat(peer.heard(Frame.Reject.class).get(0).resumeOffset()).isEqualTo(4_000);
        assertThat(peer.node.envelopes).isEmpty();
    }

    @Test
    void B22_acceptedTransferThatDripsClosesWithTooSlow() {
        RawPeer peer = sending();
        for (int i = 0; i < 70 && peer.closing().isEmpty(); i++) {
            peer.say(new Frame.Data(1, i, samples.bytes(1)));
            loop.advance(Duration.ofSeconds(1));
        }
        closes(peer, CloseReason.TOO_SLOW);
        assertThat(CloseReason.TOO_SLOW.error()).isEqualTo(ErrorCode.TOO_SLOW);
    }

    @Test
    void B22_acceptedTransferThatMovesAKibibyteInThirtySecondsLives() {
        RawPeer peer = sending();
        for (int i = 0; i < 90; i++) {
            peer.say(new Frame.Data(1, i * 100L, samples.bytes(100)));
            loop.advance(Duration.ofSeconds(1));
        }
        assertThat(peer.closing()).isEmpty();
    }

    @Test
    void B22_noHelloWithinTenSecondsClosesWithTooSlow() {
        RawPeer peer = new RawPeer(loop, new Peer.Node(new OrganisationId("A08.10")), CreditPolicy.fixed(1));
        loop.advance(Duration.ofSeconds(12));
        closes(peer, CloseReason.TOO_SLOW);
    }

    @Test
    void B22_silentPeerIsAskedAndThenClosedWithTooSlow() {
        RawPeer peer = RawPeer.ready(loop);
        loop.advance(Duration.ofSeconds(15));
        assertThat(peer.heard(Frame.Ping.class)).hasSize(1);
        assertThat(peer.closing()).isEmpty();
        loop.advance(Duration.ofSeconds(20));
        closes(peer, CloseReason.TOO_SLOW);
    }

    @Test
    void B22_peerThatDoesNotReadClosesWithTooSlow() {
        RawPeer peer = RawPeer.ready(loop);
        peer.writable = false;
        for (int i = 0; i < 40 && peer.closing().isEmpty(); i++) {
            peer.say(new Frame.Ping(i));
            loop.advance(Duration.ofSeconds(1));
        }
        closes(peer, CloseReason.TOO_SLOW);
    }

    @Test
    void slowBytesOfOneFrameKeepASessionAlive() {
        RawPeer peer = RawPeer.ready(loop);
        for (int i = 0; i < 60; i++) {
            loop.run(() -> peer.session.progress(40));
            loop.advance(Duration.ofSeconds(1));
        }
        assertThat(peer.closing()).isEmpty();
    }

    @Test
    void pingsOfAPeerThatDoesNotReadTakeNoMemory() {
        RawPeer peer = RawPeer.ready(loop);
        peer.writable = false;
        int before = peer.heard.size();
        for (int i = 0; i < 1_000; i++) {
            peer.say(new Frame.Ping(i));
        }
        assertThat(peer.heard).hasSize(before);
        peer.writable = true;
        loop.run(() -> peer.session.writable());
        assertThat(peer.heard(Frame.Pong.class)).containsExactly(new Frame.Pong(999));
    }

    @Test
    void referenceToWhatWasNeverSaidClosesBeforeTheOwnerHearsAnything() {
        RawPeer peer = RawPeer.ready(loop);
        sayRoot(peer);
        Frame.Whole dangling = new Frame.Whole(
                samples.bytes(1),
                List.of(),
                samples.bytes(1),
                samples.bytes(1),
                new Frame.CarriedSeal(0, 1, List.of(), 9),
                0);
        peer.say(new Frame.Offer(1, Precedence.ROUTINE, 0, List.of(whole(), dangling)));
        closes(peer, CloseReason.PROTOCOL);
        assertThat(peer.node.envelopes).isEmpty();
    }

    @Test
    void rootMayNotStandWhereAnEncIsMeant() {
        RawPeer peer = RawPeer.ready(loop);
        sayRoot(peer);
        Frame.Whole crossed = new Frame.Whole(
                samples.bytes(1),
                List.of(new Frame.CarriedSlot(0, samples.bytes(240), 0)),
                samples.bytes(1),
                samples.bytes(1),
                seal,
                0);
        peer.say(new Frame.Offer(1, Precedence.ROUTINE, 0, List.of(crossed)));
        closes(peer, CloseReason.PROTOCOL);
    }

    @Test
    void moreSaidThanIsKeptClosesWithProtocol() {
        RawPeer peer = RawPeer.ready(loop);
        for (int i = 0; i < 40 && peer.closing().isEmpty(); i++) {
            peer.say(new Frame.SaidRoot(
                    i, new Frame.SealRoot(samples.bytes(10), samples.bytes(32_768), java.util.Optional.empty())));
        }
        closes(peer, CloseReason.PROTOCOL);
    }

    @Test
    void moreOpenTransfersThanTheLimitCloseWithProtocol() {
        RawPeer peer = RawPeer.ready(loop);
        peer.node.onOffer = (offer, reply) -> {};
        for (int i = 1; i <= Limits.OPEN_TRANSFERS_MAX; i++) {
            peer.say(new Frame.OfferLarge(i, Precedence.ROUTINE, 0, samples.bytes(10), 1, 0, 0));
        }
        assertThat(peer.closing()).isEmpty();
        peer.say(new Frame.OfferLarge(65, Precedence.ROUTINE, 0, samples.bytes(10), 1, 0, 0));
        closes(peer, CloseReason.PROTOCOL);
    }

    @Test
    void slotsThatAreNotThoseAnnouncedCloseWithProtocol() {
        RawPeer peer = RawPeer.ready(loop);
        peer.say(new Frame.OfferLarge(1, Precedence.ROUTINE, 0, samples.bytes(10), 1, 2, 0));
        Frame three = new Frame.Slots(
                1,
                List.of(
                        new Frame.CarriedSlot(0, samples.bytes(1), -1),
                        new Frame.CarriedSlot(1, samples.bytes(1), -1),
                        new Frame.CarriedSlot(2, samples.bytes(1), -1)));
        peer.say(three);
        closes(peer, CloseReason.PROTOCOL);
        RawPeer second = RawPeer.ready(loop);
        second.say(new Frame.OfferLarge(1, Precedence.ROUTINE, 0, samples.bytes(10), 1, 2, 0));
        second.say(new Frame.OfferLarge(2, Precedence.ROUTINE, 0, samples.bytes(10), 1, 2, 0));
        closes(second, CloseReason.PROTOCOL);
    }

    @Test
    void rejectsDoNotEndTheSession() {
        RawPeer peer = RawPeer.ready(loop);
        sayRoot(peer);
        peer.node.onEnvelope =
                (e, reply) -> reply.reject(lienthong.gateway.message.Refusal.of(ErrorCode.SEAL_INVALID), false);
        for (int i = 1; i <= 50; i++) {
            peer.say(new Frame.Offer(i, Precedence.ROUTINE, 0, List.of(whole())));
        }
        assertThat(peer.closing()).isEmpty();
        assertThat(peer.heard(Frame.Reject.class)).hasSize(50);
    }

    @Test
    void noOrderOfGoodFramesBreaksMoreThanItsOwnSession() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Frame[] vocabulary = {
            new Frame.Ping(1),
            new Frame.Pong(1),
            new Frame.Accept(1, 0),
            new Frame.Data(1, 0, samples.bytes(100)),
            new Frame.Data(1, 100, samples.bytes(100)),
            new Frame.End(1, samples.bytes(10), seal),
            new Frame.Abandoned(1),
            new Frame.Offer(1, Precedence.ROUTINE, 0, List.of(whole())),
            new Frame.Offer(2, Precedence.FLASH, 0, List.of(whole(), whole())),
            new Frame.OfferLarge(1, Precedence.ROUTINE, 0, samples.bytes(3), 200, 0, 0),
            new Frame.OfferLarge(1, Precedence.ROUTINE, 0, samples.bytes(4), 200, 1, 0),
            new Frame.OfferLarge(2, Precedence.ROUTINE, 0, samples.bytes(5), 0, 0, 0),
            new Frame.Slots(1, List.of(new Frame.CarriedSlot(0, samples.bytes(9), -1))),
            new Frame.Credit(List.of(new Frame.Grant(0, 1_000_000))),
            new Frame.Directory(new DirectoryMessage.WantHashes()),
            new Frame.Piece(Frame.Piece.RECORD, 20, 0, samples.bytes(10)),
            new Frame.Piece(Frame.Piece.RECORD, 20, 10, samples.bytes(10)),
            new Frame.Notice(1, samples.bytes(10)),
        };
        for (int round = 0; round < 400; round++) {
            RawPeer peer = RawPeer.ready(loop);
            sayRoot(peer);
            try {
                for (int i = 0; i < 12; i++) {
                    peer.say(vocabulary[random.nextInt(vocabulary.length)]);
                }
                loop.run(() -> peer.session.cut());
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
            assertThat(peer.node.ends).as("seed %d", seed).hasSize(1);
        }
    }

    @Test
    void certificateNamesAreComparedWhole() {
        RawPeer peer = new RawPeer(loop, new Peer.DirectoryOnly(Hash.of(Bytes.empty())), CreditPolicy.fixed(1));
        peer.say(peer.hello(List.of(1)));
        assertThat(peer.node.ready).isEqualTo(1);
    }
}
