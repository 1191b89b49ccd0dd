package lienthong.gateway.client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Result;
import org.jspecify.annotations.Nullable;

/**
 * What one client must not forget: the numbers it has used, what it sealed and the node does not have yet, which numbers it has taken. Every
 * change is durable when its method returns. Thread-safe; methods that write wait for the disk, so never in the loop.
 */
final class ClientState implements AutoCloseable {
    /** Ordering keys remembered for each recipient; beyond it the least recently used one begins anew. */
    static final int TAILS_MAX = 4_096;
    /** Envelopes whose slots can be made anew. */
    static final int SENT_MAX = 16_384;
    /** Their slots, all together: some 40 MB, circulars to a thousand offices among them. */
    static final int PLACES_MAX = 262_144;
    /** How long a client id is remembered, as at a node. */
    private static final Duration CLAIMS_KEPT = Duration.ofDays(30);
    /** The file is written anew when it has grown by so much. */
    private static final long REWRITE_BYTES = 16L * 1024 * 1024;

    /** A record is closed with the change that brings it here: what one change may add stays below {@code Limits.RECORD_BYTES_MAX}. */
    private static final int RECORD_FILL_BYTES = 1024 * 1024;
    /** What a slot's facts take in a record, with an address and an ordering key of usual length. */
    private static final int PLACE_BYTES = 128;

    private final Change.Owner owner;
    private final StateFile file;
    private final boolean unclean;
    private long rewriteAt;

    private final Map<Address, Change.Stream> streams = new TreeMap<>();
    private final Map<MessageId, Change.Sealed> unsent = new LinkedHashMap<>();
    private final Map<MessageId, Change.Refused> gaps = new LinkedHashMap<>();

    /** The oldest go: their slots cannot be made anew any more. */
    private final LinkedHashMap<MessageId, Change.Sent> sent = new LinkedHashMap<>();

    private int places;

    private final Map<ClientId, Change.Claim> claims = new LinkedHashMap<>();
    private final Map<Life, Taken> taken = new HashMap<>();
    /** What the last end applied contradicts. */
    private List<Chain.Break> breaks = List.of();

    /** One sender's life: numbers count within it. */
    private record Life(Address sender, Incarnation incarnation) {}

    /** Numbers that have their end here; those returned are among them. */
    private static final class Taken {
        final NumberSet ended = new NumberSet();
        final NumberSet returned = new NumberSet();
        final Chain chain = new Chain();
    }

    private ClientState(Change.Owner owner, StateFile file, List<Change> changes) {
        this.owner = owner;
        this.file = file;
        boolean running = false;
        for (Change change : changes) {
            running = change instanceof Change.Running || running && !(change instanceof Change.Stopped);
            apply(change);
        }
        this.unclean = running;
    }

    /** Makes the file of a new client. */
    static void create(Disk disk, Change.Owner owner) throws IOException {
        StateFile.create(disk, List.of(ChangeCodec.encode(List.of(owner))));
    }

    /**
     * Reads the file, writes it anew without what is over, and notes that the client runs.
     *
     * @return STORE_UNREADABLE when it is absent or belongs to other keys; RECORD_DAMAGED
     */
    static Result<ClientState> open(Disk disk, Change.Owner owner, Instant now) throws IOException {
        Result<StateFile.Opened> opened = StateFile.open(disk);
        if (!(opened instanceof Result.Ok<StateFile.Opened> ok)) {
            return Result.no(opened.refusal());
        }
        StateFile file = ok.value().file();
        List<Change> changes = new ArrayList<>();
        for (Bytes record : ok.value().records()) {
            Result<List<Change>> decoded = ChangeCodec.decode(record);
            if (!decoded.isOk()) {
                file.close();
                return Result.no(decoded.refusal());
            }
            changes.addAll(decoded.orBug());
        }
        if (changes.isEmpty() || !changes.get(0).equals(owner)) {
            file.close();
            return Result.no(
                    ErrorCode.STORE_UNREADABLE, "{0} belongs to other keys than this folder's", StateFile.NAME);
        }
        ClientState state = new ClientState(owner, file, changes);
        state.claims.values().removeIf(claim -> claim.at().plus(CLAIMS_KEPT).isBefore(now));
        state.forget(one -> one.until().isBefore(now));
        state.rewrite(List.of(new Change.Running()));
        return Result.ok(state);
    }

    /** Whether the last run did not stop in order. */
    boolean wasUnclean() {
        return unclean;
    }

    // ---- writing

    private void append(List<? extends Change> changes) throws IOException {
        file.append(ChangeCodec.encode(changes));
        changes.forEach(this::apply);
        if (file.size() > rewriteAt) {
            rewrite(List.of(new Change.Running()));
        }
    }

    private void rewrite(List<Change> last) throws IOException {
        List<Bytes> records = new ArrayList<>();
        records.add(ChangeCodec.encode(List.of(owner)));
        // First, because what follows knows more than the streams in them.
        unsent.values().forEach(change -> records.add(ChangeCodec.encode(List.of(change))));
        List<Change> all = new ArrayList<>();
        all.addAll(streams.values());
        all.addAll(claims.values());
        all.addAll(gaps.values());
        all.addAll(sent.values());
        taken.forEach((life, numbers) -> all.add(new Change.Ends(
                life.sender(),
                life.incarnation(),
                flat(numbers.ended),
                flat(numbers.returned),
                numbers.chain.cores(),
                numbers.chain.previous())));
        List<Change> together = new ArrayList<>();
        int bytes = 0;
        for (Change change : all) {
            together.add(change);
            bytes += ChangeCodec.encode(List.of(change)).size();
            if (bytes >= RECORD_FILL_BYTES) {
                records.add(ChangeCodec.encode(together));
                together.clear();
                bytes = 0;
            }
        }
        if (!together.isEmpty()) {
            records.add(ChangeCodec.encode(together));
        }
        records.add(ChangeCodec.encode(last));
        file.replace(records);
        rewriteAt = file.size() + REWRITE_BYTES;
    }

    private static List<Long> flat(NumberSet numbers) {
        List<Long> flat = new ArrayList<>();
        numbers.toList().forEach(interval -> {
            flat.add(interval.getKey());
            flat.add(interval.getValue());
        });
        return flat;
    }

    private void apply(Change change) {
        if (change instanceof Change.Sealed sealed) {
            unsent.put(sealed.id(), sealed);
            sealed.streams().forEach(this::apply);
            sealed.claim().ifPresent(this::apply);
        } else if (change instanceof Change.Stream stream) {
            streams.put(stream.recipient(), stream);
        } else if (change instanceof Change.Claim claim) {
            claims.put(claim.name(), claim);
        } else if (change instanceof Change.Handed handed) {
            unsent.remove(handed.id());
        } else if (change instanceof Change.Sent one) {
            keep(one);
        } else if (change instanceof Change.Refused refused) {
            unsent.remove(refused.id());
            Change.@Nullable Sent gone = sent.remove(refused.id());
            places -= gone == null ? 0 : gone.places().size();
            claims.values().removeIf(claim -> claim.id().equals(refused.id()));
            if (!refused.gaps().isEmpty()) {
                gaps.put(refused.id(), refused);
            }
        } else if (change instanceof Change.Closed closed) {
            gaps.remove(closed.id());
        } else if (change instanceof Change.Ended ended) {
            Taken numbers = taken(ended.sender(), ended.incarnation());
            ended.link().ifPresent(link -> breaks = numbers.chain.came(ended.number(), link, numbers.ended));
            if (numbers.ended.add(ended.number()) && ended.returned()) {
                Invariant.check(numbers.returned.add(ended.number()), "number %d returned twice", ended.number());
            }
        } else if (change instanceof Change.Ends ends) {
            Taken numbers = taken(ends.sender(), ends.incarnation());
            fill(numbers.ended, ends.ended());
            fill(numbers.returned, ends.returned());
            numbers.chain.restore(ends.cores(), ends.previous());
        }
    }

    private void keep(Change.Sent one) {
        places += one.places().size();
        Change.@Nullable Sent before = sent.put(one.id(), one);
        places -= before == null ? 0 : before.places().size();
        Iterator<Change.Sent> oldest = sent.values().iterator();
        while (sent.size() > SENT_MAX || places > PLACES_MAX) {
            places -= oldest.next().places().size();
            oldest.remove();
        }
    }

    private void forget(Predicate<Change.Sent> which) {
        sent.values().removeIf(which);
        places = sent.values().stream().mapToInt(one -> one.places().size()).sum();
    }

    private static void fill(NumberSet set, List<Long> flat) {
        for (int i = 0; i < flat.size(); i += 2) {
            set.addAll(flat.get(i), flat.get(i + 1));
        }
    }

    private Taken taken(Address sender, Incarnation incarnation) {
        return taken.computeIfAbsent(new Life(sender, incarnation), life -> new Taken());
    }

    // ---- sending

    /** The stream of a recipient as it stands; empty before the first message. */
    synchronized Optional<Change.Stream> stream(Address recipient) {
        return Optional.ofNullable(streams.get(recipient));
    }

    synchronized Optional<Change.Claim> claim(ClientId name) {
        return Optional.ofNullable(claims.get(name));
    }

    /** What stood in the slots of an envelope sealed here; empty when nobody needs it any more, or it is too long ago. */
    synchronized Optional<Change.Sent> sent(MessageId id) {
        return Optional.ofNullable(sent.get(id));
    }

    /**
     * Keeps sealed envelopes and the numbers they use; one sync for all.
     *
     * @param slots of each, in order
     */
    synchronized void sealed(List<Change.Sealed> envelopes, List<Change.Sent> slots) throws IOException {
        // Large ones apart, so that a record stays within its limit.
        List<Change> together = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < envelopes.size(); i++) {
            Change.Sealed envelope = envelopes.get(i);
            long size = envelope.envelope().size()
                    + (long) PLACE_BYTES * slots.get(i).places().size();
            if (!together.isEmpty() && bytes + size > RECORD_FILL_BYTES) {
                append(List.copyOf(together));
                together.clear();
                bytes = 0;
            }
            together.add(envelope);
            together.add(slots.get(i));
            bytes += size;
        }
        append(together);
    }

    /** Envelopes that the node may not have, oldest first. */
    synchronized List<Change.Sealed> unsent() {
        return List.copyOf(unsent.values());
    }

    synchronized boolean isUnsent(MessageId id) {
        return unsent.containsKey(id);
    }

    synchronized void handed(MessageId id) throws IOException {
        append(List.of(new Change.Handed(id)));
    }

    synchronized void refused(Change.Refused refused) throws IOException {
        append(List.of(refused));
    }

    /** Numbers that came to nothing and of which the node does not know yet. */
    synchronized List<Change.Refused> gaps() {
        return List.copyOf(gaps.values());
    }

    synchronized void closed(MessageId id) throws IOException {
        append(List.of(new Change.Closed(id)));
    }

    // ---- receiving

    /** Whether a number has its end here: empty when not, otherwise whether it was returned. */
    synchronized Optional<Boolean> endOf(Address sender, Incarnation incarnation, long number) {
        Taken numbers = taken.get(new Life(sender, incarnation));
        return numbers == null || !numbers.ended.contains(number)
                ? Optional.empty()
                : Optional.of(numbers.returned.contains(number));
    }

    /**
     * Notes an end.
     *
     * @return where the message and its neighbours contradict each other about what stood before; empty when it had an end already
     */
    synchronized Optional<List<Chain.Break>> ended(Change.Ended end) throws IOException {
        if (endOf(end.sender(), end.incarnation(), end.number()).isPresent()) {
            return Optional.empty();
        }
        breaks = List.of();
        append(List.of(end));
        return Optional.of(breaks);
    }

    /** Notes an orderly stop and closes the file. */
    @Override
    public synchronized void close() throws IOException {
        file.append(ChangeCodec.encode(List.of(new Change.Stopped())));
        file.close();
    }

    /** Closes the file as a crash would leave it. */
    synchronized void abandon() throws IOException {
        file.close();
    }
}
