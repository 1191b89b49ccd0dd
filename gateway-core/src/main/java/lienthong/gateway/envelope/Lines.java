package lienthong.gateway.envelope;

import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/** Lines that several texts share, and the final comparison that makes each form the only one. */
final class Lines {
    private static final Address NOBODY = Address.of(new OrganisationId("X"));
    private static final MessageId NO_ID = new MessageId(0x7000L, 0x8000000000000000L);
    private static final DirectoryVersion NO_DIRECTORY =
            new DirectoryVersion(1, new Hash(Bytes.ofOwned(new byte[Hash.SIZE_BYTES])));
    private static final Incarnation NO_INCARNATION = new Incarnation(1);

    private Lines() {}

    /** {@code name ADDRESS}. */
    static Address address(StrictText.Reader in, String name) {
        return address(in, Address.parse(in.line(name)));
    }

    static Address address(StrictText.Reader in, Result<Address> parsed) {
        return in.isClean() ? in.value(parsed, NOBODY) : NOBODY;
    }

    static MessageId id(StrictText.Reader in, String digits) {
        return in.isClean() ? in.value(MessageId.parse(digits), NO_ID) : NO_ID;
    }

    /** {@code directory NUMBER HASH}. */
    static DirectoryVersion directory(StrictText.Reader in) {
        String[] words = words(in, "directory", 2);
        long number = in.parseNumber("directory version", words[0], Long.MAX_VALUE);
        Hash hash = in.parseHash("directory hash", words[1]);
        if (!in.isClean()) {
            return NO_DIRECTORY;
        }
        if (number == 0) {
            in.fail("directory versions begin with 1");
            return NO_DIRECTORY;
        }
        return new DirectoryVersion(number, hash);
    }

    /** {@code incarnation HEX16}. */
    static Incarnation incarnation(StrictText.Reader in) {
        Incarnation incarnation = Incarnation.parse(in.line("incarnation"));
        if (incarnation == null) {
            in.fail("incarnation is 16 lower-case hexadecimal digits, not all zero");
            return NO_INCARNATION;
        }
        return incarnation;
    }

    /** {@code reason NUMBER} with a number of the list. */
    static ErrorCode reason(StrictText.Reader in, String digits) {
        int number = (int) in.parseNumber("reason", digits, 9_999);
        Optional<ErrorCode> reason = ErrorCode.ofNumber(number);
        if (reason.isEmpty()) {
            in.fail("no reason has this number");
        }
        return reason.orElse(ErrorCode.EXPIRED);
    }

    /** The words of one line, exactly {@code count}; as many empty ones after a fault. */
    static String[] words(StrictText.Reader in, String name, int count) {
        return split(in, name, in.line(name), count);
    }

    static String[] split(StrictText.Reader in, String name, String value, int count) {
        String[] words = value.split(" ", -1);
        if (words.length != count) {
            in.fail("line " + name + " has " + count + " words");
            words = new String[count];
            java.util.Arrays.fill(words, "");
        }
        return words;
    }

    /** The value, if nothing was wrong and writing it again gives the same bytes. */
    static <T> Result<T> strictly(String kind, T value, Bytes again, Bytes received) {
        return again.equals(received)
                ? Result.ok(value)
                : Result.no(ErrorCode.TEXT_NOT_CLEAN, "{0}: not in its one written form", kind);
    }

    static <T> Result<T> no(Optional<Refusal> fault) {
        return Result.no(fault.orElseThrow(() -> new lienthong.gateway.message.Bug("a fault without a refusal")));
    }
}
