package lienthong.gateway.lab.proof.office;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import lienthong.proto.gateway.v1.Precedence;

/**
 * Draws messages from a seed: mostly 1 KiB, some around the size at which a payload is spooled, few large; every precedence; three ordering
 * keys and none; some to every office at once. Confined to the sender's thread.
 */
final class Load {
    private static final int SMALL_BYTES = 1_024;
    private static final int SPOOL_FROM_BYTES = 60 * 1_024;
    private static final int SPOOL_TO_BYTES = 70 * 1_024;
    private static final int PER_MILLE = 1_000;
    private static final List<String> KEYS = List.of("k1", "k2", "k3");
    private static final List<Precedence> PRECEDENCES = List.of(
            Precedence.PRECEDENCE_ROUTINE,
            Precedence.PRECEDENCE_ROUTINE,
            Precedence.PRECEDENCE_URGENT,
            Precedence.PRECEDENCE_VERY_URGENT,
            Precedence.PRECEDENCE_FLASH);

    private final String sender;
    private final List<String> recipients;
    private final String run;
    private final Random random;
    private final int spooledPerMille;
    private final int largePerMille;
    private final int largeBytes;
    private final Map<String, Long> positions = new HashMap<>();
    private long count;

    /**
     * @param run goes into every id, so that two runs never share one
     * @param spooledPerMille how many of a thousand have 60 to 70 KiB
     * @param largePerMille how many of a thousand have {@code largeBytes}
     */
    Load(
            String sender,
            List<String> recipients,
            String run,
            long seed,
            int spooledPerMille,
            int largePerMille,
            int largeBytes) {
        this.sender = sender;
        this.recipients = List.copyOf(recipients);
        this.run = run;
        this.random = new Random(seed);
        this.spooledPerMille = spooledPerMille;
        this.largePerMille = largePerMille;
        this.largeBytes = largeBytes;
    }

    Sent next() {
        count++;
        boolean fanOut = recipients.size() > 1 && random.nextInt(50) == 0;
        String key = fanOut || random.nextInt(4) == 0 ? "-" : KEYS.get(random.nextInt(KEYS.size()));
        List<String> to = fanOut ? recipients : List.of(recipients.get(random.nextInt(recipients.size())));
        String ledgerKey = key.equals("-") ? "-" : sender + ">" + to.get(0) + "/" + key;
        long seq = key.equals("-") ? 0 : positions.merge(ledgerKey, 1L, Long::sum);
        int wanted = size();
        Precedence precedence = PRECEDENCES.get(random.nextInt(PRECEDENCES.size()));
        String id = run + "-" + sender + "-" + count + letter(precedence);
        int bytes = ProofPayload.atLeast(id, key, seq, wanted);
        return new Sent(new ProofPayload(id, key, seq, bytes), new ArrayList<>(to), precedence, ledgerKey);
    }

    /** Ends the id, so that ledgers show what had to go first. */
    private static char letter(Precedence precedence) {
        return switch (precedence) {
            case PRECEDENCE_FLASH -> 'f';
            case PRECEDENCE_VERY_URGENT -> 'v';
            case PRECEDENCE_URGENT -> 'u';
            default -> 'r';
        };
    }

    private int size() {
        int draw = random.nextInt(PER_MILLE);
        if (draw < largePerMille) {
            return largeBytes;
        }
        if (draw < largePerMille + spooledPerMille) {
            return SPOOL_FROM_BYTES + random.nextInt(SPOOL_TO_BYTES - SPOOL_FROM_BYTES);
        }
        return SMALL_BYTES;
    }
}
