package lienthong.gateway.link;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a message on the wire may look like: each field with its wire type, its limits and its place. Bytes are walked against it before the
 * generated parser takes memory for them, and refused when a field is unknown, misplaced, doubled, missing, too long, too short, too many or too
 * large, or a number is spelled longer than needed. Immutable after it is built.
 */
final class Shape {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    /** Frame, offer, whole, slot: no message here nests deeper. */
    private static final int DEPTH_MAX = 6;

    final String name;
    private Field[] fields = new Field[0];
    private int alternativesFrom;
    private int alternativesTo;

    private Shape(String name) {
        this.name = name;
    }

    static Shape of(String name) {
        return new Shape(name);
    }

    /** One field. */
    private record Field(
            int number,
            int wireType,
            boolean packed,
            boolean repeated,
            boolean required,
            int countMax,
            long min,
            long max,
            @Nullable Shape nested) {}

    private Shape add(Field field) {
        fields = Arrays.copyOf(fields, fields.length + 1);
        fields[fields.length - 1] = field;
        return this;
    }

    /** A number up to {@code max} (unsigned); required when {@code min} is not 0. */
    Shape number(int number, long min, long max) {
        return add(new Field(number, VARINT, false, false, min != 0, 1, min, max, null));
    }

    /** The same, with presence told apart from the range: a member of a oneof. */
    Shape number(int number, long min, long max, boolean required) {
        return add(new Field(number, VARINT, false, false, required, 1, min, max, null));
    }

    Shape truth(int number) {
        return number(number, 0, 1);
    }

    /** Numbers, packed. */
    Shape numbers(int number, int countMin, int countMax, long min, long max) {
        return add(new Field(number, LENGTH, true, false, countMin != 0, countMax, min, max, null));
    }

    /** Eight bytes, not all zero. */
    Shape fixed(int number) {
        return add(new Field(number, FIXED64, false, false, true, 1, 0, 0, null));
    }

    /** Bytes or text; required when {@code min} is not 0. */
    Shape bytes(int number, int min, int max) {
        return add(new Field(number, LENGTH, false, false, min != 0, 1, min, max, null));
    }

    /** The same, with presence told apart from the range: a member of a oneof. */
    Shape bytes(int number, int min, int max, boolean required) {
        return add(new Field(number, LENGTH, false, false, required, 1, min, max, null));
    }

    /** Bytes of one exact size, or absent. */
    Shape bytesIfThere(int number, int size) {
        return add(new Field(number, LENGTH, false, false, false, 1, size, size, null));
    }

    Shape manyBytes(int number, int countMin, int countMax, int min, int max) {
        return add(new Field(number, LENGTH, false, true, countMin != 0, countMax, min, max, null));
    }

    Shape one(int number, Shape nested) {
        return add(new Field(number, LENGTH, false, false, true, 1, 0, Integer.MAX_VALUE, nested));
    }

    Shape oneIfThere(int number, Shape nested) {
        return add(new Field(number, LENGTH, false, false, false, 1, 0, Integer.MAX_VALUE, nested));
    }

    Shape many(int number, int countMin, int countMax, Shape nested) {
        return add(new Field(number, LENGTH, false, true, countMin != 0, countMax, 0, Integer.MAX_VALUE, nested));
    }

    /** Of the fields {@code from} to {@code to} exactly one must be there (a oneof: also when it holds its zero). */
    Shape exactlyOneOf(int from, int to) {
        alternativesFrom = from;
        alternativesTo = to;
        return this;
    }

    /** Numbers of all fields that have a limit here. */
    int[] fieldNumbers() {
        return Arrays.stream(fields).mapToInt(Field::number).toArray();
    }

    @Nullable
    Shape nested(int number) {
        Field field = find(number);
        return field == null ? null : field.nested;
    }

    /** Walks {@code a[from, to)}; returns when it has this shape. */
    void check(byte[] a, int from, int to) throws Malformed {
        check(a, from, to, 0);
    }

    private void check(byte[] a, int from, int to, int depth) throws Malformed {
        if (depth > DEPTH_MAX) {
            throw new Malformed(name + " nested too deep");
        }
        Reader in = new Reader(a, from, to);
        int last = 0;
        int count = 0;
        int alternatives = 0;
        int requiredSeen = 0;
        while (in.at < to) {
            long tag = in.varint(name);
            int wireType = (int) (tag & 7);
            int number = tag >>> 3 > 536_870_911L ? 0 : (int) (tag >>> 3);
            Field field = find(number);
            if (field == null) {
                throw new Malformed(name + " has no field " + (tag >>> 3));
            }
            if (wireType != field.wireType) {
                throw new Malformed(name + " field " + number + " has wire type " + wireType);
            }
            if (number < last) {
                throw new Malformed(name + " field " + number + " stands after " + last);
            }
            if (number == last) {
                count++;
                if (!field.repeated) {
                    throw new Malformed(name + " field " + number + " stands twice");
                }
            } else {
                count = 1;
                alternatives += number >= alternativesFrom && number <= alternativesTo ? 1 : 0;
                requiredSeen += field.required ? 1 : 0;
            }
            if (field.repeated && count > field.countMax) {
                throw new Malformed(name + " field " + number + " stands more than " + field.countMax + " times");
            }
            last = number;
            value(field, in, depth);
        }
        if (alternativesTo > 0 && alternatives != 1) {
            throw new Malformed(name + " has " + alternatives + " bodies");
        }
        if (requiredSeen < requiredCount()) {
            throw new Malformed(name + " lacks a field");
        }
    }

    private void value(Field field, Reader in, int depth) throws Malformed {
        switch (field.wireType) {
            case VARINT -> range(field, in.varint(name));
            case FIXED64 -> {
                if (in.fixed64(name) == 0) {
                    throw new Malformed(name + " field " + field.number + " is zero");
                }
            }
            default -> {
                long length = in.varint(name);
                if (Long.compareUnsigned(length, in.to - in.at) > 0) {
                    throw new Malformed(name + " field " + field.number + " is cut short");
                }
                int end = in.at + (int) length;
                if (field.nested != null) {
                    field.nested.check(in.a, in.at, end, depth + 1);
                } else if (field.packed) {
                    packed(field, new Reader(in.a, in.at, end));
                } else {
                    range(field, length);
                }
                in.at = end;
            }
        }
    }

    private void packed(Field field, Reader in) throws Malformed {
        int count = 0;
        while (in.at < in.to) {
            if (++count > field.countMax) {
                throw new Malformed(name + " field " + field.number + " has more than " + field.countMax + " numbers");
            }
            range(field, in.varint(name));
        }
        if (count == 0) {
            throw new Malformed(name + " field " + field.number + " is empty");
        }
    }

    private void range(Field field, long value) throws Malformed {
        if (Long.compareUnsigned(value, field.max) > 0 || Long.compareUnsigned(value, field.min) < 0) {
            throw new Malformed(name + " field " + field.number + ": " + Long.toUnsignedString(value) + " is not "
                    + field.min + " to " + Long.toUnsignedString(field.max));
        }
    }

    private int requiredCount() {
        int required = 0;
        for (Field field : fields) {
            required += field.required ? 1 : 0;
        }
        return required;
    }

    private @Nullable Field find(int number) {
        for (Field field : fields) {
            if (field.number == number) {
                return field;
            }
        }
        return null;
    }

    /** Protobuf's primitives (https://protobuf.dev/programming-guides/encoding), strictly. */
    static final class Reader {
        final byte[] a;
        final int to;
        int at;

        Reader(byte[] a, int from, int to) {
            this.a = a;
            this.at = from;
            this.to = to;
        }

        long varint(String name) throws Malformed {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                if (at == to) {
                    throw new Malformed(name + " ends within a number");
                }
                byte b = a[at++];
                if (shift == 63 && (b & 0xFF) > 1) {
                    break;
                }
                value |= (b & 0x7FL) << shift;
                if (b >= 0) {
                    if (b == 0 && shift > 0) {
                        throw new Malformed(name + " spells a number longer than needed");
                    }
                    return value;
                }
            }
            throw new Malformed(name + " has a number of more than 64 bits");
        }

        long fixed64(String name) throws Malformed {
            if (to - at < 8) {
                throw new Malformed(name + " ends within a number");
            }
            long value = 0;
            for (int i = 7; i >= 0; i--) {
                value = value << 8 | a[at + i] & 0xFFL;
            }
            at += 8;
            return value;
        }
    }

    /** Bytes that are no such message. Stops at the codec's door; without a stack trace, since a peer can cause as many as it likes. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }
}
