package lienthong.gateway.delivery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import lienthong.gateway.delivery.Records.Numbering;
import lienthong.gateway.delivery.Records.Run;
import lienthong.gateway.delivery.Records.StreamKey;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;

/**
 * Numbers given to own senders' messages, per (sender, incarnation, recipient), in accept order. A number that was given and comes to nothing
 * becomes a skip, unless it was the last one given: then it is taken back as if it had never been. What a crash leaves reserved becomes
 * skips at the next start, because later numbers may be on their way.
 */
final class Numbers {
    static final Hash NO_CORE = new Hash(Bytes.ofOwned(new byte[Hash.SIZE_BYTES]));

    /** More messages than one stream ever has between two damages. */
    private static final int APART_BITS = 40;

    private final MessageStore store;
    private final Turn turn;
    private final Map<StreamKey, Counter> counters = new HashMap<>();
    /**
     * First number of a stream that has no record. The record may be what was set aside: so a stream begins above whatever it can have reached before. The
     * quarantine only grows, and grew with such a record.
     */
    private final long first;

    Numbers(MessageStore store, Turn turn) {
        this.store = store;
        this.turn = turn;
        this.first = ((long) store.status().quarantined() << APART_BITS) + 1;
    }

    /** @param restored what was reserved then may have been used since: it is no skip, and its stream is not gone on with */
    void recover(long key, Numbering record, boolean restored) {
        Counter counter = counters.computeIfAbsent(record.stream(), Counter::new);
        if (record instanceof Numbering.Counter numbers) {
            counter.key = key;
            counter.next = numbers.next();
            counter.previousCore = numbers.previousCore();
            numbers.skips().forEach(run -> counter.skips.put(run.first(), run));
            if (!restored) {
                numbers.open().forEach(run -> counter.skips.put(run.first(), run));
            } else if (!numbers.open().isEmpty()) {
                turn.dirty(counter);
            }
        } else if (record instanceof Numbering.Tail tail) {
            counter.tails.put(tail.orderingKey(), new Tail(counter, tail.orderingKey(), key, tail.last()));
        }
    }

    Reservation reserve(
            Address sender,
            Incarnation incarnation,
            List<Address> recipients,
            Hash core,
            int count,
            Optional<String> orderingKey) {
        List<Reservation.Numbered> numbered = new ArrayList<>(recipients.size());
        for (Address recipient : recipients) {
            Counter counter = counters.computeIfAbsent(new StreamKey(sender, incarnation, recipient), Counter::new);
            long first = counter.next;
            long predecessor = 0;
            if (orderingKey.isPresent()) {
                Tail tail = counter.tails.computeIfAbsent(
                        orderingKey.get(), text -> new Tail(counter, text, store.newKey(), 0));
                predecessor = tail.last;
                tail.last = first + count - 1;
            }
            numbered.add(new Reservation.Numbered(recipient, first, counter.previousCore, predecessor));
            counter.open.put(first, new Run(first, count, ErrorCode.INVARIANT));
            counter.next = first + count;
            counter.previousCore = core;
        }
        return new Reservation(sender, incarnation, core, count, orderingKey, numbered);
    }

    /** The envelope with these numbers is in the batch of this turn. */
    void used(Reservation reservation) {
        for (Reservation.Numbered one : reservation.numbers()) {
            Counter counter = counter(reservation, one);
            Invariant.check(counter.open.remove(one.first()) != null, "number %d was not reserved", one.first());
            turn.dirty(counter);
            reservation.orderingKey().map(counter.tails::get).ifPresent(turn::dirty);
        }
    }

    /** The numbers come to nothing. Which of them need a skip is told by {@link #eachSkip}. */
    void abandon(Reservation reservation, ErrorCode reason) {
        for (Reservation.Numbered one : reservation.numbers()) {
            Counter counter = counter(reservation, one);
            Invariant.check(counter.open.remove(one.first()) != null, "number %d was not reserved", one.first());
            if (counter.next == one.first() + reservation.count()) {
                counter.next = one.first();
                counter.previousCore = one.previousCore();
                reservation.orderingKey().map(counter.tails::get).ifPresent(tail -> {
                    tail.last = one.keyPredecessor();
                    tail.forgetIfEmpty();
                });
            } else {
                counter.skips.put(one.first(), new Run(one.first(), reservation.count(), reason));
                turn.dirty(counter);
            }
        }
    }

    /** Numbers of an envelope that its sender ended before it was delivered. */
    void skip(StreamKey stream, long first, int count, ErrorCode reason) {
        Counter counter = counters.computeIfAbsent(stream, Counter::new);
        counter.skips.put(first, new Run(first, count, reason));
        turn.dirty(counter);
    }

    /** A message with this ordering key has its end: if it was the last, later ones need not wait for it. Whether it was. */
    boolean ended(StreamKey stream, String orderingKey, long last) {
        Counter counter = counters.get(stream);
        Tail tail = counter == null ? null : counter.tails.get(orderingKey);
        if (tail == null || tail.last != last) {
            return false;
        }
        tail.last = 0;
        tail.forgetIfEmpty();
        return true;
    }

    /** Every run of numbers that still needs signed skips. */
    void eachSkip(BiConsumer<StreamKey, Run> see) {
        counters.values()
                .forEach(
                        counter -> List.copyOf(counter.skips.values()).forEach(run -> see.accept(counter.stream, run)));
    }

    /** The notices of this run are in the batch of this turn. */
    void skipped(StreamKey stream, long first) {
        Counter counter = counters.get(stream);
        if (counter != null && counter.skips.remove(first) != null) {
            turn.dirty(counter);
        }
    }

    private Counter counter(Reservation reservation, Reservation.Numbered one) {
        Counter counter = counters.get(new StreamKey(reservation.sender(), reservation.incarnation(), one.recipient()));
        Invariant.check(counter != null, "a reservation of another delivery");
        return java.util.Objects.requireNonNull(counter);
    }

    private final class Counter implements Turn.Dirty {
        private final StreamKey stream;
        private final TreeMap<Long, Run> open = new TreeMap<>();
        private final TreeMap<Long, Run> skips = new TreeMap<>();
        private final Map<String, Tail> tails = new HashMap<>();
        private long key;
        private long next = first;
        private Hash previousCore = NO_CORE;

        Counter(StreamKey stream) {
            this.stream = stream;
        }

        @Override
        public int bytesMax() {
            return 300 + 20 * (open.size() + skips.size());
        }

        @Override
        public void write(Turn to) {
            if (key == 0) {
                key = store.newKey();
            }
            to.put(
                    Kind.NUMBERS,
                    key,
                    new Numbering.Counter(
                                    stream, next, previousCore, List.copyOf(open.values()), List.copyOf(skips.values()))
                            .encode());
        }
    }

    private final class Tail implements Turn.Dirty {
        private final Counter counter;
        private final String orderingKey;
        private final long key;
        private long last;
        private boolean written;

        Tail(Counter counter, String orderingKey, long key, long last) {
            this.counter = counter;
            this.orderingKey = orderingKey;
            this.key = key;
            this.last = last;
            this.written = last > 0;
        }

        void forgetIfEmpty() {
            if (last == 0) {
                counter.tails.remove(orderingKey);
                turn.dirty(this);
            }
        }

        @Override
        public int bytesMax() {
            return 600;
        }

        @Override
        public void write(Turn to) {
            if (last > 0) {
                written = true;
                to.put(Kind.NUMBERS, key, new Numbering.Tail(counter.stream, orderingKey, last).encode());
            } else if (written) {
                to.drop(Kind.NUMBERS, key);
            }
        }
    }
}
