package lienthong.gateway.lab.proof.office;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import lienthong.proto.gateway.v1.Precedence;

/** One message of the sending program, from the first asking to the last recipient's end. Confined to the sender's thread. */
final class Sent {
    final ProofPayload payload;
    final String sha256;
    final List<String> recipients;
    final Precedence precedence;

    /** Ledger's key column: sender, recipient and the key, for order is promised within these three; {@code -} for none. */
    final String ledgerKey;

    /** Recipients without an end. */
    final Set<String> open;

    /** {@link System#nanoTime} when it was made. */
    final long madeAt = System.nanoTime();

    boolean accepted;
    boolean refused;

    /** Whether it stands on the wire, without an answer. */
    boolean asked;

    /** {@link System#nanoTime} before which it is not asked again, after {@code busy}. */
    long notBefore;

    Sent(ProofPayload payload, List<String> recipients, Precedence precedence, String ledgerKey) {
        this.payload = payload;
        this.sha256 = payload.sha256();
        this.recipients = List.copyOf(recipients);
        this.precedence = precedence;
        this.ledgerKey = ledgerKey;
        this.open = new TreeSet<>(recipients);
    }

    boolean isOver() {
        return refused || accepted && open.isEmpty();
    }
}
