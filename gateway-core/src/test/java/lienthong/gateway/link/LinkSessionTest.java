package lienthong.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import lienthong.gateway.envelope.Kit;
import lienthong.gateway.envelope.TestNetwork;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import org.junit.jupiter.api.Test;

class LinkSessionTest {
    private static final OrganisationId DISTRICT = new OrganisationId("A08.10");
    private static final OrganisationId HUB = new OrganisationId("A08");
    private static final long MEBIBYTE = 1024 * 1024;

    private final TestLoop loop = new TestLoop();
    private final TestOwner district = new TestOwner("A08.10");
    private final TestOwner hub = new TestOwner("A08");
    private final Samples samples = new Samples(1);
    private CreditPolicy policy = CreditPolicy.fixed(4 * MEBIBYTE);
    private Line line = new Line(loop, 0, 0);
    private LinkSession up;
    private LinkSession down;

    private void connect() {
        connect(new Peer.Node(HUB), new Peer.Node(DISTRICT));
    }

    private void connect(Peer above, Peer below) {
        loop.run(() -> {
            up = LinkSessions.start(loop, loop, district, policy).dialled(above, line.a);
            line.a.session = up;
            down = LinkSessions.start(loop, loop, hub, policy).accepted(below, line.b);
            line.b.session = down;
        });
    }

    private TestOwner.Outcome offer(SealedEnvelope envelope, Precedence precedence) {
        TestOwner.Outcome outcome = new TestOwner.Outcome();
        Bytes bytes = envelope.ciphertext() instanceof SealedEnvelope.Ciphertext.Inline inline
                ? inline.bytes()
                : Bytes.empty();
        up.offer(envelope, precedence, Duration.ZERO, CiphertextSource.of(bytes), outcome);
        return outcome;
    }

    private TestOwner.Outcome offerLarge(SealedEnvelope envelope, Precedence precedence, Bytes content) {
        TestOwner.Outcome outcome = new TestOwner.Outcome();
        up.offer(envelope, precedence, Duration.ZERO, CiphertextSource.of(content), outcome);
        return outcome;
    }

    private static Stream<Frame> frames(List<Bytes> sent) {
        return sent.stream().map(b -> ((FrameCodec.Decoded.Good) FrameCodec.decode(b)).frame());
    }

    private static CloseReason reason(LinkEnd end) {
        return end instanceof LinkEnd.ClosedHere here
                ? here.why().reason()
                : ((LinkEnd.ClosedByPeer) end).why().reason();
    }

    // ---- hello

    @Test
    void bothSidesAreReadyAfterTheirHellosAndKnowEachOther() {
        connect();
        assertThat(district.ready).isEqualTo(1);
        assertThat(hub.ready).isEqualTo(1);
        assertThat(district.hellos.get(0).details().name()).isEqualTo("A08");
        assertThat(hub.hellos.get(0).details().name()).isEqualTo("A08.10");
        assertThat(hub.hellos.get(0).version()).isEqualTo(1);
        assertThat(hub.hellos.get(0).details().features()).containsExactly("a", "b");
    }

    @Test
    void custodyMarkIsGivenBackInHello() {
        hub.custodyBack = Optional.of(hub.nextMark());
        connect();
        assertThat(district.hellos.get(0).details().custodyBack()).isEqualTo(hub.custodyBack);
    }

    @Test
    void dialledSideIsAdmittedOnlyByTheOtherSidesHello() {
        hub.refuseHello = Optional.of(Closing.of(CloseReason.BUSY, Duration.ofSeconds(7)));
        connect();
        assertThat(district.ready).isZero();
        assertThat(district.ends)
                .containsExactly(new LinkEnd.ClosedByPeer(Closing.of(CloseReason.BUSY, Duration.ofSeconds(7))));
        assertThat(hub.ready).isZero();
    }

    @Test
    void helloUnderAnotherNameThanTheCertificatesClosesWithIdentity() {
        connect(new Peer.Node(HUB), new Peer.Node(new OrganisationId("A09")));
        assertThat(reason(hub.ends.get(0))).isEqualTo(CloseReason.IDENTITY);
        assertThat(district.ready).isZero();
    }

    @Test
    void nothingMayBeOfferedBeforeHello() {
        connect();
        LinkSession fresh = up;
        loop.run(() -> {
            assertThat(fresh.hasRoom(Precedence.ROUTINE)).isTrue();
            LinkSession alone = LinkSessions.start(loop, loop, district, policy)
                    .accepted(new Peer.Node(HUB), new Line(loop, 0, 0).a);
            assertThat(alone.hasRoom(Precedence.ROUTINE)).isFalse();
            assertThatThrownBy(() -> alone.query(new Query(List.of()))).isInstanceOf(Bug.class);
        });
    }

    // ---- small envelopes

    @Test
    void smallEnvelopesOfOneTurnRideTogetherAndArriveAsSent() {
        connect();
        Bytes enc = samples.bytes(1_120);
        Bytes root = samples.bytes(500);
        List<SealedEnvelope> sent = new ArrayList<>();
        List<TestOwner.Outcome> outcomes = new ArrayList<>();
        int framesBefore = line.a.sent.size();
        loop.run(() -> {
            for (int i = 0; i < 50; i++) {
                sent.add(samples.small(i, 2, enc, root));
                outcomes.add(offer(sent.get(i), Precedence.ROUTINE));
            }
        });
        assertThat(hub.ends).isEmpty();
        assertThat(hub.envelopes).extracting(IncomingEnvelope::envelope).containsExactlyElementsOf(sent);
        assertThat(outcomes).extracting(o -> o.word).containsOnly("custody");
        List<Frame> frames =
                frames(line.a.sent.subList(framesBefore, line.a.sent.size())).toList();
        assertThat(frames.stream().filter(f -> f instanceof Frame.Offer)).hasSizeLessThan(10);
        assertThat(frames.stream().filter(f -> f instanceof Frame.SaidRoot)).hasSize(1);
        assertThat(frames.stream().filter(f -> f instanceof Frame.SaidEnc)).hasSize(1);
        assertThat(hub.envelopes.get(7).ciphertextRoot())
                .isEqualTo(lienthong.gateway.merkle.BlockTree.rootOf(
                        ((SealedEnvelope.Ciphertext.Inline) sent.get(7).ciphertext()).bytes()));
        assertThat(hub.envelopes.get(0).ciphertextRoot())
                .isEqualTo(lienthong.gateway.merkle.BlockTree.rootOf(Bytes.empty()));
    }

    @Test
    void oneBadItemNeverFailsItsGroupAndEachHasItsOwnAnswer() {
        connect();
        int[] count = {0};
        List<Runnable> later = new ArrayList<>();
        hub.onEnvelope = (e, reply) -> {
            switch (count[0]++ % 5) {
                case 0 -> reply.custody(hub.nextMark());
                case 1 -> reply.have(hub.nextMark());
                case 2 -> reply.reject(Refusal.of(ErrorCode.SEAL_INVALID, "no"), false);
                case 3 -> reply.reject(Refusal.of(ErrorCode.NO_ROUTE, "no"), true);
                default -> later.add(() -> reply.custody(hub.nextMark()));
            }
        };
        List<TestOwner.Outcome> outcomes = new ArrayList<>();
        loop.run(() -> {
            for (int i = 0; i < 20; i++) {
                outcomes.add(offer(samples.small(10), Precedence.URGENT));
            }
        });
        List<String> round = List.of("custody", "have", "rejected SEAL_INVALID", "rejected NO_ROUTE advice", "open");
        assertThat(outcomes)
                .extracting(o -> o.word)
                .containsExactlyElementsOf(Stream.of(round, round, round, round)
                        .flatMap(List::stream)
                        .toList());
        loop.run(() -> later.get(2).run());
        assertThat(outcomes.get(14).word).isEqualTo("custody");
        assertThat(outcomes.get(4).word).isEqualTo("open");
        loop.run(() -> {
            later.get(0).run();
            later.get(1).run();
            later.get(3).run();
        });
        assertThat(outcomes).extracting(o -> o.word).doesNotContain("open");
    }

    @Test
    void custodyOfOneTurnIsOneFrame() {
        connect();
        loop.run(() -> {
            for (int i = 0; i < 30; i++) {
                offer(samples.small(100), Precedence.ROUTINE);
            }
        });
        assertThat(frames(line.b.sent).filter(f -> f instanceof Frame.Custody)).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void answeringTwiceIsABug() {
        connect();
        hub.onEnvelope = (e, reply) -> {
            reply.custody(hub.nextMark());
            assertThatThrownBy(() -> reply.custody(hub.nextMark())).isInstanceOf(Bug.class);
        };
        loop.run(() -> offer(samples.small(1), Precedence.ROUTINE));
        assertThat(hub.ends).isEmpty();
    }

    @Test
    void ageGrowsWhileAnEnvelopeWaitsInTheSession() {
        policy = (precedence, outstanding, now) -> loop.nanos() < 5_000_000_000L ? 0 : MEBIBYTE;
        connect();
        loop.run(() -> up.offer(
                samples.small(10),
                Precedence.ROUTINE,
                Duration.ofSeconds(100),
                CiphertextSource.of(Bytes.empty()),
                new TestOwner.Outcome()));
        assertThat(hub.envelopes).isEmpty();
        loop.advance(Duration.ofSeconds(8));
        assertThat(hub.envelopes.get(0).age()).isBetween(Duration.ofSeconds(104), Duration.ofSeconds(107));
    }

    // ---- saying once

    @Test
    void whateverWasSaidBeforeEnvelopesArriveAsSent() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        connect();
        List<Bytes> roots = new ArrayList<>();
        List<Bytes> encs = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            roots.add(samples.bytes(random.nextInt(20) == 0 ? 500 : 200));
            encs.add(samples.bytes(random.nextBoolean() ? 1_120 : 1_568));
        }
        List<SealedEnvelope> sent = new ArrayList<>();
        for (int round = 0; round < 60; round++) {
            loop.run(() -> {
                while (up.hasRoom(Precedence.ROUTINE) && random.nextInt(100) > 0) {
                    SealedEnvelope e = samples.small(
                            random.nextInt(300),
                            random.nextInt(8),
                            encs.get(random.nextInt(encs.size())),
                            roots.get(random.nextInt(roots.size())));
                    if (random.nextInt(10) == 0) {
                        SealedEnvelope.Seal seal = e.seal();
                        e = new SealedEnvelope(
                                e.core(),
                                e.slots(),
                                e.ciphertext(),
                                e.statement(),
                                new SealedEnvelope.Seal(
                                        seal.index(),
                                        seal.size(),
                                        seal.path(),
                                        seal.rootText(),
                                        samples.bytes(30_000),
                                        Optional.of(samples.bytes(30_000))));
                    }
                    sent.add(e);
                    offer(e, Precedence.ROUTINE);
                }
            });
        }
        assertThat(hub.ends).as("seed %d", seed).isEmpty();
        assertThat(hub.envelopes.size()).as("seed %d", seed).isEqualTo(sent.size());
        for (int i = 0; i < sent.size(); i++) {
            assertThat(hub.envelopes.get(i).envelope())
                    .as("seed %d, %d", seed, i)
                    .isEqualTo(sent.get(i));
        }
    }

    @Test
    void receiptsOfOneBatchCarryTheirSignatureOnce() {
        connect();
        Bytes root = samples.bytes(500);
        List<CarriedReceipt> sent = new ArrayList<>();
        List<TestOwner.Outcome> outcomes = new ArrayList<>();
        loop.run(() -> {
            for (int i = 0; i < 100; i++) {
                sent.add(samples.receipt(root));
                outcomes.add(new TestOwner.Outcome());
                up.receipt(sent.get(i), outcomes.get(i));
            }
            up.notice(Bytes.utf8("notice"), new TestOwner.Outcome());
        });
        assertThat(hub.receipts).containsExactlyElementsOf(sent);
        assertThat(hub.notices).containsExactly(Bytes.utf8("notice"));
        assertThat(outcomes).extracting(o -> o.word).containsOnly("custody");
        assertThat(frames(line.a.sent).filter(f -> f instanceof Frame.SaidRoot)).hasSize(1);
    }

    private Stream<Frame.CarriedSlot> carriedSlots() {
        return frames(line.a.sent)
                .filter(f -> f instanceof Frame.Offer)
                .flatMap(f -> ((Frame.Offer) f).wholes().stream())
                .flatMap(whole -> whole.slots().stream());
    }

    @Test
    void anEncIsSaidOnceAndTheNextSlotTravelsWithoutIt() {
        connect();
        Bytes enc = samples.bytes(1_120);
        List<SealedEnvelope> sent =
                List.of(samples.small(100, 1, enc, samples.bytes(200)), samples.small(100, 1, enc, samples.bytes(200)));
        sent.forEach(one -> loop.run(() -> offer(one, Precedence.ROUTINE)));
        assertThat(hub.envelopes).extracting(IncomingEnvelope::envelope).containsExactlyElementsOf(sent);
        assertThat(frames(line.a.sent).filter(f -> f instanceof Frame.SaidEnc))
                .containsExactly(new Frame.SaidEnc(
                        carriedSlots().findFirst().orElseThrow().encSaid(), enc));
        assertThat(carriedSlots()).hasSize(2).allSatisfy(slot -> {
            assertThat(slot.encSaid()).isNotNegative();
            assertThat(slot.content().size()).isEqualTo(1_488 - 1_120);
        });
        List<Integer> offers = line.a.sent.stream()
                .filter(b -> ((FrameCodec.Decoded.Good) FrameCodec.decode(b)).frame() instanceof Frame.Offer)
                .map(Bytes::size)
                .toList();
        assertThat(offers).hasSize(2).allMatch(size -> size < 100 + 1_488);
    }

    @Test
    void slotsThatTheSealerReallyMakesShareTheirEncOnTheWay() {
        connect();
        Kit kit = new Kit(TestNetwork.shared()).message("một");
        List<SealedEnvelope> sent =
                List.of(kit.seal().sealed(), kit.seal().sealed(), kit.seal().sealed());
        sent.forEach(one -> loop.run(() -> offer(one, Precedence.ROUTINE)));
        assertThat(hub.envelopes).extracting(IncomingEnvelope::envelope).containsExactlyElementsOf(sent);
        assertThat(carriedSlots()).hasSize(6).allMatch(slot -> slot.encSaid() >= 0);
        assertThat(frames(line.a.sent).filter(f -> f instanceof Frame.SaidEnc))
                .as("one for the recipient's key, one for the sender's own")
                .hasSize(2);
    }

    // ---- large envelopes

    @Test
    void largeEnvelopeArrivesWithItsSlotsAndItsRoot() {
        connect();
        Bytes content = samples.bytes(3_000_001);
        SealedEnvelope envelope = samples.large(content.size(), 500);
        TestOwner.Outcome[] outcome = new TestOwner.Outcome[1];
        loop.run(() -> outcome[0] = offerLarge(envelope, Precedence.ROUTINE, content));
        assertThat(outcome[0].word).isEqualTo("custody");
        IncomingEnvelope arrived = hub.envelopes.get(0);
        assertThat(arrived.envelope().slots()).isEqualTo(envelope.slots());
        assertThat(arrived.envelope().statement()).isEqualTo(envelope.statement());
        assertThat(arrived.envelope().seal()).isEqualTo(envelope.seal());
        assertThat(arrived.ciphertextRoot()).isEqualTo(lienthong.gateway.merkle.BlockTree.rootOf(content));
        assertThat(Bytes.copyOf(hub.spools.get(envelope.core()).bytes.toByteArray()))
                .isEqualTo(content);
    }

    @Test
    void emptyAndTinySpooledCiphertextsArrive() {
        connect();
        for (int size : new int[] {0, 1, 4_095, 4_096, 32_768, 258_048, 258_049}) {
            Bytes content = samples.bytes(size);
            TestOwner.Outcome[] outcome = new TestOwner.Outcome[1];
            loop.run(() -> outcome[0] = offerLarge(samples.large(size, size % 3), Precedence.URGENT, content));
            assertThat(outcome[0].word).as("%d bytes", size).isEqualTo("custody");
        }
    }

    @Test
    void severalLargeOnesOfAllPrecedencesArriveTogether() {
        connect();
        List<TestOwner.Outcome> outcomes = new ArrayList<>();
        loop.run(() -> {
            for (int i = 0; i < 40; i++) {
                Bytes content = samples.bytes(200_000 + i);
                outcomes.add(offerLarge(
                        samples.large(content.size(), i * 5),
                        Precedence.of(i % 5).orBug(),
                        content));
            }
        });
        assertThat(outcomes).extracting(o -> o.word).containsOnly("custody");
        assertThat(up.openTransfers() + down.openTransfers()).isZero();
    }

    @Test
    void largeOfferIsAnsweredWithHaveOrRejectWithoutASingleByte() {
        connect();
        hub.onOffer = (offer, reply) -> reply.have(hub.nextMark());
        TestOwner.Outcome[] outcome = new TestOwner.Outcome[2];
        Bytes content = samples.bytes(1_000_000);
        loop.run(() -> outcome[0] = offerLarge(samples.large(content.size(), 1), Precedence.ROUTINE, content));
        hub.onOffer = (offer, reply) -> reply.reject(Refusal.of(ErrorCode.DISK_LOW), false);
        loop.run(() -> outcome[1] = offerLarge(samples.large(content.size(), 0), Precedence.ROUTINE, content));
        assertThat(outcome[0].word).isEqualTo("have");
        assertThat(outcome[1].word).isEqualTo("rejected DISK_LOW");
        assertThat(line.a.bytesOut).isLessThan(20_000);
    }

    @Test
    void unreadableCiphertextEndsTheTransferAndNotTheSession() {
        connect();
        TestOwner.Outcome outcome = new TestOwner.Outcome();
        SealedEnvelope envelope = samples.large(2_000_000, 1);
        loop.run(() -> up.offer(
                envelope,
                Precedence.ROUTINE,
                Duration.ZERO,
                new CiphertextSource() {
                    @Override
                    public long length() {
                        return 2_000_000;
                    }

                    @Override
                    public Result<Bytes> read(long offset, int size) {
                        return offset < 500_000
                                ? Result.ok(samples.bytes(size))
                                : Result.no(ErrorCode.SPOOL_MISSING, "gone");
                    }
                },
                outcome));
        assertThat(outcome.word).isEqualTo("unreadable SPOOL_MISSING");
        assertThat(hub.spools.get(envelope.core()).discarded).isEqualTo(1);
        TestOwner.Outcome[] next = new TestOwner.Outcome[1];
        loop.run(() -> next[0] = offer(samples.small(5), Precedence.ROUTINE));
        assertThat(next[0].word).isEqualTo("custody");
    }

    @Test
    void twentyMebibytesResumeWhereTheLastSessionEndedAndNotAtTheBeginning() {
        Bytes content = samples.bytes(20 * 1024 * 1024);
        SealedEnvelope envelope = samples.large(content.size(), 3);
        long carried = 0;
        int sessions = 0;
        TestOwner.Outcome outcome;
        do {
            line = new Line(loop, 50_000_000, 1_000_000);
            line.a.keepFrames = false;
            line.breakAfterBytes = 6_500_000;
            connect();
            loop.advance(Duration.ofMillis(20));
            TestOwner.Outcome[] box = new TestOwner.Outcome[1];
            loop.run(() -> box[0] = offerLarge(envelope, Precedence.ROUTINE, content));
            loop.advance(Duration.ofSeconds(20));
            outcome = box[0];
            carried += line.a.bytesOut;
            sessions++;
        } while (outcome.word.equals("lost") && sessions < 10);
        assertThat(outcome.word).isEqualTo("custody");
        assertThat(hub.acceptedAt.get(0)).isZero();
        assertThat(hub.acceptedAt).isSorted();
        assertThat(hub.acceptedAt.get(hub.acceptedAt.size() - 1)).isGreaterThan(10 * MEBIBYTE);
        assertThat(carried).isLessThan(26 * MEBIBYTE);
        assertThat(Bytes.copyOf(hub.spools.get(envelope.core()).bytes.toByteArray()))
                .isEqualTo(content);
    }

    @Test
    void cutAtAnyFrameLosesNothingAndTellsEveryOutcomeOnce() {
        for (int cut = 0; cut < 60; cut++) {
            cutOnce(cut, Long.MAX_VALUE);
        }
    }

    @Test
    void cutAtAnyByteLosesNothingAndTellsEveryOutcomeOnce() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            try {
                cutOnce(Long.MAX_VALUE, random.nextInt(1_300_000));
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", cut " + i, e);
            }
        }
    }

    /** Sends three small ones, a large one and receipts, breaks once, and sends what was lost again. */
    private void cutOnce(long frames, long bytes) {
        TestOwner receiver = new TestOwner("A08");
        TestOwner sender = new TestOwner("A08.10");
        List<SealedEnvelope> small = List.of(samples.small(100), samples.small(60_000), samples.small(3));
        Bytes content = samples.bytes(1_200_000);
        SealedEnvelope large = samples.large(content.size(), 4);
        CarriedReceipt receipt = samples.receipt(samples.bytes(100));
        List<TestOwner.Outcome> open = new ArrayList<>();
        for (int session = 0; session < 2; session++) {
            Line cutLine = new Line(loop, 0, 0);
            cutLine.breakAfterFrames = session == 0 ? frames : Long.MAX_VALUE;
            cutLine.breakAfterBytes = session == 0 ? bytes : Long.MAX_VALUE;
            List<TestOwner.Outcome> outcomes = new ArrayList<>();
            LinkSession[] pair = new LinkSession[1];
            loop.run(() -> {
                pair[0] = LinkSessions.start(loop, loop, sender, policy).dialled(new Peer.Node(HUB), cutLine.a);
                cutLine.a.session = pair[0];
                cutLine.b.session =
                        LinkSessions.start(loop, loop, receiver, policy).accepted(new Peer.Node(DISTRICT), cutLine.b);
            });
            boolean first = session == 0;
            loop.run(() -> {
                if (!pair[0].isReady()) {
                    return;
                }
                for (int i = 0; i < 5; i++) {
                    TestOwner.Outcome outcome = new TestOwner.Outcome();
                    outcomes.add(outcome);
                    if (!first && !open.isEmpty() && !open.get(i).word.equals("lost")) {
                        outcome.word = "custody";
                        continue;
                    }
                    if (i < 3) {
                        SealedEnvelope e = small.get(i);
                        pair[0].offer(
                                e, Precedence.ROUTINE, Duration.ZERO, CiphertextSource.of(Bytes.empty()), outcome);
                    } else if (i == 3) {
                        pair[0].offer(large, Precedence.ROUTINE, Duration.ZERO, CiphertextSource.of(content), outcome);
                    } else {
                        pair[0].receipt(receipt, outcome);
                    }
                }
            });
            assertThat(outcomes).extracting(o -> o.word).doesNotContain("open");
            if (session == 0) {
                open.addAll(outcomes);
                if (sender.ends.size() + receiver.ends.size() > 0) {
                    assertThat(sender.ends).containsExactly(new LinkEnd.Cut());
                }
            } else {
                assertThat(outcomes).extracting(o -> o.word).containsOnly("custody");
            }
        }
        assertThat(receiver.envelopes).extracting(IncomingEnvelope::envelope).containsAll(small);
        assertThat(Bytes.copyOf(receiver.spools.get(large.core()).bytes.toByteArray()))
                .isEqualTo(content);
        assertThat(receiver.receipts).contains(receipt);
    }

    @Test
    void aSinkWithoutRoomGivesUpItsTransferAndNothingElse() {
        connect();
        Bytes content = samples.bytes(5_000_000);
        SealedEnvelope envelope = samples.large(content.size(), 2);
        TestOwner.Spool full = new TestOwner.Spool();
        full.room = 2_500_000;
        hub.spools.put(envelope.core(), full);
        Bytes other = samples.bytes(3_000_000);
        TestOwner.Outcome[] outcomes = new TestOwner.Outcome[3];
        loop.run(() -> {
            outcomes[0] = offerLarge(envelope, Precedence.ROUTINE, content);
            outcomes[1] = offerLarge(samples.large(other.size(), 1), Precedence.ROUTINE, other);
            outcomes[2] = offer(samples.small(500), Precedence.ROUTINE);
        });
        assertThat(outcomes[0].word).isEqualTo("busy DISK_LOW PT30S");
        assertThat(outcomes[1].word).isEqualTo("custody");
        assertThat(outcomes[2].word).isEqualTo("custody");
        assertThat(full.suspended).isEqualTo(1);
        assertThat(full.finished + full.discarded).isZero();
        assertThat(up.openTransfers() + down.openTransfers() + up.unanswered()).isZero();
        full.room = Long.MAX_VALUE;
        loop.run(() -> outcomes[0] = offerLarge(envelope, Precedence.ROUTINE, content));
        assertThat(outcomes[0].word).isEqualTo("custody");
        assertThat(hub.acceptedAt.get(hub.acceptedAt.size() - 1))
                .as("where it ended")
                .isGreaterThan(2 * MEBIBYTE - 1);
        assertThat(Bytes.copyOf(full.bytes.toByteArray())).isEqualTo(content);
    }

    @Test
    void noRoomForTheLastBytesEndsItsTransferAndNothingElse() {
        for (int size : new int[] {1, 4_096, 300_000}) {
            line = new Line(loop, 0, 0);
            connect();
            Bytes content = samples.bytes(size);
            SealedEnvelope envelope = samples.large(size, 0);
            TestOwner.Spool full = new TestOwner.Spool();
            full.room = size - 1L;
            hub.spools.put(envelope.core(), full);
            TestOwner.Outcome[] outcomes = new TestOwner.Outcome[2];
            loop.run(() -> outcomes[0] = offerLarge(envelope, Precedence.FLASH, content));
            loop.run(() -> outcomes[1] = offer(samples.small(5), Precedence.FLASH));
            assertThat(outcomes[0].word).as("%d bytes", size).isEqualTo("busy DISK_LOW PT30S");
            assertThat(outcomes[1].word).as("%d bytes", size).isEqualTo("custody");
        }
    }

    @Test
    void aBusyPeerSaysWhenToComeAgain() {
        connect();
        hub.onEnvelope = (e, reply) -> reply.busy(Refusal.of(ErrorCode.QUOTA), true, Duration.ofSeconds(7));
        hub.onOffer = (offer, reply) -> reply.busy(Refusal.of(ErrorCode.QUOTA), true, Duration.ofDays(9));
        TestOwner.Outcome[] outcomes = new TestOwner.Outcome[2];
        loop.run(() -> {
            outcomes[0] = offer(samples.small(5), Precedence.ROUTINE);
            outcomes[1] = offerLarge(samples.large(200_000, 1), Precedence.ROUTINE, samples.bytes(200_000));
        });
        assertThat(outcomes[0].word).isEqualTo("busy QUOTA PT7S");
        assertThat(outcomes[1].word).as("an hour at most").isEqualTo("busy QUOTA PT1H");
    }

    @Test
    void largeOnesThatWaitForAnAnswerKeepNoSmallOneBack() {
        connect();
        hub.onOffer = (offer, reply) -> {};
        Bytes content = samples.bytes(200_000);
        int[] offered = new int[1];
        loop.run(() -> {
            while (up.hasRoomForLarge(Precedence.ROUTINE)) {
                offerLarge(samples.large(content.size(), 1), Precedence.ROUTINE, content);
                offered[0]++;
            }
        });
        assertThat(offered[0]).isEqualTo(8);
        assertThat(up.hasRoomForLarge(Precedence.ROUTINE)).isFalse();
        assertThat(up.hasRoom(Precedence.ROUTINE)).isTrue();
        TestOwner.Outcome[] small = new TestOwner.Outcome[1];
        loop.run(() -> small[0] = offer(samples.small(500), Precedence.ROUTINE));
        assertThat(small[0].word).isEqualTo("custody");
    }

    @Test
    void sinkThatFinishesWhileTheSessionEndsIsSuspendedAndItsEnvelopeNotHandedOver() {
        connect();
        Bytes content = samples.bytes(200_000);
        SealedEnvelope envelope = samples.large(content.size(), 0);
        TestOwner.Spool spool = new TestOwner.Spool();
        hub.onOffer = (offer, reply) -> reply.accept(0, new TransferSink() {
            @Override
            public Optional<Refusal> write(long offset, Bytes data) {
                spool.write(offset, data);
                return Optional.empty();
            }

            @Override
            public Result<Received> finish() {
                line.cut();
                return spool.finish();
            }

            @Override
            public void suspend() {
                spool.suspend();
            }

            @Override
            public void discard() {
                spool.discard();
            }
        });
        TestOwner.Outcome[] outcome = new TestOwner.Outcome[1];
        loop.run(() -> outcome[0] = offerLarge(envelope, Precedence.ROUTINE, content));
        assertThat(outcome[0].word).isEqualTo("lost");
        assertThat(spool.finished).isEqualTo(1);
        assertThat(spool.suspended).isEqualTo(1);
        assertThat(hub.envelopes).isEmpty();
    }

    // ---- overtaking and credit

    @Test
    void urgentEnvelopeOvertakesABulkTransferBetweenItsFrames() {
        line = new Line(loop, 250_000, 20_000_000);
        connect();
        loop.advance(Duration.ofSeconds(1));
        Bytes content = samples.bytes(4_000_000);
        loop.run(() -> offerLarge(samples.large(content.size(), 1), Precedence.ROUTINE, content));
        loop.advance(Duration.ofSeconds(4));
        long start = loop.nanos();
        long[] arrived = new long[1];
        hub.onEnvelope = (e, reply) -> {
            arrived[0] = loop.nanos();
            reply.custody(hub.nextMark());
        };
        loop.run(() -> offer(samples.small(1_000), Precedence.FLASH));
        loop.advance(Duration.ofSeconds(3));
        assertThat(Duration.ofNanos(arrived[0] - start)).isBetween(Duration.ofNanos(1), Duration.ofMillis(900));
        assertThat(up.openTransfers()).isEqualTo(1);
    }

    @Test
    void higherPrecedenceGoesFirstExceptOneFrameInThirtyTwo() {
        line = new Line(loop, 1_000_000, 0);
        connect();
        loop.advance(Duration.ofSeconds(1));
        line.a.sent.clear();
        loop.run(() -> {
            for (int i = 0; i < 60; i++) {
                offer(samples.small(60_000), Precedence.ROUTINE);
                offer(samples.small(60_000), Precedence.VERY_URGENT);
                if (!up.hasRoom(Precedence.VERY_URGENT)) {
                    break;
                }
            }
        });
        loop.advance(Duration.ofSeconds(60));
        List<Precedence> order = order();
        int lastUrgent = order.lastIndexOf(Precedence.VERY_URGENT);
        long routineBefore = order.subList(0, lastUrgent).stream()
                .filter(p -> p == Precedence.ROUTINE)
                .count();
        assertThat(routineBefore).isLessThanOrEqualTo(1 + lastUrgent / 32);
        assertThat(order.size()).isLessThanOrEqualTo(hub.envelopes.size());
    }

    @Test
    void noPrecedenceStarvesBetweenAFloodAboveItAndOneBelow() {
        line = new Line(loop, 1_000_000, 0);
        connect();
        loop.advance(Duration.ofSeconds(1));
        line.a.sent.clear();
        boolean[] flowing = {true};
        hub.onEnvelope = (e, reply) -> {
            reply.custody(hub.nextMark());
            for (Precedence precedence : List.of(Precedence.VERY_URGENT, Precedence.ROUTINE)) {
                while (flowing[0] && up.hasRoom(precedence)) {
                    offer(samples.small(60_000), precedence);
                }
            }
        };
        loop.run(() -> {
            offer(samples.small(60_000), Precedence.ROUTINE);
            offer(samples.small(60_000), Precedence.VERY_URGENT);
        });
        loop.advance(Duration.ofSeconds(5));
        int before = order().size();
        loop.run(() -> offer(samples.small(60_000), Precedence.URGENT));
        loop.advance(Duration.ofSeconds(60));
        flowing[0] = false;
        assertThat(order()).hasSizeGreaterThan(before + 100).contains(Precedence.ROUTINE);
        assertThat(order().indexOf(Precedence.URGENT)).isBetween(before, before + 2 * 32);
    }

    private List<Precedence> order() {
        return frames(line.a.sent)
                .filter(f -> f instanceof Frame.Offer)
                .map(f -> ((Frame.Offer) f).precedence())
                .toList();
    }

    @Test
    void smallOnesOfTheSamePrecedenceDoNotWaitForALargeOne() {
        line = new Line(loop, 1_000_000, 0);
        connect();
        loop.advance(Duration.ofSeconds(1));
        Bytes content = samples.bytes(5_000_000);
        loop.run(() -> offerLarge(samples.large(content.size(), 1), Precedence.ROUTINE, content));
        loop.advance(Duration.ofSeconds(1));
        loop.run(() -> offer(samples.small(500), Precedence.ROUTINE));
        loop.advance(Duration.ofSeconds(1));
        assertThat(hub.envelopes).hasSize(1);
    }

    @Test
    void windowsOfAllSessionsTogetherStayBelowWhatANodeHas() {
        LinkSessions sessions = LinkSessions.start(loop, loop, new TestOwner("A08"), CreditPolicy.fixed(64 * MEBIBYTE));
        for (int count = 1; count <= 200; count++) {
            Line unused = new Line(loop, 0, 0);
            loop.run(() ->
                    unused.a.session = sessions.accepted(new Peer.DirectoryOnly(Hash.of(Bytes.empty())), unused.a));
            long window = sessions.windowBytes(Precedence.ROUTINE, 0);
            assertThat(window).isGreaterThanOrEqualTo(CreditWindows.WINDOW_BYTES_MIN);
            if (count <= 80) {
                assertThat(5 * window * count).isLessThanOrEqualTo(64 * MEBIBYTE);
            }
            assertThat((5 * window + sessions.controlBytes()) * count)
                    .as("%d sessions", count)
                    .isLessThanOrEqualTo(224 * MEBIBYTE);
        }
    }

    @Test
    void everythingPassesThroughTheSmallestWindow() {
        policy = CreditPolicy.fixed(1);
        connect();
        Bytes content = samples.bytes(3_000_000);
        TestOwner.Outcome[] outcomes = new TestOwner.Outcome[3];
        loop.run(() -> {
            outcomes[0] = offerLarge(samples.large(content.size(), 500), Precedence.ROUTINE, content);
            outcomes[1] = offer(samples.small(120_000), Precedence.ROUTINE);
            outcomes[2] = offer(samples.small(120_000), Precedence.ROUTINE);
        });
        loop.advance(Duration.ofSeconds(3));
        assertThat(outcomes).extracting(outcome -> outcome.word).containsOnly("custody");
    }

    @Test
    void neverMoreIsOutstandingThanTheWindow() {
        long window = 700_000;
        policy = CreditPolicy.fixed(window);
        connect();
        List<CustodyReply> held = new ArrayList<>();
        hub.onEnvelope = (e, reply) -> held.add(reply);
        loop.run(() -> {
            while (up.hasRoom(Precedence.ROUTINE)) {
                offer(samples.small(20_000), Precedence.ROUTINE);
            }
        });
        int first = held.size();
        assertThat(first * 20_000L).isLessThan(window);
        assertThat(first).isGreaterThan(20);
        loop.run(() -> held.forEach(reply -> reply.custody(hub.nextMark())));
        assertThat(held.size()).isGreaterThan(first);
        assertThat(hub.ends).isEmpty();
    }

    @Test
    void receiptsMoveWhileEnvelopesHaveNoCredit() {
        policy = CreditPolicy.fixed(0);
        connect();
        TestOwner.Outcome[] outcomes = {new TestOwner.Outcome(), new TestOwner.Outcome()};
        loop.run(() -> {
            up.offer(
                    samples.small(5), Precedence.FLASH, Duration.ZERO, CiphertextSource.of(Bytes.empty()), outcomes[0]);
            up.receipt(samples.receipt(samples.bytes(10)), outcomes[1]);
        });
        assertThat(outcomes[0].word).isEqualTo("open");
        assertThat(outcomes[1].word).isEqualTo("custody");
    }

    @Test
    void ownerHearsWhenRoomComesBackAndNotBefore() {
        policy = (precedence, outstanding, now) -> loop.nanos() < 10_000_000_000L ? 0 : MEBIBYTE;
        connect();
        loop.run(() -> {
            while (up.hasRoom(Precedence.ROUTINE)) {
                offer(samples.small(60_000), Precedence.ROUTINE);
            }
        });
        loop.advance(Duration.ofSeconds(5));
        assertThat(district.rooms).isZero();
        loop.advance(Duration.ofSeconds(6));
        assertThat(district.rooms).isEqualTo(1);
    }

    @Test
    void partsBeyondTheLimitsAreRefusedHereAndNotByThePeer() {
        connect();
        SealedEnvelope good = samples.small(10);
        List<SealedEnvelope> bad = List.of(
                new SealedEnvelope(
                        samples.bytes(98_305), good.slots(), good.ciphertext(), good.statement(), good.seal()),
                new SealedEnvelope(good.core(), good.slots(), good.ciphertext(), Bytes.empty(), good.seal()),
                good.withSlots(List.of(new SealedEnvelope.Slot(0, samples.bytes(2_049)))),
                good.withSlots(List.of(good.slots().get(0), good.slots().get(0))),
                new SealedEnvelope(
                        good.core(),
                        good.slots(),
                        good.ciphertext(),
                        good.statement(),
                        samples.seal(samples.bytes(513))));
        List<TestOwner.Outcome> outcomes = new ArrayList<>();
        loop.run(() -> bad.forEach(e -> outcomes.add(offer(e, Precedence.ROUTINE))));
        assertThat(outcomes).extracting(o -> o.word).containsOnly("unreadable PROTOCOL");
        loop.run(() -> outcomes.add(offer(good, Precedence.ROUTINE)));
        assertThat(outcomes.get(5).word).isEqualTo("custody");
    }

    @Test
    void oneTurnIsOneFlush() {
        connect();
        int before = line.a.flushes;
        loop.run(() -> {
            for (int i = 0; i < 20; i++) {
                offer(samples.small(10), Precedence.of(i % 5).orBug());
            }
        });
        assertThat(line.a.flushes - before).isLessThanOrEqualTo(3);
    }

    // ---- directories, queries, clients

    @Test
    void longDirectoryIsCutAndPutTogetherAgainOnlyWhenAskedFor() {
        connect();
        Bytes directory = samples.bytes(3_000_000);
        loop.run(() -> up.directory(new DirectoryMessage.WantDirectory(2)));
        assertThat(hub.heard).containsExactly(new DirectoryMessage.WantDirectory(2));
        loop.run(() -> down.directory(new DirectoryMessage.Whole(directory)));
        assertThat(district.heard).containsExactly(new DirectoryMessage.Whole(directory));
        loop.run(() -> down.directory(new DirectoryMessage.Delta(samples.bytes(10))));
        assertThat(reason(district.ends.get(0))).isEqualTo(CloseReason.PROTOCOL);
    }

    @Test
    void recordsOfAnySizeArriveUnasked() {
        connect();
        List<Bytes> records = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            records.add(samples.bytes(3_000));
        }
        records.add(50, samples.bytes(2_000_000));
        List<Hash> hashes = records.stream().map(Hash::of).toList();
        loop.run(() -> {
            up.directory(new DirectoryMessage.Hashes(hashes, true));
            up.directory(new DirectoryMessage.WantHashes());
            up.directory(new DirectoryMessage.WantRecords(hashes));
            up.directory(new DirectoryMessage.Records(records));
        });
        assertThat(hub.heard.subList(0, 3))
                .containsExactly(
                        new DirectoryMessage.Hashes(hashes, true),
                        new DirectoryMessage.WantHashes(),
                        new DirectoryMessage.WantRecords(hashes));
        assertThat(hub.heard.stream()
                        .filter(h -> h instanceof DirectoryMessage.Records)
                        .flatMap(h -> ((DirectoryMessage.Records) h).records().stream()))
                .containsExactlyInAnyOrderElementsOf(records);
    }

    @Test
    void questionsAndAnswersPass() {
        connect();
        MessageId id = MessageId.mint(loop.now(), new byte[10]);
        Address address = Address.of(DISTRICT);
        Query query = new Query(List.of(new Query.Question(id, Hash.of(Bytes.empty()), address, address)));
        Known known = new Known(List.of(new Known.Answer(
                id, Hash.of(Bytes.empty()), address, address, HUB, Known.State.HELD, Optional.of(ErrorCode.DISK_LOW))));
        loop.run(() -> {
            up.query(query);
            down.known(known);
        });
        assertThat(hub.heard).containsExactly(query);
        assertThat(district.heard).containsExactly(known);
    }

    @Test
    void questionsBeyondTheRoomStayWithTheOwnerAndDoNotEndTheSession() {
        connect();
        MessageId id = MessageId.mint(loop.now(), new byte[10]);
        Address address = Address.of(DISTRICT);
        Query query = new Query(List.of(new Query.Question(id, Hash.of(Bytes.empty()), address, address)));
        int[] asked = {0};
        Runnable ask = () -> {
            while (asked[0] < 10_000 && up.hasReceiptRoom()) {
                up.query(query);
                asked[0]++;
            }
        };
        district.onRoom = ask;
        loop.run(ask);
        assertThat(up.isReady()).isTrue();
        assertThat(hub.heard).hasSize(10_000);
    }

    @Test
    void aDirectoryUnderWayIsKnownUntilItIsSent() {
        connect();
        loop.run(() -> up.directory(new DirectoryMessage.WantDirectory(2)));
        loop.run(() -> {
            assertThat(down.isSendingDirectory()).isFalse();
            down.directory(new DirectoryMessage.Whole(samples.bytes(3_000_000)));
            assertThat(down.isSendingDirectory()).isTrue();
        });
        assertThat(down.isSendingDirectory()).isFalse();
    }

    @Test
    void peerUnknownToTheDirectoryMayExchangeDirectoriesAndNothingElse() {
        connect(new Peer.Node(HUB), new Peer.DirectoryOnly(Hash.of(Bytes.empty())));
        loop.run(() -> up.directory(new DirectoryMessage.WantDirectory(0)));
        assertThat(hub.heard).hasSize(1);
        loop.run(() -> {
            assertThat(down.hasRoom(Precedence.FLASH)).isFalse();
            up.query(new Query(List.of(new Query.Question(
                    MessageId.mint(loop.now(), new byte[10]),
                    Hash.of(Bytes.empty()),
                    Address.of(HUB),
                    Address.of(HUB)))));
        });
        assertThat(hub.heard).as("what a neighbour says is not heard").hasSize(1);
        assertThat(hub.ends)
                .as("a new hub speaks as a neighbour before it is known as one")
                .isEmpty();
        loop.run(() -> up.directory(new DirectoryMessage.WantDirectory(0)));
        assertThat(hub.heard).hasSize(2);
        loop.run(() -> up.send(new ClientFrame.Lease(List.of(1L), 3)));
        assertThat(reason(hub.ends.get(0))).isEqualTo(CloseReason.PROTOCOL);
    }

    @Test
    void clientFramesPassOnlyBetweenAClientAndItsNode() {
        Address client = Address.parse("A08.10/eoffice").orBug();
        TestOwner node = hub;
        connect(new Peer.Node(HUB), new Peer.Client(Address.of(DISTRICT)));
        loop.run(() -> up.send(new ClientFrame.Attach(client, true, 10)));
        assertThat(node.heard).containsExactly(new ClientFrame.Attach(client, true, 10));
        loop.run(() -> down.send(new ClientFrame.Tracked(1, MessageId.mint(loop.now(), new byte[10]), List.of())));
        assertThat(district.heard).hasSize(1);
        loop.run(() -> down.send(new ClientFrame.Attach(client, true, 10)));
        assertThat(reason(district.ends.get(0))).isEqualTo(CloseReason.PROTOCOL);
    }

    @Test
    void neighbourMayNotSpeakAsAClient() {
        connect();
        loop.run(() -> up.send(new ClientFrame.Lease(List.of(1L), 3)));
        assertThat(reason(hub.ends.get(0))).isEqualTo(CloseReason.PROTOCOL);
        assertThat(hub.heard).isEmpty();
    }

    @Test
    void enrolmentMayEnrolAndReadTheDirectory() {
        district.custodyBack = Optional.empty();
        connect(new Peer.Node(HUB), new Peer.Enrolment(Hash.of(Bytes.empty())));
        loop.run(() -> up.send(new ClientFrame.Enrol(samples.bytes(900))));
        assertThat(hub.heard).hasSize(1);
        loop.run(() -> down.send(new ClientFrame.Enrolled(Optional.of(samples.bytes(900)), Optional.empty())));
        assertThat(district.heard).hasSize(1);
        loop.run(() -> down.directory(new DirectoryMessage.Hashes(List.of(), true)));
        assertThat(district.heard).hasSize(2);
        loop.run(() -> up.send(new ClientFrame.Track(1, MessageId.mint(loop.now(), new byte[10]))));
        assertThat(reason(hub.ends.get(0))).isEqualTo(CloseReason.PROTOCOL);
    }

    // ---- time and ends

    @Test
    void idleSessionLivesByPings() {
        connect();
        loop.advance(Duration.ofMinutes(10));
        assertThat(district.ends).isEmpty();
        assertThat(hub.ends).isEmpty();
        assertThat(frames(line.a.sent).filter(f -> f instanceof Frame.Ping)).hasSizeBetween(20, 70);
    }

    @Test
    void closingTellsThePeerWhyAndLosesWhatWasOpen() {
        connect();
        hub.onEnvelope = (e, reply) -> {};
        TestOwner.Outcome[] outcome = new TestOwner.Outcome[1];
        loop.run(() -> outcome[0] = offer(samples.small(1), Precedence.ROUTINE));
        loop.run(() -> down.close(CloseReason.GOING_AWAY));
        assertThat(district.ends).containsExactly(new LinkEnd.ClosedByPeer(Closing.of(CloseReason.GOING_AWAY)));
        assertThat(hub.ends).containsExactly(new LinkEnd.ClosedHere(Closing.of(CloseReason.GOING_AWAY)));
        assertThat(outcome[0].word).isEqualTo("lost");
        TestOwner.Outcome after = new TestOwner.Outcome();
        loop.run(() -> up.offer(
                samples.small(1), Precedence.ROUTINE, Duration.ZERO, CiphertextSource.of(Bytes.empty()), after));
        assertThat(after.word).isEqualTo("lost");
    }

    @Test
    void answersAfterTheEndHaveNoEffect() {
        connect();
        List<CustodyReply> held = new ArrayList<>();
        hub.onEnvelope = (e, reply) -> held.add(reply);
        loop.run(() -> offer(samples.small(1), Precedence.ROUTINE));
        loop.run(() -> down.close(CloseReason.STORE_STOPPED));
        loop.run(() -> held.get(0).custody(hub.nextMark()));
        assertThat(hub.ends).hasSize(1);
    }
}
