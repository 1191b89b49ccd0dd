package lienthong.gateway.link;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import org.jspecify.annotations.Nullable;

/**
 * What one session still has to send, and what of it the peer has not answered yet. Frame by frame it decides what goes next: control first,
 * then the highest precedence that has credit, but one frame in 32 to the one that has waited longest unless flash waits. Confined to the loop.
 */
final class Outgoing {
    /** An envelope up to this rides whole: a twentieth of a second on a line of 20 Mbit/s, half a second on 2 Mbit/s. */
    static final int WHOLE_BYTES_MAX = 128 * 1024;
    /** Waiting here per precedence; what waits longer stays in the owner's queue, which orders better. */
    static final int QUEUED_ITEMS_MAX = 256;

    static final int QUEUED_BYTES_MAX = 1024 * 1024;
    /** Open per precedence: five times this is below {@link Limits#OPEN_TRANSFERS_MAX}. */
    static final int TRANSFERS_MAX = 8;
    /** Here at most, open or waiting to be announced: some that look small need a transfer for their many slots. */
    private static final int TRANSFERS_KEPT_MAX = 2 * TRANSFERS_MAX;
    /** Receipts and notices waiting; and how much talk may wait before the owner is told that there is no room. */
    static final int NOTES_MAX = 1_024;
    /** Sent and not answered. */
    private static final int UNANSWERED_MAX = 16_384;
    /** Queries, answers, client frames waiting; a peer that lets more pile up is too slow. */
    private static final int TALK_MAX = 4_096;

    private static final int READ_BYTES_MAX = 2 * FrameShapes.DATA_BYTES_MAX;
    private static final int CHUNKS_MAX = 4;
    /** What a frame may hold of estimated sizes. */
    private static final int FILL_MAX = Limits.FRAME_BYTES_MAX - Limits.FRAME_OVERHEAD_BYTES;

    private static final int LOWER_TURN = 32;

    private final LinkSession session;
    private final LinkSessions home;
    private final Pace pace;
    private final CreditWindows credit = new CreditWindows();
    private final Spoken spoken = new Spoken();
    private final Lane[] lanes = new Lane[Precedence.values().length];
    private final ArrayDeque<Note> notes = new ArrayDeque<>();
    private final ArrayDeque<Frame> talk = new ArrayDeque<>();
    private final ArrayDeque<Pieces> pieces = new ArrayDeque<>();
    private final TreeMap<Long, Sent> sent = new TreeMap<>();
    private final boolean[] roomWanted = new boolean[CreditWindows.WINDOWS];
    private final boolean[] largeWanted = new boolean[CreditWindows.WINDOWS];
    private long lastItem;
    private long lastUpTo;
    private long turns;

    /** An item under way. {@code outcome} is null when it was settled from here (abandoned). */
    private record Sent(
            @Nullable TransferOutcome outcome, @Nullable OutTransfer transfer) {}

    private record OutWhole(SealedEnvelope envelope, Bytes ciphertext, Age age, TransferOutcome outcome, int size) {}

    /** A receipt, or a notice. */
    private record Note(
            @Nullable CarriedReceipt receipt, @Nullable Bytes notice, TransferOutcome outcome, int size) {}

    /** What waits in one precedence. */
    private static final class Lane {
        private final Precedence precedence;
        private final ArrayDeque<OutWhole> wholes = new ArrayDeque<>();
        private final List<OutTransfer> transfers = new ArrayList<>();
        private long wholeBytes;
        private final ArrayDeque<Long> abandoned = new ArrayDeque<>();
        private @Nullable OutTransfer announcing;
        private boolean transferTurn;
        /** The turn in which it last sent. */
        private long servedAt;

        Lane(Precedence precedence) {
            this.precedence = precedence;
        }

        /** Announced and not settled. */
        int opened() {
            int opened = 0;
            for (OutTransfer transfer : transfers) {
                opened += transfer.state == OutTransfer.State.WAITING ? 0 : 1;
            }
            return opened;
        }
    }

    /** Something too long for a frame. */
    private static final class Pieces {
        private final int kind;
        private final Bytes whole;
        private int offset;

        Pieces(int kind, Bytes whole) {
            this.kind = kind;
            this.whole = whole;
        }
    }

    Outgoing(LinkSession session, LinkSessions home, Pace pace) {
        this.session = session;
        this.home = home;
        this.pace = pace;
        for (Precedence precedence : Precedence.values()) {
            lanes[precedence.number()] = new Lane(precedence);
        }
    }

    // ---- the owner hands over

    boolean hasRoom(Precedence precedence) {
        Lane lane = lanes[precedence.number()];
        boolean room = sent.size() < UNANSWERED_MAX
                && lane.wholes.size() < QUEUED_ITEMS_MAX
                && lane.wholeBytes < QUEUED_BYTES_MAX
                && lane.transfers.size() < TRANSFERS_KEPT_MAX;
        roomWanted[precedence.number()] |= !room;
        return room;
    }

    boolean hasRoomForLarge(Precedence precedence) {
        Lane lane = lanes[precedence.number()];
        boolean room = hasRoom(precedence) && lane.transfers.size() < TRANSFERS_MAX;
        largeWanted[precedence.number()] |= !room;
        return room;
    }

    boolean hasReceiptRoom() {
        boolean room = sent.size() < UNANSWERED_MAX && notes.size() < NOTES_MAX && talk.size() < NOTES_MAX;
        roomWanted[CreditWindows.CONTROL] |= !room;
        return room;
    }

    /** Whether the owner was told "no room" and there is some again, enough for a batch. */
    boolean roomCameBack() {
        boolean back = false;
        for (Lane lane : lanes) {
            int number = lane.precedence.number();
            boolean small = sent.size() < UNANSWERED_MAX
                    && lane.wholes.size() <= QUEUED_ITEMS_MAX / 2
                    && lane.wholeBytes <= QUEUED_BYTES_MAX / 2
                    && lane.transfers.size() < TRANSFERS_KEPT_MAX;
            boolean large = small && lane.transfers.size() < TRANSFERS_MAX;
            if (roomWanted[number] && small || largeWanted[number] && large) {
                roomWanted[number] = false;
                largeWanted[number] &= !large;
                back = true;
            }
        }
        if (roomWanted[CreditWindows.CONTROL]
                && sent.size() < UNANSWERED_MAX
                && notes.size() <= NOTES_MAX / 2
                && talk.size() <= NOTES_MAX / 2) {
            roomWanted[CreditWindows.CONTROL] = false;
            back = true;
        }
        return back;
    }

    void offer(
            SealedEnvelope envelope,
            Precedence precedence,
            Duration age,
            CiphertextSource source,
            TransferOutcome outcome) {
        Lane lane = lanes[precedence.number()];
        Age running = new Age(age, home.clock().nanos());
        int size = sizeOf(envelope);
        if (envelope.ciphertext() instanceof SealedEnvelope.Ciphertext.Inline inline && !isLarge(envelope)) {
            int all = size + inline.bytes().size();
            lane.wholes.add(new OutWhole(envelope, inline.bytes(), running, outcome, all));
            lane.wholeBytes += all;
        } else {
            Invariant.check(source.length() == envelope.ciphertext().length(), "source of %d bytes", source.length());
            lane.transfers.add(new OutTransfer(envelope, precedence, running, source, outcome, home.newLane()));
        }
    }

    /** Whether it needs a transfer. */
    static boolean isLarge(SealedEnvelope envelope) {
        return !(envelope.ciphertext() instanceof SealedEnvelope.Ciphertext.Inline)
                || sizeOf(envelope) + envelope.ciphertext().length() > WHOLE_BYTES_MAX;
    }

    /** At least what core, slots, statement and seal take in a frame. */
    private static int sizeOf(SealedEnvelope envelope) {
        int size = 128 + envelope.core().size() + envelope.statement().size() + sizeOf(envelope.seal());
        for (SealedEnvelope.Slot slot : envelope.slots()) {
            size += sizeOf(slot);
        }
        return size;
    }

    private static int sizeOf(SealedEnvelope.Slot slot) {
        return slot.bytes().size() + 16;
    }

    private static int sizeOf(SealedEnvelope.Seal seal) {
        return 32 + 34 * seal.path().size();
    }

    void receipt(CarriedReceipt receipt, TransferOutcome outcome) {
        SealedEnvelope.Seal seal = receipt.receipt().seal();
        notes.add(new Note(receipt, null, outcome, receipt.receipt().text().size() + sizeOf(seal) + 128));
    }

    void notice(Bytes notice, TransferOutcome outcome) {
        notes.add(new Note(null, notice, outcome, notice.size() + 64));
    }

    /** False when too much has piled up. */
    boolean talk(Frame frame) {
        talk.add(frame);
        return talk.size() <= TALK_MAX;
    }

    /** Likewise. */
    boolean directory(DirectoryMessage message) {
        if (message instanceof DirectoryMessage.Whole whole) {
            pieces.add(new Pieces(Frame.Piece.DIRECTORY, whole.signedDirectory()));
        } else if (message instanceof DirectoryMessage.Delta delta) {
            pieces.add(new Pieces(Frame.Piece.DELTA, delta.delta()));
        } else if (message instanceof DirectoryMessage.Records records) {
            records(records.records());
        } else {
            talk.add(new Frame.Directory(message));
        }
        return talk.size() + pieces.size() <= TALK_MAX;
    }

    /** Whether a directory or a change of one is on its way or waits. */
    boolean isSendingDirectory() {
        return pieces.stream().anyMatch(one -> one.kind != Frame.Piece.RECORD);
    }

    private void records(List<Bytes> records) {
        List<Bytes> batch = new ArrayList<>();
        int size = 0;
        for (Bytes record : records) {
            if (record.size() > DirectoryMessage.RECORD_BYTES_MAX) {
                pieces.add(new Pieces(Frame.Piece.RECORD, record));
                continue;
            }
            if (!batch.isEmpty() && (size + record.size() > FrameShapes.PIECE_BYTES_MAX || batch.size() == 1_000)) {
                talk.add(new Frame.Directory(new DirectoryMessage.Records(batch)));
                batch.clear();
                size = 0;
            }
            batch.add(record);
            size += record.size() + 8;
        }
        if (!batch.isEmpty()) {
            talk.add(new Frame.Directory(new DirectoryMessage.Records(batch)));
        }
    }

    // ---- frame by frame

    /** Sends the next frame that may go; false when there is none. */
    boolean sendOne() {
        return sendNote() || sendTalk() || sendPiece() || sendEnvelope();
    }

    private boolean sendNote() {
        Note first = notes.peek();
        if (first == null || !credit.allows(CreditWindows.CONTROL, first.size + CreditWindows.ITEM_COST)) {
            return false;
        }
        if (first.notice != null) {
            notes.remove();
            long item = newItem(first.outcome, null);
            charge(CreditWindows.CONTROL, session.send(new Frame.Notice(item, first.notice)) + CreditWindows.ITEM_COST);
            return true;
        }
        spoken.startFrame();
        List<Frame> before = new ArrayList<>();
        List<Frame.WireReceipt> receipts = new ArrayList<>();
        long firstItem = lastItem + 1;
        long cost = 32;
        for (Note note = first; note != null && note.receipt != null; note = notes.peek()) {
            long more = (long) note.size + CreditWindows.ITEM_COST;
            boolean fits = receipts.isEmpty()
                    || cost + note.size <= Math.max(pace.dataFrameBytes(), Limits.DATA_FRAME_BYTES_MIN)
                            && receipts.size() < FrameShapes.RECEIPTS_MAX
                            && credit.allows(CreditWindows.CONTROL, cost + more);
            if (!fits || !spoken.hasRoomInFrame()) {
                break;
            }
            notes.remove();
            newItem(note.outcome, null);
            cost += more;
            receipts.add(new Frame.WireReceipt(
                    note.receipt.receipt().text(),
                    spoken.seal(note.receipt.receipt().seal(), before),
                    note.receipt.to()));
        }
        before.forEach(session::send);
        int size = session.send(new Frame.Receipts(firstItem, receipts));
        charge(CreditWindows.CONTROL, size + (long) CreditWindows.ITEM_COST * receipts.size());
        return true;
    }

    private boolean sendTalk() {
        Frame first = talk.peek();
        if (first == null) {
            return false;
        }
        Bytes encoded = FrameCodec.encode(first);
        if (!credit.allows(CreditWindows.CONTROL, encoded.size())) {
            return false;
        }
        talk.remove();
        session.sendEncoded(encoded);
        charge(CreditWindows.CONTROL, encoded.size());
        return true;
    }

    private boolean sendPiece() {
        Pieces first = pieces.peek();
        if (first == null) {
            return false;
        }
        int size = Math.min(
                Math.min(FrameShapes.PIECE_BYTES_MAX, Math.max(pace.dataFrameBytes(), 16 * 1024)),
                first.whole.size() - first.offset);
        if (!credit.allows(CreditWindows.CONTROL, size + 64L)) {
            return false;
        }
        Frame piece =
                new Frame.Piece(first.kind, first.whole.size(), first.offset, first.whole.slice(first.offset, size));
        charge(CreditWindows.CONTROL, session.send(piece));
        first.offset += size;
        if (first.offset == first.whole.size()) {
            pieces.remove();
        }
        return true;
    }

    private boolean sendEnvelope() {
        boolean flashWaits = hasWork(Precedence.FLASH) || hasWork(Precedence.FLASH_TIMED);
        turns++;
        if (turns % LOWER_TURN == 0 && !flashWaits && sendLongestUnserved()) {
            return true;
        }
        for (int i = lanes.length - 1; i >= 0; i--) {
            if (sendInTurn(lanes[i])) {
                return true;
            }
        }
        turns--;
        return false;
    }

    /** Between a flood above it and the lowest, none in the middle may starve. */
    private boolean sendLongestUnserved() {
        List<Lane> waitedLongest = new ArrayList<>(List.of(lanes));
        waitedLongest.sort(Comparator.comparingLong(lane -> lane.servedAt));
        for (Lane lane : waitedLongest) {
            if (sendInTurn(lane)) {
                return true;
            }
        }
        return false;
    }

    private boolean sendInTurn(Lane lane) {
        boolean sent = sendOf(lane);
        if (sent) {
            lane.servedAt = turns;
        }
        return sent;
    }

    private boolean hasWork(Precedence precedence) {
        Lane lane = lanes[precedence.number()];
        return !lane.wholes.isEmpty() || !lane.transfers.isEmpty() || !lane.abandoned.isEmpty();
    }

    private boolean sendOf(Lane lane) {
        readAhead(lane);
        boolean transferFirst = lane.transferTurn;
        if (transferFirst && sendOfTransfers(lane) || sendWholes(lane)) {
            lane.transferTurn = !transferFirst;
            return true;
        }
        return !transferFirst && sendOfTransfers(lane);
    }

    private boolean sendWholes(Lane lane) {
        int window = lane.precedence.number();
        OutWhole first = lane.wholes.peek();
        if (first == null || !credit.allows(window, first.size + 32L + CreditWindows.ITEM_COST)) {
            return false;
        }
        long now = home.clock().nanos();
        spoken.startFrame();
        List<Frame> before = new ArrayList<>();
        List<Frame.Whole> wholes = new ArrayList<>();
        long firstItem = lastItem + 1;
        int fill = 32;
        int fillMax = Math.min(FILL_MAX, pace.dataFrameBytes());
        for (OutWhole whole = first; whole != null; whole = lane.wholes.peek()) {
            long cost = fill + whole.size + (long) CreditWindows.ITEM_COST * (wholes.size() + 1);
            boolean fits = wholes.isEmpty()
                    || fill + whole.size <= fillMax
                            && wholes.size() < FrameShapes.WHOLE_MAX
                            && credit.allows(window, cost);
            if (!fits || !spoken.hasRoomInFrame()) {
                break;
            }
            lane.wholes.remove();
            lane.wholeBytes -= whole.size;
            newItem(whole.outcome, null);
            fill += whole.size;
            SealedEnvelope e = whole.envelope;
            wholes.add(new Frame.Whole(
                    e.core(),
                    spoken.slots(e.slots(), before),
                    whole.ciphertext,
                    e.statement(),
                    spoken.seal(e.seal(), before),
                    whole.age.millisAt(now)));
        }
        before.forEach(session::send);
        int size = session.send(new Frame.Offer(firstItem, lane.precedence, session.directoryNumber(), wholes));
        charge(window, size + (long) CreditWindows.ITEM_COST * wholes.size());
        return true;
    }

    private boolean sendOfTransfers(Lane lane) {
        Long gone = lane.abandoned.peek();
        if (gone != null && credit.allows(lane.precedence.number(), 64)) {
            lane.abandoned.remove();
            charge(lane.precedence.number(), session.send(new Frame.Abandoned(gone)));
            return true;
        }
        for (OutTransfer transfer : List.copyOf(lane.transfers)) {
            boolean went = switch (transfer.state) {
                case WAITING -> announce(lane, transfer);
                case SLOTS -> sendSlots(lane, transfer);
                case SENDING -> sendData(transfer);
                case OFFERED, DONE -> false;
            };
            if (went) {
                return true;
            }
        }
        return false;
    }

    /** By who waits for the outcome: how far transfers that were accepted have got. */
    Map<TransferOutcome, Long> sent() {
        Map<TransferOutcome, Long> sent = new HashMap<>();
        for (Lane lane : lanes) {
            for (OutTransfer transfer : lane.transfers) {
                if (transfer.state == OutTransfer.State.SENDING || transfer.state == OutTransfer.State.DONE) {
                    sent.put(transfer.outcome, transfer.nextSend);
                }
            }
        }
        return sent;
    }

    private boolean announce(Lane lane, OutTransfer transfer) {
        int window = lane.precedence.number();
        Bytes core = transfer.envelope.core();
        if (lane.announcing != null
                || lane.opened() >= TRANSFERS_MAX
                || !credit.allows(window, core.size() + 96L + CreditWindows.ITEM_COST)) {
            return false;
        }
        transfer.item = newItem(transfer.outcome, transfer);
        int slots = transfer.envelope.slots().size();
        transfer.state = slots == 0 ? OutTransfer.State.OFFERED : OutTransfer.State.SLOTS;
        lane.announcing = slots == 0 ? null : transfer;
        long ageMs = transfer.age.millisAt(home.clock().nanos());
        int size = session.send(new Frame.OfferLarge(
                transfer.item, lane.precedence, session.directoryNumber(), core, transfer.length(), slots, ageMs));
        charge(window, size + CreditWindows.ITEM_COST);
        return true;
    }

    private boolean sendSlots(Lane lane, OutTransfer transfer) {
        int window = lane.precedence.number();
        List<SealedEnvelope.Slot> slots = transfer.envelope.slots();
        int fill = 32;
        int to = transfer.slotsSent;
        int fillMax = Math.min(FILL_MAX, Math.max(pace.dataFrameBytes(), Limits.DATA_FRAME_BYTES_MIN));
        while (to < slots.size()) {
            int size = sizeOf(slots.get(to));
            if (to > transfer.slotsSent && fill + size > fillMax || !credit.allows(window, fill + size)) {
                break;
            }
            fill += size;
            to++;
        }
        if (to == transfer.slotsSent) {
            return false;
        }
        spoken.startFrame();
        List<Frame> before = new ArrayList<>();
        List<Frame.CarriedSlot> carried = new ArrayList<>();
        boolean few = slots.size() <= Spoken.SLOTS_MAX;
        for (SealedEnvelope.Slot slot : slots.subList(transfer.slotsSent, to)) {
            carried.addAll(
                    few
                            ? spoken.slots(List.of(slot), before)
                            : List.of(new Frame.CarriedSlot(slot.number(), slot.bytes(), -1)));
        }
        before.forEach(session::send);
        charge(window, session.send(new Frame.Slots(transfer.item, carried)));
        transfer.slotsSent = to;
        if (to == slots.size()) {
            transfer.state = OutTransfer.State.OFFERED;
            lane.announcing = null;
        }
        return true;
    }

    private boolean sendData(OutTransfer transfer) {
        int window = transfer.precedence.number();
        if (transfer.nextSend == transfer.length()) {
            return sendEnd(transfer);
        }
        Bytes chunk = transfer.chunks.peek();
        if (chunk == null) {
            return false;
        }
        // A small window takes smaller frames; a crumb waits for the next grant.
        long left = credit.left(window) - 64;
        int size = (int) Math.min(Math.min(chunk.size(), pace.dataFrameBytes()), left);
        if (size < Math.min(chunk.size(), Limits.DATA_FRAME_BYTES_MIN)) {
            return false;
        }
        transfer.chunks.remove();
        if (size < chunk.size()) {
            transfer.chunks.addFirst(chunk.slice(size, chunk.size() - size));
        }
        charge(window, session.send(new Frame.Data(transfer.item, transfer.nextSend, chunk.slice(0, size))));
        transfer.nextSend += size;
        return true;
    }

    private boolean sendEnd(OutTransfer transfer) {
        int window = transfer.precedence.number();
        SealedEnvelope envelope = transfer.envelope;
        if (!credit.allows(window, envelope.statement().size() + sizeOf(envelope.seal()) + 64L)) {
            return false;
        }
        spoken.startFrame();
        List<Frame> before = new ArrayList<>();
        Frame.CarriedSeal seal = spoken.seal(envelope.seal(), before);
        before.forEach(session::send);
        charge(window, session.send(new Frame.End(transfer.item, envelope.statement(), seal)));
        transfer.state = OutTransfer.State.DONE;
        return true;
    }

    /** Keeps a little of the oldest sending transfer in memory, so that the wire need not wait for the disk. */
    private void readAhead(Lane lane) {
        for (OutTransfer transfer : lane.transfers) {
            if (transfer.state != OutTransfer.State.SENDING || transfer.nextRead == transfer.length()) {
                continue;
            }
            if (!transfer.reading
                    && transfer.chunks.size() < CHUNKS_MAX / 2
                    && credit.left(lane.precedence.number()) > 0) {
                read(transfer);
            }
            return;
        }
    }

    private void read(OutTransfer transfer) {
        long offset = transfer.nextRead;
        int size = (int)
                Math.min(Math.min(READ_BYTES_MAX, 2L * pace.dataFrameBytes()), transfer.length() - transfer.nextRead);
        int attempt = transfer.attempt;
        transfer.reading = true;
        home.loop().<Result<Bytes>>offload(transfer.lane, () -> transfer.source.read(offset, size), result -> {
            transfer.reading = false;
            if (session.isOver() || transfer.attempt != attempt || transfer.state != OutTransfer.State.SENDING) {
                home.dirty(session);
                return;
            }
            if (result instanceof Result.Ok<Bytes> ok) {
                Invariant.check(
                        ok.value().size() == size,
                        "read %d of %d bytes",
                        ok.value().size(),
                        size);
                transfer.chunks.add(ok.value());
                transfer.nextRead += size;
            } else {
                abandon(transfer, result.refusal());
            }
            home.dirty(session);
        });
    }

    private void abandon(OutTransfer transfer, Refusal refusal) {
        remove(transfer);
        sent.put(transfer.item, new Sent(null, null));
        lanes[transfer.precedence.number()].abandoned.add(transfer.item);
        transfer.outcome.unreadable(refusal);
    }

    private long newItem(TransferOutcome outcome, @Nullable OutTransfer transfer) {
        lastItem++;
        sent.put(lastItem, new Sent(outcome, transfer));
        return lastItem;
    }

    private void charge(int window, long cost) {
        Invariant.check(credit.use(window, cost), "sent %d bytes beyond the credit of window %d", cost, window);
    }

    private void remove(OutTransfer transfer) {
        Lane lane = lanes[transfer.precedence.number()];
        lane.transfers.remove(transfer);
        if (lane.announcing == transfer) {
            lane.announcing = null;
        }
    }

    // ---- the peer answers

    void credit(List<Frame.Grant> grants) throws Breach {
        for (Frame.Grant grant : grants) {
            credit.raise(grant.window(), grant.total());
        }
    }

    void accept(long item, long offset) throws Breach {
        OutTransfer transfer = transferOf(item, "accept");
        if (transfer == null) {
            return;
        }
        if (transfer.state != OutTransfer.State.OFFERED || offset > transfer.length()) {
            throw new Breach(CloseReason.PROTOCOL, "accept of item " + item + " at " + offset);
        }
        transfer.sendFrom(offset);
    }

    void have(long item, CustodyMark mark) throws Breach {
        Sent settled = settle(item);
        if (settled != null && settled.outcome != null) {
            settled.outcome.have(mark);
        }
    }

    void reject(Frame.Reject f) throws Breach {
        if (f.refusal().reason() == ErrorCode.OFFSET) {
            OutTransfer transfer = transferOf(f.item(), "reject");
            if (transfer == null) {
                return;
            }
            boolean sending = transfer.state == OutTransfer.State.SENDING || transfer.state == OutTransfer.State.DONE;
            if (!sending || f.resumeOffset() > transfer.length()) {
                throw new Breach(CloseReason.PROTOCOL, "offset of item " + f.item() + " stated as " + f.resumeOffset());
            }
            transfer.sendFrom(f.resumeOffset());
            return;
        }
        Sent settled = settle(f.item());
        if (settled != null && settled.outcome != null) {
            TransferOutcome outcome = settled.outcome;
            f.retryAfter()
                    .ifPresentOrElse(
                            wait -> outcome.busy(f.refusal(), f.advice(), wait),
                            () -> outcome.rejected(f.refusal(), f.advice()));
        }
    }

    private @Nullable OutTransfer transferOf(long item, String word) throws Breach {
        Sent open = sent.get(item);
        if (open == null || open.outcome != null && open.transfer == null) {
            throw new Breach(CloseReason.PROTOCOL, word + " of item " + item + ", which is no open transfer");
        }
        return open.transfer;
    }

    private @Nullable Sent settle(long item) throws Breach {
        Sent open = sent.remove(item);
        if (open == null) {
            throw new Breach(CloseReason.PROTOCOL, "answer to item " + item + ", which is not open");
        }
        if (open.transfer != null) {
            remove(open.transfer);
        }
        return open;
    }

    void custody(Frame.Custody f) throws Breach {
        long last = f.also().isEmpty()
                ? f.upTo()
                : f.also().get(f.also().size() - 1).last();
        if (f.upTo() < lastUpTo || last > lastItem) {
            throw new Breach(CloseReason.PROTOCOL, "custody of items up to " + last);
        }
        lastUpTo = f.upTo();
        List<TransferOutcome> outcomes = new ArrayList<>();
        take(0, f.upTo(), outcomes);
        for (Frame.ItemRange range : f.also()) {
            take(range.first(), range.last(), outcomes);
        }
        outcomes.forEach(outcome -> outcome.custody(f.mark()));
    }

    private void take(long first, long last, List<TransferOutcome> outcomes) throws Breach {
        Iterator<Sent> open = sent.subMap(first, true, last, true).values().iterator();
        while (open.hasNext()) {
            Sent one = open.next();
            if (one.transfer != null) {
                if (one.transfer.state != OutTransfer.State.DONE) {
                    throw new Breach(CloseReason.PROTOCOL, "custody of item " + one.transfer.item + " before its seal");
                }
                remove(one.transfer);
            }
            if (one.outcome != null) {
                outcomes.add(one.outcome);
            }
            open.remove();
        }
    }

    // ---- the session ends

    /** Tells everything that is still open. */
    void lose() {
        List<TransferOutcome> outcomes = new ArrayList<>();
        sent.values().forEach(one -> {
            if (one.outcome != null) {
                outcomes.add(one.outcome);
            }
        });
        for (Lane lane : lanes) {
            lane.wholes.forEach(whole -> outcomes.add(whole.outcome));
            lane.transfers.forEach(transfer -> {
                if (transfer.state == OutTransfer.State.WAITING) {
                    outcomes.add(transfer.outcome);
                }
            });
            lane.wholes.clear();
            lane.transfers.clear();
        }
        notes.forEach(note -> outcomes.add(note.outcome));
        sent.clear();
        notes.clear();
        talk.clear();
        pieces.clear();
        outcomes.forEach(TransferOutcome::lost);
    }

    /** Large envelopes not settled yet. */
    int openTransfers() {
        int open = 0;
        for (Lane lane : lanes) {
            open += lane.transfers.size();
        }
        return open;
    }

    /** Items sent and not answered. */
    int unanswered() {
        return sent.size();
    }
}
