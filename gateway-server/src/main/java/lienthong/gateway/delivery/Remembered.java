package lienthong.gateway.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;

/**
 * Records found again by a name, for weeks and by the million: in memory stands only a hash of the name and the record's key, the record itself
 * is read and compared when the hash is met again. What is not yet durable is kept beside.
 *
 * @param <R> the record
 */
final class Remembered<R> {
    private final MessageStore store;
    private final Turn turn;
    private final Kind kind;
    private final Function<Bytes, R> decode;
    private final Function<R, Bytes> encode;
    private final Function<R, String> name;
    private final LongMap keys = new LongMap();
    private final java.util.Map<Long, R> fresh = new java.util.HashMap<>();

    Remembered(
            MessageStore store,
            Turn turn,
            Kind kind,
            Function<Bytes, R> decode,
            Function<R, Bytes> encode,
            Function<R, String> name) {
        this.store = store;
        this.turn = turn;
        this.kind = kind;
        this.decode = decode;
        this.encode = encode;
        this.name = name;
    }

    void recover(long key, Bytes value) {
        remember(key, name.apply(decode.apply(value)));
    }

    Optional<R> find(String wanted) {
        for (long hash = hash(wanted); ; hash = nonZero(hash + 1)) {
            long key = keys.get(hash);
            if (key == 0) {
                return Optional.empty();
            }
            Optional<R> record = Optional.ofNullable(fresh.get(key));
            if (record.isEmpty()) {
                record = store.read(kind, key).map(decode);
            }
            if (record.isPresent() && name.apply(record.get()).equals(wanted)) {
                return record;
            }
        }
    }

    /** In the batch of this turn. */
    void add(R record) {
        long key = store.newKey();
        turn.put(kind, key, encode.apply(record));
        remember(key, name.apply(record));
        fresh.put(key, record);
        turn.whenDurable(() -> fresh.remove(key));
    }

    /** Drops those that are over; reads all of them, so call it seldom. */
    void sweep(Predicate<R> isOver) {
        List<Long> over = new ArrayList<>();
        List<String> names = new ArrayList<>();
        store.forEach(kind, (key, value) -> {
            R record = decode.apply(value);
            if (isOver.test(record)) {
                over.add(key);
                names.add(name.apply(record));
            }
        });
        for (int i = 0; i < over.size(); i++) {
            turn.drop(kind, over.get(i));
            forget(over.get(i), names.get(i));
        }
    }

    int size() {
        return keys.size();
    }

    private void remember(long key, String text) {
        long hash = hash(text);
        while (keys.get(hash) != 0) {
            hash = nonZero(hash + 1);
        }
        keys.put(hash, key);
    }

    private void forget(long key, String text) {
        // A name that met a used hash stands behind it; the ones behind this one are put again, so that no gap hides
        // them.
        long hash = hash(text);
        while (keys.get(hash) != key) {
            hash = nonZero(hash + 1);
        }
        keys.remove(hash);
        for (long next = nonZero(hash + 1); keys.get(next) != 0; next = nonZero(next + 1)) {
            long moved = keys.get(next);
            keys.remove(next);
            store.read(kind, moved).map(decode).ifPresent(record -> remember(moved, name.apply(record)));
        }
    }

    private static long hash(String text) {
        return nonZero(Hash.of(Bytes.utf8(text)).bytes().asBuffer().getLong());
    }

    private static long nonZero(long hash) {
        return hash == 0 ? 1 : hash;
    }
}
