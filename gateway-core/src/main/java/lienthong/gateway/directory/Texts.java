package lienthong.gateway.directory;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.CleanText;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/** What the codecs of this room share: reading typed lines, and the rule that only its own writing is accepted. */
public final class Texts {
    private static final OrganisationId NOBODY = new OrganisationId("X");

    private Texts() {}

    /** The one decoding rule: no fault, nothing left over, and writing the value gives the same bytes. */
    public static <T> Result<T> checked(
            StrictText.Reader reader, Bytes received, java.util.function.Supplier<T> value, Function<T, Bytes> write) {
        Optional<Refusal> fault = reader.end();
        if (fault.isPresent()) {
            return Result.no(fault.get());
        }
        T decoded = value.get();
        if (!write.apply(decoded).equals(received)) {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, "not in its one written form");
        }
        return Result.ok(decoded);
    }

    public static OrganisationId organisation(StrictText.Reader reader, String name) {
        return reader.value(OrganisationId.parse(reader.line(name)), NOBODY);
    }

    public static Optional<OrganisationId> optionalOrganisation(StrictText.Reader reader, String name) {
        return reader.optional(name).map(code -> reader.value(OrganisationId.parse(code), NOBODY));
    }

    public static List<OrganisationId> organisations(StrictText.Reader reader, String name, int min, int max) {
        List<OrganisationId> codes = new ArrayList<>();
        for (String line : reader.lines(name, min, max)) {
            codes.add(reader.value(OrganisationId.parse(line), NOBODY));
        }
        distinct(reader, name, codes);
        return codes;
    }

    public static Address address(StrictText.Reader reader, String name) {
        return reader.value(Address.parse(reader.line(name)), Address.of(NOBODY));
    }

    public static Optional<Hash> optionalHash(StrictText.Reader reader, String name) {
        return reader.optional(name).map(hex -> reader.parseHash(name, hex));
    }

    public static List<Hash> hashes(StrictText.Reader reader, String name, int max) {
        List<Hash> hashes = new ArrayList<>();
        for (String line : reader.lines(name, 0, max)) {
            hashes.add(reader.parseHash(name, line));
        }
        distinct(reader, name, hashes);
        return hashes;
    }

    /** Absent is {@code -}, as {@link #written(Optional)} writes it. */
    public static Optional<Instant> optionalTime(StrictText.Reader reader, String name) {
        return reader.optional(name).map(text -> parseTime(reader, name, text));
    }

    public static Instant parseTime(StrictText.Reader reader, String name, String text) {
        try {
            Instant time = Instant.parse(text);
            if (StrictText.time(time).equals(text)) {
                return time;
            }
        } catch (DateTimeParseException notATime) {
            reader.fail(name + " is a UTC time with milliseconds");
            return Instant.EPOCH;
        }
        reader.fail(name + " is a UTC time with milliseconds");
        return Instant.EPOCH;
    }

    public static Optional<String> written(Optional<Instant> time) {
        return time.map(StrictText::time);
    }

    public static Optional<Long> optionalNumber(StrictText.Reader reader, String name, long max) {
        return reader.optional(name).map(digits -> reader.parseNumber(name, digits, max));
    }

    /** A line of free text, clean and not blank at its ends. */
    public static String text(StrictText.Reader reader, String name, int charsMax) {
        String line = reader.line(name);
        if (!line.equals(line.strip()) || line.equals("-")) {
            reader.fail(name + " is not a name");
        }
        return reader.value(CleanText.line(name, line, charsMax), "");
    }

    public static Optional<String> optionalText(StrictText.Reader reader, String name, int charsMax) {
        return reader.optional(name).map(line -> reader.value(CleanText.line(name, line, charsMax), ""));
    }

    /** Checks a name that is about to be signed: clean, no blank ends, not {@code -}. */
    public static Result<String> name(String field, String text) {
        if (text.isEmpty() || !text.equals(text.strip()) || text.equals("-")) {
            return Result.no(ErrorCode.TEXT_NOT_CLEAN, "{0}: empty, or blank at its ends", field);
        }
        return CleanText.line(field, text, Limits.NAME_CHARS_MAX);
    }

    /** One of a closed list of words. */
    public static <E extends Enum<E>> E word(StrictText.Reader reader, String name, Class<E> words, String line) {
        E[] all = words.getEnumConstants();
        for (E word : all) {
            if (wordOf(word).equals(line)) {
                return word;
            }
        }
        reader.fail(name + " is one of a closed list");
        return all[0];
    }

    /** {@code KEY_COMPROMISE} is written {@code key-compromise}. */
    public static String wordOf(Enum<?> word) {
        return word.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    public static Optional<Incarnation> parseIncarnation(StrictText.Reader reader, String name, String hex) {
        Incarnation incarnation = Incarnation.parse(hex);
        if (incarnation == null) {
            reader.fail(name + " is 16 lower-case hexadecimal digits, not all zero");
        }
        return Optional.ofNullable(incarnation);
    }

    public static Incarnation incarnation(StrictText.Reader reader, String name) {
        return parseIncarnation(reader, name, reader.line(name)).orElse(new Incarnation(1));
    }

    public static DirectoryVersion version(StrictText.Reader reader, String name) {
        String[] words = reader.line(name).split(" ", -1);
        if (words.length != 2) {
            reader.fail(name + " is a number and a hash");
            return new DirectoryVersion(1, Hash.of(Bytes.empty()));
        }
        long number = reader.parseNumber(name, words[0], Long.MAX_VALUE);
        Hash hash = reader.parseHash(name, words[1]);
        if (number < 1) {
            reader.fail(name + " counts from 1");
            return new DirectoryVersion(1, hash);
        }
        return new DirectoryVersion(number, hash);
    }

    public static void distinct(StrictText.Reader reader, String name, Collection<?> values) {
        if (new HashSet<>(values).size() != values.size()) {
            reader.fail("a line " + name + " twice");
        }
    }

    public static <T extends Comparable<T>> void ascending(StrictText.Reader reader, String name, List<T> values) {
        for (int i = 1; i < values.size(); i++) {
            if (values.get(i - 1).compareTo(values.get(i)) >= 0) {
                reader.fail("lines " + name + " not ascending");
                return;
            }
        }
    }
}
