package lienthong.gateway.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.CoreCodec;
import lienthong.gateway.envelope.EnvelopeWire;
import lienthong.gateway.envelope.Notice;
import lienthong.gateway.envelope.NoticeSigner;
import lienthong.gateway.envelope.SignedNotice;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.identity.ClientKeys;
import lienthong.gateway.link.CiphertextSource;
import lienthong.gateway.link.ClientFrame;
import lienthong.gateway.link.CustodyMark;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.link.TransferOutcome;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is sealed and must reach the node: offered until the node has custody or refuses for good. A retry sends the stored bytes. Confined to the
 * loop.
 */
final class Outbox {
    private static final Logger LOG = LoggerFactory.getLogger("lienthong.client");
    /** Changes of the state, one after another. */
    private static final long STATE_LANE = -22;

    /** The node asks as soon as it knows a recipient's new keys; they come here behind its question. */
    private static final Duration UNTIL_RECORDS_COME = Duration.ofMillis(500);

    private static final int RECORD_TRIES_MAX = 60;
    private static final Duration RETRY_FIRST = Duration.ofMillis(250);
    private static final Duration RETRY_MAX = Duration.ofSeconds(30);
    /** A node that asks for a longer wait is asked again after this. */
    private static final Duration ASKED_MAX = Duration.ofMinutes(5);

    private final Loop loop;
    private final Clock clock;
    private final ClientKeys keys;
    private final ClientState state;
    private final CiphertextFolder folder;
    private final Supplier<DirectoryView> directory;
    private final Map<MessageId, Item> items = new HashMap<>();
    private final List<Item> waiting = new ArrayList<>();
    private Optional<LinkSession> session = Optional.empty();

    /** Numbers that came to nothing and of which the node does not know yet. */
    private final Map<MessageId, Change.Refused> gaps = new LinkedHashMap<>();

    private final ArrayDeque<Skip> skips = new ArrayDeque<>();
    private final Map<MessageId, Integer> skipsOpen = new HashMap<>();
    private final Set<MessageId> skipsKnown = new HashSet<>();

    /** One envelope until it has left. */
    private static final class Item {
        final Change.Sealed change;
        final SealedEnvelope envelope;
        final Header header;
        final List<CompletableFuture<Submission>> answers = new ArrayList<>();
        int tries;

        Item(Change.Sealed change, SealedEnvelope envelope, Header header) {
            this.change = change;
            this.envelope = envelope;
            this.header = header;
        }
    }

    /**
     * A notice to be sent.
     *
     * @param id of the message whose numbers it closes; empty for a re-wrap
     */
    private record Skip(Optional<MessageId> id, Bytes notice) {}

    Outbox(
            Loop loop,
            Clock clock,
            ClientKeys keys,
            ClientState state,
            CiphertextFolder folder,
            Supplier<DirectoryView> directory) {
        this.loop = loop;
        this.clock = clock;
        this.keys = keys;
        this.state = state;
        this.folder = folder;
        this.directory = directory;
    }

    /** Takes up what an earlier run left; before the first session. */
    void recover(List<Change.Sealed> unsent, List<Change.Refused> refused) {
        refused.forEach(one -> gaps.put(one.id(), one));
        for (Change.Sealed change : unsent) {
            Result<SealedEnvelope> envelope = EnvelopeWire.ofBytes(change.envelope());
            Result<Header> header = envelope.then(stored -> CoreCodec.decode(stored.core(), null));
            if (header instanceof Result.Ok<Header> ok) {
                Item item = new Item(change, envelope.orBug(), ok.value());
                items.put(change.id(), item);
                waiting.add(item);
            } else {
                LOG.error("message {} of an earlier run cannot be read: {}", change.id(), header.refusal());
            }
        }
    }

    /** Takes a new one; {@code answer} is completed when the node has it or refuses it. */
    void add(Sealing.Outcome.Ready ready, CompletableFuture<Submission> answer) {
        Item item = new Item(ready.change(), ready.envelope(), ready.header());
        item.answers.add(answer);
        items.put(ready.change().id(), item);
        waiting.add(item);
        pump();
    }

    /** Completes {@code answer} with the end of a message that may be under way still. */
    void await(Change.Claim claim, CompletableFuture<Submission> answer) {
        Item item = items.get(claim.id());
        if (item == null) {
            answer.complete(new Submission.Accepted(claim.id(), claim.at()));
        } else {
            item.answers.add(answer);
        }
    }

    boolean holds(MessageId id) {
        return items.containsKey(id);
    }

    // ---- session

    void onReady(LinkSession ready) {
        session = Optional.of(ready);
        pump();
        pumpSkips();
    }

    void onClosed() {
        session = Optional.empty();
        skips.clear();
        skipsOpen.clear();
        skipsKnown.clear();
    }

    /** Offers what waits, urgent first and in each precedence the oldest first, while there is room. */
    void pump() {
        if (session.isEmpty() || waiting.isEmpty()) {
            pumpSkips();
            return;
        }
        LinkSession up = session.get();
        waiting.sort(Comparator.comparing((Item item) -> item.header.precedence())
                .reversed()
                .thenComparing(item -> item.change.id()));
        for (Item item : List.copyOf(waiting)) {
            if (!up.isReady()) {
                return;
            }
            boolean large = LinkSession.isLarge(item.envelope);
            if (large ? up.hasRoomForLarge(item.header.precedence()) : up.hasRoom(item.header.precedence())) {
                waiting.remove(item);
                offer(up, item);
            }
        }
        pumpSkips();
    }

    private void offer(LinkSession up, Item item) {
        Instant now = clock.now();
        Duration age = Duration.between(item.header.created(), now);
        Hash core = Hash.of(item.envelope.core());
        CiphertextSource source = item.envelope.ciphertext() instanceof SealedEnvelope.Ciphertext.Inline inline
                ? CiphertextSource.of(inline.bytes())
                : folder.outgoing(core, item.envelope.ciphertext().length());
        up.offer(
                item.envelope,
                item.header.precedence(),
                age.isNegative() ? Duration.ZERO : age,
                source,
                new TransferOutcome() {
                    @Override
                    public void custody(CustodyMark mark) {
                        handed(item, core);
                    }

                    @Override
                    public void have(CustodyMark mark) {
                        handed(item, core);
                    }

                    @Override
                    public void rejected(Refusal refusal, boolean advice) {
                        if (refusal.reason().retry() == ErrorCode.Retry.LATER) {
                            again(item, refusal, Duration.ZERO);
                        } else {
                            refused(item, core, refusal);
                        }
                    }

                    @Override
                    public void busy(Refusal refusal, boolean advice, Duration retryAfter) {
                        again(item, refusal, retryAfter);
                    }

                    @Override
                    public void unreadable(Refusal refusal) {
                        refused(item, core, refusal);
                    }

                    @Override
                    public void lost() {
                        waiting.add(item);
                    }
                });
    }

    private void handed(Item item, Hash core) {
        loop.offload(
                STATE_LANE,
                () -> {
                    state.handed(item.change.id());
                    folder.removeOutgoing(core);
                    return clock.now();
                },
                at -> end(item, new Submission.Accepted(item.change.id(), at)));
    }

    private void again(Item item, Refusal why, Duration atLeast) {
        LOG.info("message {}: {}; offered again", item.change.id(), why);
        Duration doubled = RETRY_FIRST.multipliedBy(1L << Math.min(item.tries, 8));
        Duration own = doubled.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : doubled;
        Duration asked = atLeast.compareTo(ASKED_MAX) > 0 ? ASKED_MAX : atLeast;
        item.tries++;
        loop.schedule((own.compareTo(asked) < 0 ? asked : own).toNanos(), () -> {
            waiting.add(item);
            pump();
        });
    }

    private void refused(Item item, Hash core, Refusal why) {
        Change.Refused change = new Change.Refused(
                item.change.id(),
                why.reason(),
                item.change.streams().stream()
                        .map(stream -> new Change.Gap(stream.recipient(), stream.last()))
                        .toList());
        loop.offload(
                STATE_LANE,
                () -> {
                    state.refused(change);
                    folder.removeOutgoing(core);
                    return true;
                },
                done -> {
                    gaps.put(change.id(), change);
                    end(item, new Submission.Refused(why));
                    pumpSkips();
                });
    }

    private void end(Item item, Submission end) {
        items.remove(item.change.id());
        item.answers.forEach(answer -> answer.complete(end));
    }

    // ---- slots made anew

    /** The node asks; a re-wrap that does not reach it is asked for again when this client comes the next time. */
    void wrapAnew(ClientFrame.WrapAnew asked, Sealing sealing) {
        wrapAnew(asked, sealing, 0, session);
    }

    private void wrapAnew(ClientFrame.WrapAnew asked, Sealing sealing, int tries, Optional<LinkSession> in) {
        if (in.isEmpty() || !session.equals(in)) {
            return;
        }
        loop.offload(STATE_LANE, () -> sealing.wrapAnew(asked.envelope(), asked.recipient()), made -> {
            if (made instanceof Result.Ok<Bytes> notice) {
                LOG.info("a slot was made anew for {}, whose keys changed", asked.recipient());
                skips.add(new Skip(Optional.empty(), notice.value()));
                pumpSkips();
            } else if (Sealing.mayBeWrappedLater(made.refusal()) && tries < RECORD_TRIES_MAX) {
                loop.schedule(UNTIL_RECORDS_COME.toNanos(), () -> wrapAnew(asked, sealing, tries + 1, in));
            } else {
                LOG.info("no slot is made anew for {}: {}", asked.recipient(), made.refusal());
            }
        });
    }

    // ---- numbers that came to nothing

    private void pumpSkips() {
        if (session.isEmpty()) {
            return;
        }
        for (Change.Refused refused : gaps.values()) {
            if (skipsKnown.add(refused.id())) {
                sign(refused);
            }
        }
        LinkSession up = session.get();
        while (up.hasReceiptRoom() && !skips.isEmpty()) {
            Skip skip = skips.remove();
            up.notice(skip.notice(), new TransferOutcome() {
                @Override
                public void custody(CustodyMark mark) {
                    skip.id().ifPresent(id -> told(id));
                }

                @Override
                public void have(CustodyMark mark) {
                    skip.id().ifPresent(id -> told(id));
                }

                @Override
                public void rejected(Refusal refusal, boolean advice) {
                    // In the next session once more; a gap blocks only what asks for order.
                    LOG.info("a notice was not taken: {}", refusal);
                }

                @Override
                public void unreadable(Refusal refusal) {
                    rejected(refusal, false);
                }

                @Override
                public void lost() {
                    // Signed and told again in the next session.
                }
            });
        }
    }

    private void sign(Change.Refused refused) {
        DirectoryView view = directory.get();
        Instant now = clock.now();
        loop.offload(
                STATE_LANE,
                () -> {
                    List<Bytes> notices = new ArrayList<>();
                    for (Change.Gap gap : refused.gaps()) {
                        Result<SignedNotice> signed = NoticeSigner.sign(
                                new Notice.Skip(
                                        view.network(),
                                        keys.address(),
                                        keys.signingKey().certificate().hash(),
                                        keys.incarnation(),
                                        gap.recipient(),
                                        gap.number(),
                                        refused.reason(),
                                        now,
                                        view.version()),
                                keys.signingKey(),
                                now);
                        if (signed instanceof Result.Ok<SignedNotice> ok) {
                            notices.add(EnvelopeWire.noticeBytes(ok.value()));
                        }
                    }
                    return notices;
                },
                notices -> {
                    if (session.isPresent() && notices.size() == refused.gaps().size()) {
                        skipsOpen.put(refused.id(), notices.size());
                        notices.forEach(notice -> skips.add(new Skip(Optional.of(refused.id()), notice)));
                        pumpSkips();
                    }
                });
    }

    private void told(MessageId id) {
        Integer open = skipsOpen.computeIfPresent(id, (same, count) -> count - 1);
        if (open != null && open == 0) {
            gaps.remove(id);
            loop.offload(
                    STATE_LANE,
                    () -> {
                        state.closed(id);
                        return true;
                    },
                    done -> {});
        }
    }

    /** Nothing more will happen: whoever waits is told. */
    void stop(Refusal why) {
        items.values()
                .forEach(item -> item.answers.forEach(
                        answer -> answer.complete(new Submission.Busy(Optional.of(item.change.id()), why, RETRY_MAX))));
    }
}
