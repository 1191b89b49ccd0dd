package lienthong.gateway.store.view;

import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.store.Kind;

/** What a view reads of the log: durable values only. */
public interface LogReader {
    Optional<Bytes> read(Kind kind, long key);

    long[] keys(Kind kind);

    /** Number of the last durable record. */
    long durableNumber();
}
