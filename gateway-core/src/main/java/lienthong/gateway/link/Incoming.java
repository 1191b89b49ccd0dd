package lienthong.gateway.link;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import lienthong.gateway.link.Shape.Malformed;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SignedReceipt;
import org.jspecify.annotations.Nullable;

/**
 * What has arrived in one session and is not answered yet, and how much more may come. Everything is charged against the credit granted before
 * anything else happens to it. Confined to the loop.
 */
final class Incoming {
    /** A record in pieces: a revocation list of 4 MiB with what is around it. */
    private static final int LONG_RECORD_BYTES_MAX = 4 * 1024 * 1024 + DirectoryMessage.RECORD_BYTES_MAX;

    /** A transfer that found no room in the middle may be offered again after this. */
    private static final Duration NO_ROOM_RETRY = Duration.ofSeconds(30);
    /** Transfers given up here whose last frames may still be under way. */
    private static final int GIVEN_UP_MAX = 1_024;

    private final LinkSession session;
    private final LinkSessions home;
    private final LinkOwner owner;
    private final CreditWindows credit = new CreditWindows();
    private final long[] windowBytes = new long[CreditWindows.WINDOWS];
    private final Heard heard = new Heard();
    private final Map<Long, InTransfer> transfers = new HashMap<>();
    /** Items given up in the middle, with their windows. */
    private final TreeMap<Long, Integer> givenUp = new TreeMap<>();

    private final @Nullable InTransfer[] announced = new @Nullable InTransfer[Precedence.values().length];
    /** Items without an answer. */
    private final TreeSet<Long> open = new TreeSet<>();
    /** Answers to send: first these, in order, then custody. */
    private final ArrayDeque<Frame> answers = new ArrayDeque<>();

    private final TreeSet<Long> inCustody = new TreeSet<>();
    private @Nullable CustodyMark newestMark;
    private long lastItem;

    /** Asks of this side that may still be answered; a neighbour with nothing newer answers none. */
    private int directoriesWanted;

    private int pieceKind;
    private long pieceTotal;
    private long pieceGot;
    private List<Bytes> pieces = new ArrayList<>();

    Incoming(LinkSession session, LinkSessions home) {
        this.session = session;
        this.home = home;
        this.owner = home.owner();
    }

    // ---- credit

    /** Asks the policy anew; at the start and once a second. */
    void judgeWindows() {
        for (Precedence precedence : Precedence.values()) {
            int window = precedence.number();
            windowBytes[window] =
                    session.carriesEnvelopes() ? home.windowBytes(precedence, credit.outstanding(window)) : 0;
        }
        windowBytes[CreditWindows.CONTROL] = home.controlBytes();
    }

    private void charge(int window, long cost) throws Breach {
        if (!credit.use(window, cost)) {
            throw new Breach(
                    CloseReason.CREDIT,
                    "window " + window + ": " + cost + " bytes where " + credit.left(window) + " were left");
        }
    }

    /** A frame of the control window that needs no answer. */
    void chargeControl(int size) throws Breach {
        charge(CreditWindows.CONTROL, size);
        credit.dispose(CreditWindows.CONTROL, size);
    }

    // ---- what arrives

    void said(Frame.SaidRoot f) throws Malformed {
        heard.root(f.number(), f.root());
    }

    void said(Frame.SaidEnc f) throws Malformed {
        heard.enc(f.number(), f.enc());
    }

    void offer(Frame.Offer f, int size) throws Breach, Malformed {
        int window = f.precedence().number();
        int count = f.wholes().size();
        charge(window, size + (long) CreditWindows.ITEM_COST * count);
        newItems(f.firstItem(), count);
        // All or none of a frame: a reference that cannot be followed closes the session before the owner hears of its
        // neighbours.
        List<IncomingEnvelope> envelopes = new ArrayList<>(count);
        for (Frame.Whole whole : f.wholes()) {
            SealedEnvelope envelope = new SealedEnvelope(
                    whole.core(),
                    heard.slots(whole.slots()),
                    new SealedEnvelope.Ciphertext.Inline(whole.ciphertext()),
                    whole.statement(),
                    heard.seal(whole.seal()));
            envelopes.add(new IncomingEnvelope(
                    envelope,
                    InlineRoot.of(whole.ciphertext()),
                    f.precedence(),
                    Duration.ofMillis(whole.ageMs()),
                    f.directory()));
        }
        long shared = size;
        for (int i = 0; i < count && !session.isOver(); i++) {
            long share = i == count - 1 ? shared : size / count;
            shared -= share;
            owner.onEnvelope(
                    session,
                    envelopes.get(i),
                    new ItemReply(f.firstItem() + i, window, share + CreditWindows.ITEM_COST));
        }
    }

    void offer(Frame.OfferLarge f, int size) throws Breach {
        int window = f.precedence().number();
        charge(window, size + CreditWindows.ITEM_COST);
        newItems(f.item(), 1);
        if (announced[window] != null) {
            throw new Breach(CloseReason.PROTOCOL, "large offer before the slots of the last one");
        }
        if (transfers.size() == Limits.OPEN_TRANSFERS_MAX) {
            throw new Breach(CloseReason.PROTOCOL, "more than " + Limits.OPEN_TRANSFERS_MAX + " open transfers");
        }
        InTransfer transfer = new InTransfer(
                f, new Age(Duration.ofMillis(f.ageMs()), home.clock().nanos()));
        transfer.heldCost = (long) size + CreditWindows.ITEM_COST;
        transfers.put(f.item(), transfer);
        if (f.slots() == 0) {
            judge(transfer);
        } else {
            announced[window] = transfer;
        }
    }

    void slots(Frame.Slots f, int size) throws Breach, Malformed {
        InTransfer transfer = transfers.get(f.item());
        if (transfer == null || announced[transfer.window()] != transfer) {
            throw new Breach(CloseReason.PROTOCOL, "slots of item " + f.item() + ", which waits for none");
        }
        charge(transfer.window(), size);
        transfer.heldCost += size;
        for (SealedEnvelope.Slot slot : heard.slots(f.slots())) {
            int last = transfer.slots.isEmpty()
                    ? -1
                    : transfer.slots.get(transfer.slots.size() - 1).number();
            transfer.slotsBytes += slot.bytes().size();
            if (slot.number() <= last
                    || transfer.slots.size() == transfer.offer.slots()
                    || transfer.slotsBytes > Limits.SLOTS_BYTES_MAX) {
                throw new Breach(CloseReason.PROTOCOL, "slots of item " + f.item());
            }
            transfer.slots.add(slot);
        }
        if (transfer.slots.size() == transfer.offer.slots()) {
            announced[transfer.window()] = null;
            judge(transfer);
        } else {
            // Held slots are bounded by their own limit, one announced item per precedence; their credit goes back so
            // that all can come.
            credit.dispose(transfer.window(), transfer.heldCost);
            transfer.heldCost = 0;
        }
    }

    private void judge(InTransfer transfer) {
        Frame.OfferLarge f = transfer.offer;
        owner.onOffer(
                session,
                new IncomingOffer(
                        f.core(),
                        transfer.slots,
                        f.ciphertextLength(),
                        f.precedence(),
                        Duration.ofMillis(f.ageMs()),
                        f.directory()),
                new Judgement(transfer));
    }

    void data(Frame.Data f, int size) throws Breach {
        if (isGivenUp(f.item(), size)) {
            return;
        }
        InTransfer transfer = transfers.get(f.item());
        if (transfer == null || transfer.sink == null || transfer.ended) {
            throw new Breach(CloseReason.PROTOCOL, "data of item " + f.item() + ", which waits for none");
        }
        charge(transfer.window(), size);
        long end = transfer.offer.ciphertextLength();
        int length = f.bytes().size();
        if (f.offset() != transfer.expected || length > end - f.offset()) {
            credit.dispose(transfer.window(), size);
            wrongOffset(transfer, f.offset(), f.offset() + length);
            return;
        }
        transfer.faultyNext = -1;
        transfer.expected += length;
        TransferSink sink = transfer.sink;
        home.loop()
                .<Optional<Refusal>>offload(
                        transfer.lane,
                        () -> {
                            if (transfer.sinkRefused.isEmpty()) {
                                transfer.sinkRefused = sink.write(f.offset(), f.bytes());
                            }
                            return transfer.sinkRefused;
                        },
                        refused -> {
                            if (!session.isOver()) {
                                credit.dispose(transfer.window(), size);
                                refused.ifPresent(why -> giveUp(transfer, sink, why));
                                home.dirty(session);
                            }
                        });
    }

    /** The sink takes no more: the sender keeps custody and comes again later; what it has under way of this item is dropped. */
    private void giveUp(InTransfer transfer, TransferSink sink, Refusal why) {
        long item = transfer.offer.item();
        if (transfers.remove(item) == null) {
            return;
        }
        open.remove(item);
        if (!transfer.ended) {
            givenUp.put(item, transfer.window());
            if (givenUp.size() > GIVEN_UP_MAX) {
                givenUp.pollFirstEntry();
            }
        }
        suspend(transfer.lane, sink);
        answers.add(new Frame.Reject(item, settling(why), true, 0, Optional.of(NO_ROOM_RETRY)));
        home.dirty(session);
    }

    /** Whether a frame is one of the last of such an item. */
    private boolean isGivenUp(long item, int size) throws Breach {
        Integer window = givenUp.get(item);
        if (window == null) {
            return false;
        }
        charge(window, size);
        credit.dispose(window, size);
        return true;
    }

    /** The first is answered with where to go on; what was already under way behind it is dropped; a second one is no accident. */
    private void wrongOffset(InTransfer transfer, long offset, long next) throws Breach {
        if (transfer.faultyNext >= 0 && offset == transfer.faultyNext) {
            transfer.faultyNext = next;
            return;
        }
        transfer.faults++;
        if (transfer.faults > 1) {
            throw new Breach(CloseReason.PROTOCOL, "second wrong offset of item " + transfer.offer.item());
        }
        transfer.faultyNext = next;
        answers.add(new Frame.Reject(
                transfer.offer.item(),
                Refusal.of(ErrorCode.OFFSET, "go on from {0}", transfer.expected),
                false,
                transfer.expected));
    }

    void end(Frame.End f, int size) throws Breach, Malformed {
        if (isGivenUp(f.item(), size)) {
            givenUp.remove(f.item());
            return;
        }
        InTransfer transfer = transfers.get(f.item());
        if (transfer == null || transfer.sink == null || transfer.ended) {
            throw new Breach(CloseReason.PROTOCOL, "end of item " + f.item() + ", which waits for none");
        }
        charge(transfer.window(), size);
        credit.dispose(transfer.window(), size);
        long length = transfer.offer.ciphertextLength();
        if (transfer.expected != length) {
            wrongOffset(transfer, length, length);
            return;
        }
        transfer.ended = true;
        transfer.statement = f.statement();
        transfer.seal = heard.seal(f.seal());
        TransferSink sink = transfer.sink;
        home.loop()
                .<Result<TransferSink.Received>>offload(
                        transfer.lane,
                        () -> transfer.sinkRefused.isPresent() ? Result.no(transfer.sinkRefused.get()) : sink.finish(),
                        received -> finished(transfer, sink, received));
    }

    private void finished(InTransfer transfer, TransferSink sink, Result<TransferSink.Received> finished) {
        if (session.isOver()) {
            suspend(transfer.lane, sink);
            return;
        }
        if (!(finished instanceof Result.Ok<TransferSink.Received> ok)) {
            giveUp(transfer, sink, finished.refusal());
            return;
        }
        TransferSink.Received received = ok.value();
        Frame.OfferLarge f = transfer.offer;
        SealedEnvelope.Seal seal = transfer.seal;
        if (seal == null || received.place().length() != f.ciphertextLength()) {
            throw new Bug("sink finished with " + received.place().length() + " bytes");
        }
        transfers.remove(f.item());
        SealedEnvelope envelope =
                new SealedEnvelope(f.core(), transfer.slots, received.place(), transfer.statement, seal);
        Duration age = Duration.ofMillis(transfer.age.millisAt(home.clock().nanos()));
        owner.onEnvelope(
                session,
                new IncomingEnvelope(envelope, received.root(), f.precedence(), age, f.directory()),
                new ItemReply(f.item(), f.precedence().number(), 0));
    }

    void abandoned(Frame.Abandoned f, int size) throws Breach {
        if (isGivenUp(f.item(), size)) {
            givenUp.remove(f.item());
            return;
        }
        InTransfer transfer = transfers.get(f.item());
        if (transfer == null || transfer.sink == null || transfer.ended) {
            throw new Breach(CloseReason.PROTOCOL, "end of item " + f.item() + ", which waits for none");
        }
        charge(transfer.window(), size);
        credit.dispose(transfer.window(), size);
        transfers.remove(f.item());
        open.remove(f.item());
        TransferSink sink = transfer.sink;
        home.loop()
                .<Boolean>offload(
                        transfer.lane,
                        () -> {
                            sink.discard();
                            return true;
                        },
                        done -> {});
    }

    void receipts(Frame.Receipts f, int size) throws Breach, Malformed {
        int count = f.receipts().size();
        charge(CreditWindows.CONTROL, size + (long) CreditWindows.ITEM_COST * count);
        newItems(f.firstItem(), count);
        List<CarriedReceipt> receipts = new ArrayList<>(count);
        List<CustodyReply> replies = new ArrayList<>(count);
        long shared = size;
        for (int i = 0; i < count; i++) {
            Frame.WireReceipt receipt = f.receipts().get(i);
            long share = i == count - 1 ? shared : size / count;
            shared -= share;
            receipts.add(
                    new CarriedReceipt(receipt.to(), new SignedReceipt(receipt.text(), heard.seal(receipt.seal()))));
            replies.add(new ItemReply(f.firstItem() + i, CreditWindows.CONTROL, share + CreditWindows.ITEM_COST));
        }
        owner.onReceipts(session, receipts, replies);
    }

    void notice(Frame.Notice f, int size) throws Breach {
        charge(CreditWindows.CONTROL, size + CreditWindows.ITEM_COST);
        newItems(f.item(), 1);
        owner.onNotice(
                session, f.notice(), new ItemReply(f.item(), CreditWindows.CONTROL, size + CreditWindows.ITEM_COST));
    }

    private void newItems(long first, int count) throws Breach {
        if (first != lastItem + 1) {
            throw new Breach(CloseReason.PROTOCOL, "item " + first + " after " + lastItem);
        }
        for (int i = 0; i < count; i++) {
            lastItem++;
            open.add(lastItem);
        }
    }

    // ---- directories in pieces

    void directoryWanted() {
        directoriesWanted++;
    }

    void piece(Frame.Piece f) throws Breach {
        boolean asked = f.kind() == Frame.Piece.RECORD || directoriesWanted > 0;
        int max = f.kind() == Frame.Piece.RECORD ? LONG_RECORD_BYTES_MAX : Limits.DIRECTORY_BYTES_MAX;
        if (f.offset() == 0 && pieceGot == 0) {
            pieceKind = f.kind();
            pieceTotal = f.total();
        }
        boolean follows = f.kind() == pieceKind && f.total() == pieceTotal && f.offset() == pieceGot;
        if (!asked || !follows || f.total() > max || f.bytes().size() > f.total() - f.offset()) {
            throw new Breach(CloseReason.PROTOCOL, "piece of kind " + f.kind() + " at " + f.offset());
        }
        pieces.add(f.bytes());
        pieceGot += f.bytes().size();
        if (pieceGot < pieceTotal) {
            return;
        }
        byte[] whole = new byte[(int) pieceTotal];
        int at = 0;
        for (Bytes piece : pieces) {
            piece.copyTo(whole, at);
            at += piece.size();
        }
        pieces = new ArrayList<>();
        pieceGot = 0;
        Bytes bytes = Bytes.ofOwned(whole);
        if (f.kind() == Frame.Piece.RECORD) {
            owner.onDirectory(session, new DirectoryMessage.Records(List.of(bytes)));
            return;
        }
        directoriesWanted--;
        owner.onDirectory(
                session,
                f.kind() == Frame.Piece.DIRECTORY
                        ? new DirectoryMessage.Whole(bytes)
                        : new DirectoryMessage.Delta(bytes));
    }

    // ---- answers

    /** The owner's answer to an item that has arrived whole. */
    private final class ItemReply implements CustodyReply {
        private final long item;
        private final int window;
        private final long cost;
        private boolean answered;

        ItemReply(long item, int window, long cost) {
            this.item = item;
            this.window = window;
            this.cost = cost;
        }

        @Override
        public void custody(CustodyMark mark) {
            if (settle()) {
                inCustody.add(item);
                newer(mark);
            }
        }

        @Override
        public void have(CustodyMark mark) {
            if (settle()) {
                answers.add(new Frame.Have(item, mark));
            }
        }

        @Override
        public void reject(Refusal refusal, boolean advice) {
            if (settle()) {
                answers.add(new Frame.Reject(item, settling(refusal), advice, 0));
            }
        }

        @Override
        public void busy(Refusal refusal, boolean advice, Duration retryAfter) {
            if (settle()) {
                answers.add(new Frame.Reject(item, settling(refusal), advice, 0, Optional.of(retryAfter)));
            }
        }

        private boolean settle() {
            home.loop().checkInLoop();
            Invariant.check(!answered, "item %d answered twice", item);
            answered = true;
            if (session.isOver()) {
                return false;
            }
            open.remove(item);
            credit.dispose(window, cost);
            home.dirty(session);
            return true;
        }
    }

    /** The owner's answer to a large offer. */
    private final class Judgement implements OfferReply {
        private final InTransfer transfer;
        private boolean answered;

        Judgement(InTransfer transfer) {
            this.transfer = transfer;
        }

        @Override
        public void accept(long offset, TransferSink sink) {
            Invariant.check(
                    offset >= 0 && offset <= transfer.offer.ciphertextLength(), "accepted at offset %d", offset);
            if (!judged()) {
                suspend(home.newLane(), sink);
                return;
            }
            transfer.sink = sink;
            transfer.lane = home.newLane();
            transfer.expected = offset;
            answers.add(new Frame.Accept(transfer.offer.item(), offset));
        }

        @Override
        public void have(CustodyMark mark) {
            if (judged()) {
                settle(new Frame.Have(transfer.offer.item(), mark));
            }
        }

        @Override
        public void reject(Refusal refusal, boolean advice) {
            if (judged()) {
                settle(new Frame.Reject(transfer.offer.item(), settling(refusal), advice, 0));
            }
        }

        @Override
        public void busy(Refusal refusal, boolean advice, Duration retryAfter) {
            if (judged()) {
                settle(new Frame.Reject(transfer.offer.item(), settling(refusal), advice, 0, Optional.of(retryAfter)));
            }
        }

        private boolean judged() {
            home.loop().checkInLoop();
            Invariant.check(!answered, "offer %d answered twice", transfer.offer.item());
            answered = true;
            if (session.isOver()) {
                return false;
            }
            credit.dispose(transfer.window(), transfer.heldCost);
            transfer.heldCost = 0;
            home.dirty(session);
            return true;
        }

        private void settle(Frame answer) {
            transfers.remove(transfer.offer.item());
            open.remove(transfer.offer.item());
            answers.add(answer);
        }
    }

    /** {@code OFFSET} has a meaning of its own on the wire and settles nothing. */
    private static Refusal settling(Refusal refusal) {
        Invariant.check(refusal.reason() != ErrorCode.OFFSET, "an item is not rejected for its offset");
        return refusal;
    }

    private void newer(CustodyMark mark) {
        if (newestMark == null
                || mark.number() > newestMark.number()
                || !mark.incarnation().equals(newestMark.incarnation())) {
            newestMark = mark;
        }
    }

    /** Sends the next answer or grant; false when there is none. */
    boolean sendOne() {
        Frame answer = answers.poll();
        if (answer != null) {
            session.send(answer);
            return true;
        }
        if (!inCustody.isEmpty() && newestMark != null) {
            session.send(custody(newestMark));
            return true;
        }
        List<Frame.Grant> grants = credit.due(windowBytes);
        if (!grants.isEmpty()) {
            session.send(new Frame.Credit(grants));
            return true;
        }
        return false;
    }

    private Frame custody(CustodyMark mark) {
        long upTo = open.isEmpty() ? lastItem : open.first() - 1;
        inCustody.headSet(upTo, true).clear();
        List<Frame.ItemRange> also = new ArrayList<>();
        while (!inCustody.isEmpty() && also.size() < FrameShapes.RANGES_MAX) {
            long first = inCustody.first();
            long last = first;
            while (inCustody.remove(last)) {
                last++;
            }
            also.add(new Frame.ItemRange(first, last - 1));
        }
        return new Frame.Custody(upTo, also, mark);
    }

    // ---- the session's time

    /** Whether the peer could send and should: it has an accepted transfer open and credit for it. */
    boolean isDue() {
        for (InTransfer transfer : transfers.values()) {
            boolean complete = transfer.ended;
            if (transfer.isJudged()
                    && !complete
                    && credit.left(transfer.window()) >= CreditWindows.WINDOW_BYTES_MIN / 2) {
                return true;
            }
        }
        return false;
    }

    int openTransfers() {
        return transfers.size();
    }

    /** Leaves every sink so that another session can go on from it. */
    void suspendAll() {
        for (InTransfer transfer : transfers.values()) {
            if (transfer.sink != null && !transfer.ended) {
                suspend(transfer.lane, transfer.sink);
            }
        }
        transfers.clear();
        Arrays.fill(announced, null);
        pieces = new ArrayList<>();
    }

    private void suspend(long lane, TransferSink sink) {
        home.loop()
                .<Boolean>offload(
                        lane,
                        () -> {
                            sink.suspend();
                            return true;
                        },
                        done -> {});
    }
}
