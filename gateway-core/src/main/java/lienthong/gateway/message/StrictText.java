package lienthong.gateway.message;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The form of everything that is signed or hashed as text: UTF-8, one field a line, {@code name value}, each line ended by LF, fixed order. The
 * first line is {@code lienthong 1 NETWORK KIND}, so that no signature can serve as another. A reader refuses whatever its own writing would
 * not give back byte for byte: each codec decodes, encodes again and compares.
 *
 * <p>Every envelope passes here at every hop, so reading costs one pass to decode and one index search a line: no list of lines is made, and a
 * text of a million empty lines costs no more than its bytes.
 *
 * <p>Source: docs/spec/envelope.md, "Strict text".
 */
public final class StrictText {
    private static final String LABEL = "lienthong 1 ";
    private static final Hash NO_HASH = new Hash(Bytes.ofOwned(new byte[Hash.SIZE_BYTES]));
    /** {@code 2026-11-23T08:00:00.000Z}. */
    private static final int TIME_CHARS = 24;

    private StrictText() {}

    /** Starts a text of {@code kind} in a network; {@code network} is null only in the text that defines one. */
    public static Writer write(@Nullable Hash network, String kind) {
        return new Writer(network, kind);
    }

    /**
     * Checks size, encoding, control characters, label, version, network and kind.
     *
     * @param network the network it must belong to, null to accept any (the line's own is in {@link Reader#network})
     * @return a reader at the second line, or {@code refusal} saying what is wrong with the frame of the text
     */
    public static Result<Reader> read(Bytes text, @Nullable Hash network, String kind, int bytesMax) {
        if (text.size() > bytesMax) {
            return Result.no(ErrorCode.HEADER_TOO_LARGE, "{0}: {1} bytes, at most {2}", kind, text.size(), bytesMax);
        }
        if (text.isEmpty() || text.get(text.size() - 1) != '\n') {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, "{0}: does not end with a line feed", kind);
        }
        boolean ascii = true;
        int line = 1;
        for (int i = 0; i < text.size(); i++) {
            byte b = text.get(i);
            if (b == '\n') {
                line++;
            } else if (b >= 0 && b < ' ' || b == 0x7F) {
                return Result.no(ErrorCode.TEXT_NOT_CLEAN, "{0}, line {1}: control character", kind, line);
            }
            ascii &= b >= 0;
        }
        String decoded = ascii ? text.latin1() : decode(text);
        if (decoded == null) {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, "{0}: not UTF-8", kind);
        }
        int end = decoded.indexOf('\n');
        int networkEnd = decoded.indexOf(' ', LABEL.length());
        if (!decoded.startsWith(LABEL)
                || networkEnd < 0
                || networkEnd + 1 + kind.length() != end
                || !decoded.startsWith(kind, networkEnd + 1)) {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, "line 1 is not that of a {0}", kind);
        }
        String named = decoded.substring(LABEL.length(), networkEnd);
        Hash own = named.equals("-") ? null : Hash.parse(named);
        if (own == null && !named.equals("-")) {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, "{0}, line 1: network fingerprint", kind);
        }
        if (network != null && !network.equals(own)) {
            return Result.no(ErrorCode.OTHER_NETWORK, "{0} of another network", kind);
        }
        return Result.ok(new Reader(kind, own, decoded, end + 1));
    }

    private static @Nullable String decode(Bytes text) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(text.asBuffer())
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }

    /** The one written form of a time: UTC, three decimals (finer ones are cut), years 0000 to 9999; another year is a {@link Bug}. */
    public static String time(Instant time) {
        LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
        Invariant.check(utc.getYear() >= 0 && utc.getYear() <= 9999, "year %d", utc.getYear());
        StringBuilder text = new StringBuilder(TIME_CHARS);
        digits(text, utc.getYear(), 4).append('-');
        digits(text, utc.getMonthValue(), 2).append('-');
        digits(text, utc.getDayOfMonth(), 2).append('T');
        digits(text, utc.getHour(), 2).append(':');
        digits(text, utc.getMinute(), 2).append(':');
        digits(text, utc.getSecond(), 2).append('.');
        return digits(text, utc.getNano() / 1_000_000, 3).append('Z').toString();
    }

    private static StringBuilder digits(StringBuilder text, int value, int count) {
        for (int divisor = power(count - 1); divisor > 0; divisor /= 10) {
            text.append((char) ('0' + value / divisor % 10));
        }
        return text;
    }

    private static int power(int exponent) {
        int power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }

    /** Exactly what {@link #time} writes, else null. */
    private static @Nullable Instant parseTime(String text) {
        if (text.length() != TIME_CHARS) {
            return null;
        }
        for (int i = 0; i < TIME_CHARS; i++) {
            char form = "0000-00-00T00:00:00.000Z".charAt(i);
            char c = text.charAt(i);
            if (form == '0' ? c < '0' || c > '9' : c != form) {
                return null;
            }
        }
        try {
            return LocalDateTime.of(
                            digitsAt(text, 0, 4),
                            digitsAt(text, 5, 2),
                            digitsAt(text, 8, 2),
                            digitsAt(text, 11, 2),
                            digitsAt(text, 14, 2),
                            digitsAt(text, 17, 2),
                            digitsAt(text, 20, 3) * 1_000_000)
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException noSuchDay) {
            return null;
        }
    }

    private static int digitsAt(String text, int start, int count) {
        int value = 0;
        for (int i = start; i < start + count; i++) {
            value = value * 10 + (text.charAt(i) - '0');
        }
        return value;
    }

    /** Writes lines in the codec's order. */
    public static final class Writer {
        private final StringBuilder text = new StringBuilder(512);

        private Writer(@Nullable Hash network, String kind) {
            text.append(LABEL)
                    .append(network == null ? "-" : network.hex())
                    .append(' ')
                    .append(kind)
                    .append('\n');
        }

        /** One line. Values are checked where they enter; an empty one, or one with a control character, is a {@link Bug}. */
        public Writer line(String name, Object value) {
            String shown = value.toString();
            Invariant.check(!shown.isEmpty(), "value of line %s is empty", name);
            Invariant.check(!hasControl(shown), "control character in line %s", name);
            text.append(name).append(' ').append(shown).append('\n');
            return this;
        }

        private static boolean hasControl(String shown) {
            for (int i = 0; i < shown.length(); i++) {
                char c = shown.charAt(i);
                if (c < ' ' || c == 0x7F) {
                    return true;
                }
            }
            return false;
        }

        /** One line with {@code -} for an absent value; a present one that is itself {@code -} could not be told from it and is a {@link Bug}. */
        public Writer line(String name, Optional<?> value) {
            if (value.isEmpty()) {
                return line(name, "-");
            }
            String shown = value.get().toString();
            Invariant.check(!shown.equals("-"), "a lone dash in line %s", name);
            return line(name, shown);
        }

        /** A line for each value. */
        public Writer lines(String name, List<?> values) {
            for (Object value : values) {
                line(name, value);
            }
            return this;
        }

        public Bytes done() {
            return Bytes.utf8(text.toString());
        }
    }

    /** Reads lines in the codec's order; the first fault is kept and all later reads give empty answers. Confined to its caller. */
    public static final class Reader {
        private final String kind;
        private final @Nullable Hash network;
        private final String text;
        private int at;
        /** 1-based number of the line read last. */
        private int line = 1;

        private @Nullable Refusal fault;

        private Reader(String kind, @Nullable Hash network, String text, int at) {
            this.kind = kind;
            this.network = network;
            this.text = text;
            this.at = at;
        }

        /** The network named in the first line; null for {@code -}. */
        public @Nullable Hash network() {
            return network;
        }

        /** The value of the next line, which must have this name; empty string after a fault. */
        public String line(String name) {
            if (fault == null && isNext(name)) {
                int start = at + name.length() + 1;
                // Cannot be −1: the last character of the text is a line feed.
                int end = text.indexOf('\n', start);
                if (end > start) {
                    at = end + 1;
                    line++;
                    return text.substring(start, end);
                }
            }
            fail("line " + (line + 1) + ": expected " + name);
            return "";
        }

        /** Whether the next line has this name. */
        private boolean isNext(String name) {
            return text.startsWith(name, at)
                    && at + name.length() < text.length()
                    && text.charAt(at + name.length()) == ' ';
        }

        /** As {@link #line}, empty for the value {@code -}. */
        public Optional<String> optional(String name) {
            String value = line(name);
            return value.equals("-") || value.isEmpty() ? Optional.empty() : Optional.of(value);
        }

        /** Whether the next line has this name: for groups of lines that repeat. */
        public boolean isAt(String name) {
            return fault == null && isNext(name);
        }

        /** The values of all following lines of this name, at least {@code min} and at most {@code max}; fewer after a fault. */
        public List<String> lines(String name, int min, int max) {
            List<String> values = new ArrayList<>();
            while (isAt(name)) {
                if (values.size() == max) {
                    fail("line " + (line + 1) + ": more than " + max + " lines " + name);
                    return values;
                }
                String value = line(name);
                if (!value.isEmpty()) {
                    values.add(value);
                }
            }
            if (values.size() < min) {
                fail("line " + (line + 1) + ": expected " + name);
            }
            return values;
        }

        /** Takes a value's own check; keeps the first refusal; gives {@code fallback} then. */
        public <T> T value(Result<T> checked, T fallback) {
            if (checked instanceof Result.Ok<T> ok) {
                return ok.value();
            }
            if (fault == null) {
                Refusal refusal = checked.refusal();
                fault = Refusal.of(refusal.reason(), "{0}, line {1}: {2}", kind, line, refusal.about());
            }
            return fallback;
        }

        /** A decimal number without sign or leading zeros, 0 to {@code max}; 0 after a fault. */
        public long number(String name, long max) {
            return parseNumber(name, line(name), max);
        }

        /** As {@link #number} for a word of a line already read. */
        public long parseNumber(String name, String digits, long max) {
            int count = digits.length();
            boolean isForm = count > 0 && count <= 19 && (count == 1 || digits.charAt(0) != '0');
            long value = 0;
            for (int i = 0; isForm && i < count; i++) {
                int digit = digits.charAt(i) - '0';
                // 19 digits may pass Long.MAX_VALUE: compared before the step that would overflow.
                isForm = digit >= 0 && digit <= 9 && value <= (Long.MAX_VALUE - digit) / 10;
                value = value * 10 + digit;
            }
            if (isForm && value <= max) {
                return value;
            }
            fail("line " + line + ": " + name + " is a number up to " + max);
            return 0;
        }

        /** 64 lower-case digits; a hash of zeros after a fault. */
        public Hash hash(String name) {
            return parseHash(name, line(name));
        }

        /** As {@link #hash} for a word of a line already read. */
        public Hash parseHash(String name, String hex) {
            Hash hash = Hash.parse(hex);
            if (hash == null) {
                fail("line " + line + ": " + name + " is 64 lower-case hexadecimal digits");
                return NO_HASH;
            }
            return hash;
        }

        /** RFC 3339 in UTC with exactly three decimals, {@code 2026-11-23T08:00:00.000Z}; the epoch after a fault. */
        public Instant time(String name) {
            return parseTime(name, line(name));
        }

        /** As {@link #time} for a word of a line already read. */
        public Instant parseTime(String name, String written) {
            Instant time = StrictText.parseTime(written);
            if (time == null) {
                fail("line " + line + ": " + name + " is a UTC time with milliseconds");
                return Instant.EPOCH;
            }
            return time;
        }

        /** Records a fault found by the codec itself, unless there is one. */
        public void fail(String what) {
            if (fault == null) {
                fault = Refusal.of(ErrorCode.TEXT_NOT_CLEAN, "{0}, {1}", kind, Detail.technical(what));
            }
        }

        /** Whether nothing was wrong so far: checked before a value type with a strict constructor is built. */
        public boolean isClean() {
            return fault == null;
        }

        /** The end: no line may be left over. Gives the first fault, if any. */
        public Optional<Refusal> end() {
            if (fault == null && at < text.length()) {
                fail("line " + (line + 1) + ": nothing may follow");
            }
            return Optional.ofNullable(fault);
        }
    }
}
