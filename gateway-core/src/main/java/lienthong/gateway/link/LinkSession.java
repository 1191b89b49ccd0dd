package lienthong.gateway.link;

import java.time.Duration;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.SealedEnvelope;

/** One connection's life, from hello to close. Confined to the loop. */
public final class LinkSession {
    /** One notice. */
    public static final int NOTICE_BYTES_MAX = 128 * 1024;

    private final Peer peer;

    LinkSession(Peer peer) {
        this.peer = peer;
    }

    /** Who is at the other end. */
    public Peer peer() {
        return peer;
    }

    /** Whether both hellos were said and the session is not over. */
    public boolean isReady() {
        return false;
    }

    /** Whether an offer of this precedence is taken now. When not, {@link LinkOwner#onRoom} is called later. */
    public boolean hasRoom(Precedence precedence) {
        return false;
    }

    /** Whether a receipt or notice is taken now. When not, {@link LinkOwner#onRoom} is called later. */
    public boolean hasReceiptRoom() {
        return false;
    }

    /**
     * Offers an envelope that is in custody here. Small ones ride whole, many per frame; larger ones are offered, accepted at an offset and sent.
     *
     * @param envelope with the slots of this branch only
     * @param age how long it has been on its way, this hop's dwell included
     * @param source where its ciphertext is read from; for an inline one {@link CiphertextSource#of}
     */
    public void offer(
            SealedEnvelope envelope,
            Precedence precedence,
            Duration age,
            CiphertextSource source,
            TransferOutcome outcome) {
        outcome.lost();
    }

    /** Sends a receipt; those of one turn travel together, and what they share once. */
    public void receipt(CarriedReceipt receipt, TransferOutcome outcome) {
        outcome.lost();
    }

    /** Sends a signed notice: a {@code lienthong.wire.v1.Notice} of at most {@link #NOTICE_BYTES_MAX}, as the envelope room writes it. */
    public void notice(Bytes notice, TransferOutcome outcome) {
        outcome.lost();
    }

    /** Asks; {@link LinkOwner#onKnown} brings the answer. An answer may come in another session, or never. */
    public void query(Query query) {}

    /** Answers a query of the peer. */
    public void known(Known known) {}

    /** Sends something about directories. */
    public void directory(DirectoryMessage message) {}

    /** Sends a frame between client and node. */
    public void send(ClientFrame frame) {}

    /** Ends the session with a reason. */
    public void close(CloseReason reason) {
        close(Closing.of(reason));
    }

    /** Ends the session with a reason. No effect when it is over. */
    public void close(Closing why) {}

    // ---- from the wire

    /** A whole frame arrived. For whoever owns the wire. */
    public void received(Bytes frame) {}

    /** The wire has become writable again. */
    public void writable() {}

    /** Bytes arrived that do not make a frame yet: the peer is alive, if slow. */
    public void progress(long bytes) {}

    /** The wire broke. */
    public void cut() {}
}
