package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;

/** Reads what {@link RecordWriter} wrote. The store has compared checksums, so anything unexpected is a {@link Bug}, never hostile input. */
final class RecordReader {
    private final Bytes bytes;
    private int at;

    RecordReader(Bytes bytes) {
        this.bytes = bytes;
    }

    /** The first byte; a higher one was written by a later version of this program. */
    RecordReader version(int highest) {
        versionOf(highest);
        return this;
    }

    /** The same, for values that earlier versions wrote otherwise. */
    int versionOf(int highest) {
        long version = number();
        Invariant.check(
                version >= 1 && version <= highest, "record version %d, this program knows %d", version, highest);
        return (int) version;
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            byte next = bytes.get(at++);
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new Bug("number of more than 63 bits in a record");
    }

    int count() {
        long value = number();
        Invariant.check(value <= Integer.MAX_VALUE, "count %d in a record", value);
        return (int) value;
    }

    Bytes fixed(int size) {
        Bytes slice = bytes.slice(at, size);
        at += size;
        return slice;
    }

    long long8() {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | bytes.get(at++) & 0xFFL;
        }
        return value;
    }

    Bytes bytes() {
        return fixed(count());
    }

    String text() {
        return bytes().utf8();
    }

    boolean flag() {
        return number() != 0;
    }

    Hash hash() {
        return new Hash(fixed(Hash.SIZE_BYTES));
    }

    MessageId id() {
        return new MessageId(long8(), long8());
    }

    Address address() {
        return Address.parse(text()).orBug();
    }

    OrganisationId organisation() {
        return new OrganisationId(text());
    }

    Optional<Instant> timeIfAny() {
        long ms = number();
        return ms == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ms));
    }

    Instant time() {
        return Instant.ofEpochMilli(number());
    }

    Incarnation incarnation() {
        return new Incarnation(long8());
    }

    DirectoryVersion directory() {
        return new DirectoryVersion(number(), hash());
    }

    Optional<ErrorCode> error() {
        return ErrorCode.ofNumber(count());
    }

    <T> List<T> list(Function<RecordReader, T> one) {
        int count = count();
        List<T> items = new ArrayList<>(Math.min(count, 1_024));
        for (int i = 0; i < count; i++) {
            items.add(one.apply(this));
        }
        return items;
    }

    /** Nothing may follow. */
    void end() {
        Invariant.check(at == bytes.size(), "%d bytes after the end of a record", bytes.size() - at);
    }
}
