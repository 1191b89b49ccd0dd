package lienthong.gateway.message;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The form of everything that is signed or hashed as text: UTF-8, one field a line, {@code name value}, each line ended by LF, fixed order. The
 * first line is {@code lienthong 1 NETWORK KIND}, so that no signature can serve as another. A reader refuses whatever its own writing would
 * not give back byte for byte: each codec decodes, encodes again and compares.
 *
 * <p>Source: docs/spec/envelope.md, "Strict text".
 */
public final class StrictText {
    private static final String LABEL = "lienthong 1 ";

    private StrictText() {}

    /** Starts a text of {@code kind} in a network; {@code network} is null only in the text that defines one. */
    public static Writer write(@Nullable Hash network, String kind) {
        return new Writer(network, kind);
    }

    /**
     * Splits a text into lines after checking label, version, network and kind.
     *
     * @param network the network it must belong to, null to accept any (the line's own is in {@link Reader#network})
     * @return a reader at the second line, or {@code refusal} saying what is wrong with the frame of the text
     */
    public static Result<Reader> read(Bytes text, @Nullable Hash network, String kind, int bytesMax) {
        if (text.size() > bytesMax) {
            return Result.no(ErrorCode.HEADER_TOO_LARGE, kind + ": " + text.size() + " bytes, at most " + bytesMax);
        }
        if (text.isEmpty() || text.get(text.size() - 1) != '\n') {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, kind + ": does not end with a line feed");
        }
        String decoded = decode(text);
        if (decoded == null) {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, kind + ": not UTF-8");
        }
        String[] lines = decoded.substring(0, decoded.length() - 1).split("\n", -1);
        String first = lines[0];
        String[] words = first.split(" ", -1);
        if (words.length != 4 || !first.startsWith(LABEL) || !words[3].equals(kind)) {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, "line 1 is not that of a " + kind);
        }
        Hash own = words[2].equals("-") ? null : Hash.parse(words[2]);
        if (own == null && !words[2].equals("-")) {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, kind + ", line 1: network fingerprint");
        }
        if (network != null && !network.equals(own)) {
            return Result.no(ErrorCode.OTHER_NETWORK, kind + " of another network");
        }
        return Result.ok(new Reader(kind, own, lines));
    }

    private static @Nullable String decode(Bytes text) {
        try {
            CharBuffer chars = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(text.toArray()));
            return chars.toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
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

        /** One line. Values are checked where they enter; a line feed in one is a {@link Bug}. */
        public Writer line(String name, Object value) {
            String shown = value.toString();
            Invariant.check(shown.indexOf('\n') < 0 && !shown.isEmpty(), "value of line %s", name);
            text.append(name).append(' ').append(shown).append('\n');
            return this;
        }

        /** One line with {@code -} for an absent value. */
        public Writer line(String name, Optional<?> value) {
            return line(name, value.isPresent() ? value.get() : "-");
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

    /** Reads lines in the codec's order; the first fault is kept and all later reads give empty answers. */
    public static final class Reader {
        private final String kind;
        private final @Nullable Hash network;
        private final String[] lines;
        private int next = 1;
        private @Nullable Refusal fault;

        private Reader(String kind, @Nullable Hash network, String[] lines) {
            this.kind = kind;
            this.network = network;
            this.lines = lines;
        }

        /** The network named in the first line; null for {@code -}. */
        public @Nullable Hash network() {
            return network;
        }

        /** The value of the next line, which must have this name; empty string after a fault. */
        public String line(String name) {
            if (fault == null
                    && next < lines.length
                    && lines[next].startsWith(name + " ")
                    && lines[next].length() > name.length() + 1) {
                return lines[next++].substring(name.length() + 1);
            }
            fail("line " + (next + 1) + ": expected " + name);
            return "";
        }

        /** As {@link #line}, empty for the value {@code -}. */
        public Optional<String> optional(String name) {
            String value = line(name);
            return value.equals("-") || value.isEmpty() ? Optional.empty() : Optional.of(value);
        }

        /** Whether the next line has this name: for groups of lines that repeat. */
        public boolean isAt(String name) {
            return fault == null && next < lines.length && lines[next].startsWith(name + " ");
        }

        /** The values of all following lines of this name, at least {@code min} and at most {@code max}. */
        public List<String> lines(String name, int min, int max) {
            List<String> values = new ArrayList<>();
            while (fault == null && next < lines.length && lines[next].startsWith(name + " ")) {
                if (values.size() == max) {
                    fail("line " + (next + 1) + ": more than " + max + " lines " + name);
                    return values;
                }
                values.add(line(name));
            }
            if (values.size() < min) {
                fail("line " + (next + 1) + ": expected " + name);
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
                fault = new Refusal(refusal.reason(), kind + ", line " + next + ": " + refusal.detail());
            }
            return fallback;
        }

        /** A decimal number without sign or leading zeros, 0 to {@code max}; 0 after a fault. */
        public long number(String name, long max) {
            return parseNumber(name, line(name), max);
        }

        /** As {@link #number} for a word of a line already read. */
        public long parseNumber(String name, String digits, long max) {
            boolean form = !digits.isEmpty()
                    && digits.length() <= 19
                    && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                    && (digits.length() == 1 || digits.charAt(0) != '0');
            if (form) {
                try {
                    long value = Long.parseLong(digits);
                    if (value <= max) {
                        return value;
                    }
                } catch (NumberFormatException tooLarge) {
                    form = false;
                }
            }
            fail("line " + next + ": " + name + " is a number up to " + max);
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
                fail("line " + next + ": " + name + " is 64 lower-case hexadecimal digits");
                return NO_HASH;
            }
            return hash;
        }

        /** RFC 3339 in UTC with exactly three decimals, {@code 2026-11-23T08:00:00.000Z}; the epoch after a fault. */
        public java.time.Instant time(String name) {
            String text = line(name);
            try {
                java.time.Instant time = java.time.Instant.parse(text);
                if (StrictText.time(time).equals(text)) {
                    return time;
                }
            } catch (java.time.format.DateTimeParseException notATime) {
                fail("line " + next + ": " + name + " is a UTC time with milliseconds");
            }
            fail("line " + next + ": " + name + " is a UTC time with milliseconds");
            return java.time.Instant.EPOCH;
        }

        /** Records a fault found by the codec itself, unless there is one. */
        public void fail(String what) {
            if (fault == null) {
                fault = Refusal.of(ErrorCode.TEXT_NOT_CLEAN, kind + ", " + what);
            }
        }

        /** Whether nothing was wrong so far: checked before a value type with a strict constructor is built. */
        public boolean isClean() {
            return fault == null;
        }

        /** The end: no line may be left over. Gives the first fault, if any. */
        public Optional<Refusal> end() {
            if (fault == null && next < lines.length) {
                fail("line " + (next + 1) + ": nothing may follow");
            }
            return Optional.ofNullable(fault);
        }
    }

    private static final Hash NO_HASH = new Hash(Bytes.ofOwned(new byte[Hash.SIZE_BYTES]));

    private static final java.time.format.DateTimeFormatter TIME = java.time.format.DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", java.util.Locale.ROOT)
            .withZone(java.time.ZoneOffset.UTC);

    /** The one written form of a time: UTC, three decimals. */
    public static String time(java.time.Instant time) {
        return TIME.format(time);
    }
}
