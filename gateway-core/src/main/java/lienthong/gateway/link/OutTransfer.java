package lienthong.gateway.link;

import java.util.ArrayDeque;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.SealedEnvelope;

/** One large envelope on its way out: from its offer to the peer's answer, within one session. Confined to the loop. */
final class OutTransfer {
    /** The order in which they come; a resume goes back from DONE or SENDING to SENDING. */
    enum State {
        /** Not offered yet. */
        WAITING,
        /** Offered; its slots follow. */
        SLOTS,
        /** All slots are sent; the peer has to answer. */
        OFFERED,
        /** Accepted; bytes flow. */
        SENDING,
        /** Statement and seal are sent. */
        DONE
    }

    final SealedEnvelope envelope;
    final Precedence precedence;
    final Age age;
    final CiphertextSource source;
    final TransferOutcome outcome;
    final long lane;

    State state = State.WAITING;
    long item;
    int slotsSent;
    /** Next byte to be sent, next byte to be read; between them lie {@link #chunks}. */
    long nextSend;

    long nextRead;
    final ArrayDeque<Bytes> chunks = new ArrayDeque<>();
    boolean reading;
    /** Rises with each resume, so that a read begun before is dropped. */
    int attempt;

    OutTransfer(
            SealedEnvelope envelope,
            Precedence precedence,
            Age age,
            CiphertextSource source,
            TransferOutcome outcome,
            long lane) {
        this.envelope = envelope;
        this.precedence = precedence;
        this.age = age;
        this.source = source;
        this.outcome = outcome;
        this.lane = lane;
    }

    long length() {
        return source.length();
    }

    /** The peer said where to begin, or to begin again. */
    void sendFrom(long offset) {
        state = State.SENDING;
        nextSend = offset;
        nextRead = offset;
        chunks.clear();
        attempt++;
    }
}
