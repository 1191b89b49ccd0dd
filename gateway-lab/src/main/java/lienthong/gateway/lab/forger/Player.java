package lienthong.gateway.lab.forger;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.link.CarriedReceipt;
import lienthong.gateway.link.LinkSession;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.SealedEnvelope;

/**
 * The thief with a recorder: keeps every envelope he sent as the office and every receipt that came for it, and plays them again, to the same
 * neighbour or to another. Used by one thread; {@link #close} ends his connection.
 */
public final class Player implements AutoCloseable {
    private static final long BOUND_SECONDS = 300;

    private final Forger forger;
    private final Recording recording;

    private Player(Forger forger, Recording recording) {
        this.forger = forger;
        this.recording = recording;
    }

    /** What was recorded, by several players one after the other. Receipts come on the loops of their links. */
    public static final class Recording {
        private static final int RECEIPTS_MAX = 4_096;

        private final List<Recorded> envelopes = new ArrayList<>();
        private final Map<Address, Forger.Position> positions = new HashMap<>();
        private final Deque<CarriedReceipt> receipts = new ArrayDeque<>();

        /** Envelopes. */
        public int size() {
            return envelopes.size();
        }

        synchronized void add(CarriedReceipt receipt) {
            receipts.add(receipt);
            if (receipts.size() > RECEIPTS_MAX) {
                receipts.remove();
            }
        }

        synchronized List<CarriedReceipt> receipts() {
            return List.copyOf(receipts);
        }
    }

    /** An envelope and whom it is for. */
    private record Recorded(Address recipient, SealedEnvelope sealed) {}

    /**
     * What became of one thing that was sent.
     *
     * @param isForNeighbour whether it was for the attacked office itself, not one behind it
     */
    public record Answered(boolean isForNeighbour, Outcome outcome) {}

    /** As {@link Forger#with}; records into, and plays from, {@code recording}. */
    public static Player with(Path data, String listen, Recording recording) throws InterruptedException {
        Forger forger = Forger.with(data, listen);
        forger.loop().execute(() -> forger.onReceipt(recording::add));
        return new Player(forger, recording);
    }

    /**
     * Seals the office's next envelopes for {@code recipient} and sends each once.
     *
     * @param bundles contents of the messages of each
     * @param from number of the first message in the stream of the office's messages to this recipient
     */
    public List<Answered> sendGenuine(String recipient, List<List<Bytes>> bundles, long from)
            throws InterruptedException {
        Address to = Address.parse(recipient).orBug();
        List<Recorded> made = new ArrayList<>();
        for (List<Bytes> contents : bundles) {
            Forger.Position last = recording.positions.getOrDefault(to, Forger.Position.before(from));
            SealedEnvelope sealed = forger.sealNext(to, contents, last);
            recording.positions.put(to, last.after(sealed, contents.size()));
            made.add(new Recorded(to, sealed));
        }
        recording.envelopes.addAll(made);
        return send(recipient, made);
    }

    /**
     * Sends so many of the recorded envelopes again, drawn and shuffled.
     *
     * @param neighbour address of the attacked office
     */
    public List<Answered> replay(String neighbour, int count, Random random) throws InterruptedException {
        List<Recorded> drawn = new ArrayList<>();
        while (drawn.size() < count) {
            List<Recorded> round = new ArrayList<>(recording.envelopes);
            Collections.shuffle(round, random);
            drawn.addAll(round.subList(0, Math.min(round.size(), count - drawn.size())));
        }
        return send(neighbour, drawn);
    }

    private List<Answered> send(String neighbour, List<Recorded> all) throws InterruptedException {
        Address attacked = Address.parse(neighbour).orBug();
        List<Outcome> outcomes = all(
                all.size(),
                session -> session.hasRoom(Precedence.ROUTINE),
                (session, index, answer) -> Forger.offer(session, all.get(index).sealed(), answer));
        List<Answered> answered = new ArrayList<>();
        for (int i = 0; i < outcomes.size(); i++) {
            answered.add(new Answered(all.get(i).recipient().equals(attacked), outcomes.get(i)));
        }
        return answered;
    }

    /** Sends so many of the recorded receipts again; none when none was recorded. */
    public List<Answered> replayReceipts(int count, Random random) throws InterruptedException {
        List<CarriedReceipt> recorded = recording.receipts();
        List<CarriedReceipt> drawn = new ArrayList<>();
        while (!recorded.isEmpty() && drawn.size() < count) {
            drawn.add(recorded.get(random.nextInt(recorded.size())));
        }
        return all(
                        drawn.size(),
                        LinkSession::hasReceiptRoom,
                        (session, index, answer) -> session.receipt(drawn.get(index), new Forger.Answer(answer)))
                .stream()
                .map(outcome -> new Answered(false, outcome))
                .toList();
    }

    private interface Room {
        boolean has(LinkSession session);
    }

    private interface Sending {
        void one(LinkSession session, int index, Consumer<Outcome> answer);
    }

    /** As many at a time as the neighbour lets; what the link ends under is lost. */
    private List<Outcome> all(int count, Room room, Sending sending) throws InterruptedException {
        LinkSession session = forger.session();
        Pump pump = new Pump(session, count, room, sending);
        forger.loop().execute(() -> {
            forger.onRoom(pump::go);
            session.onEnd(end -> pump.go());
            pump.go();
        });
        try {
            return pump.done.get(BOUND_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException none) {
            throw new LabFailed(
                    "not everything of " + count + " that was sent had an answer after " + BOUND_SECONDS + " s", none);
        }
    }

    /** Confined to the forger's loop but for {@code done}. */
    private static final class Pump {
        private final LinkSession session;
        private final Room room;
        private final Sending sending;
        private final Outcome[] outcomes;
        private final CompletableFuture<List<Outcome>> done = new CompletableFuture<>();
        private int next;
        private int open;

        Pump(LinkSession session, int count, Room room, Sending sending) {
            this.session = session;
            this.room = room;
            this.sending = sending;
            this.outcomes = new Outcome[count];
            this.open = count;
        }

        void go() {
            while (next < outcomes.length && session.isReady() && room.has(session)) {
                int index = next++;
                sending.one(session, index, outcome -> settle(index, outcome));
            }
            while (next < outcomes.length && !session.isReady()) {
                settle(next++, new Outcome.Lost("the link ended"));
            }
            if (open == 0) {
                done.complete(List.of(outcomes));
            }
        }

        private void settle(int index, Outcome outcome) {
            outcomes[index] = outcome;
            open--;
            if (open == 0) {
                done.complete(List.of(outcomes));
            }
        }
    }

    @Override
    public void close() {
        forger.close();
    }
}
