package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.MessageId;

/** Writes the values of {@code docs/spec/custody.md}: unsigned LEB128 numbers, length-prefixed bytes, fixed-size hashes and ids. */
final class RecordWriter {
    private byte[] array = new byte[512];
    private int size;

    private void room(int more) {
        if (array.length - size < more) {
            array = Arrays.copyOf(array, Math.max(array.length * 2, size + more));
        }
    }

    RecordWriter number(long value) {
        Invariant.check(value >= 0, "negative number in a record");
        room(10);
        long rest = value;
        while (rest > 0x7F) {
            array[size++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        array[size++] = (byte) rest;
        return this;
    }

    RecordWriter fixed(Bytes bytes) {
        room(bytes.size());
        bytes.copyTo(array, size);
        size += bytes.size();
        return this;
    }

    RecordWriter long8(long value) {
        room(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            array[size++] = (byte) (value >>> shift);
        }
        return this;
    }

    RecordWriter bytes(Bytes bytes) {
        return number(bytes.size()).fixed(bytes);
    }

    RecordWriter text(String text) {
        return bytes(Bytes.utf8(text));
    }

    RecordWriter flag(boolean value) {
        return number(value ? 1 : 0);
    }

    RecordWriter hash(Hash hash) {
        return fixed(hash.bytes());
    }

    RecordWriter id(MessageId id) {
        return long8(id.high()).long8(id.low());
    }

    RecordWriter address(Address address) {
        return text(address.toString());
    }

    /** Milliseconds since 1970; 0 for none, so times before 1970 cannot be written. */
    RecordWriter time(Optional<Instant> time) {
        return number(time.map(t -> Math.max(1, t.toEpochMilli())).orElse(0L));
    }

    RecordWriter time(Instant time) {
        return time(Optional.of(time));
    }

    RecordWriter incarnation(Incarnation incarnation) {
        return long8(incarnation.value());
    }

    RecordWriter directory(DirectoryVersion version) {
        return number(version.number()).hash(version.hash());
    }

    RecordWriter error(Optional<ErrorCode> error) {
        return number(error.map(ErrorCode::number).orElse(0));
    }

    <T> RecordWriter list(List<T> items, BiConsumer<RecordWriter, T> one) {
        number(items.size());
        for (T item : items) {
            one.accept(this, item);
        }
        return this;
    }

    int size() {
        return size;
    }

    Bytes done() {
        return Bytes.ofOwned(Arrays.copyOf(array, size));
    }
}
