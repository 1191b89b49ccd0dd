package lienthong.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictTextTest {
    private static final Hash NETWORK = Hash.of(Bytes.utf8("network"));
    private static final Hash OTHER = Hash.of(Bytes.utf8("another network"));
    private static final int MAX = 4_096;

    private static Result<StrictText.Reader> read(String text) {
        return StrictText.read(Bytes.utf8(text), NETWORK, "test", MAX);
    }

    /** A reader of the lines given, behind a right first line. */
    private static StrictText.Reader lines(String lines) {
        return read("lienthong 1 " + NETWORK + " test\n" + lines).orBug();
    }

    private static Refusal refused(StrictText.Reader reader) {
        return reader.end().orElseThrow(() -> new AssertionError("nothing was refused"));
    }

    private static void isRefusedAtItsFrame(String text, String detail) {
        Refusal refusal = read(text).refusal();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.TEXT_NOT_CLEAN);
        assertThat(refusal.detail()).isEqualTo(detail);
    }

    // ---- the frame

    @Test
    void refusesAnEmptyText() {
        isRefusedAtItsFrame("", "test: does not end with a line feed");
    }

    @Test
    void refusesAMissingLastLineFeed() {
        isRefusedAtItsFrame("lienthong 1 " + NETWORK + " test\na 1", "test: does not end with a line feed");
    }

    @Test
    void refusesACarriageReturn() {
        isRefusedAtItsFrame("lienthong 1 " + NETWORK + " test\r\na 1\r\n", "test, line 1: control character");
        isRefusedAtItsFrame("lienthong 1 " + NETWORK + " test\na 1\r\n", "test, line 2: control character");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 9, 11, 27, 31, 127})
    void refusesControlCharacters(int character) {
        isRefusedAtItsFrame(
                "lienthong 1 " + NETWORK + " test\na 1\nb " + (char) character + "\n",
                "test, line 3: control character");
    }

    @Test
    void refusesAByteOrderMark() {
        isRefusedAtItsFrame("\uFEFFlienthong 1 " + NETWORK + " test\n", "line 1 is not that of a test");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "c0af",
                "c1bf",
                "e080af",
                "eda080",
                "edbfbf",
                "f08080af",
                "f4908080",
                "f5808080",
                "ff",
                "c3",
                "e1ba",
                "f09f93"
            })
    void refusesWhatIsNotUtf8(String hex) {
        Bytes text = Bytes.utf8("lienthong 1 " + NETWORK + " test\na ")
                .plus(Bytes.ofHex(hex))
                .plus(Bytes.utf8("\n"));
        Refusal refusal = StrictText.read(text, NETWORK, "test", MAX).refusal();
        assertThat(refusal).isEqualTo(Refusal.of(ErrorCode.TEXT_NOT_CLEAN, "test: not UTF-8"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                "lienthong\n",
                "lienthong 1 \n",
                "lienthong 1 NET\n",
                "lienthong 1 NET \n",
                "lienthong 1 NET  test\n",
                "lienthong 1  NET test\n",
                "lienthong 1 NET test \n",
                " lienthong 1 NET test\n",
                "lienthong 1 NET tes\n",
                "lienthong 1 NET tests\n",
                "lienthong 1 NET other\n",
                "lienthong 1 NET Test\n",
                "lienthong 2 NET test\n",
                "lienthong 01 NET test\n",
                "Lienthong 1 NET test\n",
                "lienthong 1 NET test more\n",
                "lienthong 1 test\n",
                "lienthong 1 test NET\n",
                "\nlienthong 1 NET test\n",
                "lienthong 1\nNET test\n"
            })
    void refusesAnotherFirstLine(String form) {
        isRefusedAtItsFrame(form.replace("NET", NETWORK.hex()), "line 1 is not that of a test");
    }

    @Test
    void refusesANetworkThatIsNoFingerprint() {
        isRefusedAtItsFrame("lienthong 1 x test\n", "test, line 1: network fingerprint");
        isRefusedAtItsFrame(
                "lienthong 1 " + NETWORK.hex().toUpperCase(Locale.ROOT) + " test\n",
                "test, line 1: network fingerprint");
        isRefusedAtItsFrame("lienthong 1 " + NETWORK + "0 test\n", "test, line 1: network fingerprint");
        isRefusedAtItsFrame("lienthong 1  test\n", "test, line 1: network fingerprint");
    }

    @Test
    void refusesAnotherNetworkAndNone() {
        assertThat(read("lienthong 1 " + OTHER + " test\n").refusal().reason()).isEqualTo(ErrorCode.OTHER_NETWORK);
        assertThat(read("lienthong 1 - test\n").refusal().reason()).isEqualTo(ErrorCode.OTHER_NETWORK);
    }

    @Test
    void takesAnyNetworkWhereNoneIsAskedForAndSaysWhich() {
        Bytes ofOther = StrictText.write(OTHER, "test").done();
        assertThat(StrictText.read(ofOther, null, "test", MAX).orBug().network())
                .isEqualTo(OTHER);
        Bytes ofNone = StrictText.write(null, "test").done();
        assertThat(StrictText.read(ofNone, null, "test", MAX).orBug().network()).isNull();
    }

    @Test
    void refusesMoreBytesThanItsLimitBeforeReadingThem() {
        Bytes text = StrictText.write(NETWORK, "test").done();
        assertThat(StrictText.read(text, NETWORK, "test", text.size()).isOk()).isTrue();
        assertThat(StrictText.read(text, NETWORK, "test", text.size() - 1)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.HEADER_TOO_LARGE);
    }

    // ---- lines

    @Test
    void refusesAMissingAMisplacedAndADoubledLine() {
        StrictText.Reader missing = lines("a 1\nc 3\n");
        assertThat(missing.line("a") + missing.line("b") + missing.line("c")).isEqualTo("1");
        assertThat(refused(missing).detail()).isEqualTo("test, line 3: expected b");

        StrictText.Reader misplaced = lines("b 2\na 1\n");
        assertThat(misplaced.line("a")).isEmpty();
        assertThat(refused(misplaced).detail()).isEqualTo("test, line 2: expected a");

        StrictText.Reader doubled = lines("a 1\na 1\n");
        assertThat(doubled.line("a")).isEqualTo("1");
        assertThat(refused(doubled).detail()).isEqualTo("test, line 3: nothing may follow");

        StrictText.Reader ended = lines("a 1\n");
        assertThat(ended.line("a") + ended.line("b")).isEqualTo("1");
        assertThat(refused(ended).detail()).isEqualTo("test, line 3: expected b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\n", "a \n", " a 1\n", "A 1\n", "ab 1\n", "a\t1\n", "a=1\n", "\na 1\n", "a1\n", "\n"})
    void refusesAnotherSpellingOfALine(String line) {
        if (line.indexOf('\t') >= 0) {
            assertThat(read("lienthong 1 " + NETWORK + " test\n" + line).isOk()).isFalse();
            return;
        }
        StrictText.Reader reader = lines(line);
        assertThat(reader.line("a")).isEmpty();
        assertThat(refused(reader).detail()).isEqualTo("test, line 2: expected a");
    }

    @Test
    void refusesAnEmptyLineAtTheEnd() {
        StrictText.Reader reader = lines("a 1\n\n");
        assertThat(reader.line("a")).isEqualTo("1");
        assertThat(refused(reader).detail()).isEqualTo("test, line 3: nothing may follow");
    }

    @Test
    void keepsBlanksOfAValueSoThatWritingItAgainGivesTheSameBytes() {
        StrictText.Reader reader = lines("a  x  \n");
        assertThat(reader.line("a")).isEqualTo(" x  ");
        assertThat(reader.end()).isEmpty();
    }

    @Test
    void refusesTooFewAndTooManyLinesOfAName() {
        StrictText.Reader none = lines("b 1\n");
        assertThat(none.lines("a", 1, 2)).isEmpty();
        assertThat(refused(none).detail()).isEqualTo("test, line 2: expected a");

        StrictText.Reader many = lines("a 1\na 2\na 3\n");
        assertThat(many.lines("a", 1, 2)).containsExactly("1", "2");
        assertThat(refused(many).detail()).isEqualTo("test, line 4: more than 2 lines a");

        StrictText.Reader hollow = lines("a 1\na \na 3\n");
        assertThat(hollow.lines("a", 1, 9)).containsExactly("1");
        assertThat(refused(hollow).detail()).isEqualTo("test, line 3: expected a");
    }

    @Test
    void aMillionLinesCostNoMoreThanTheirBytes() {
        String many = "lienthong 1 " + NETWORK + " test\n" + "\n".repeat(1_000_000);
        StrictText.Reader reader =
                StrictText.read(Bytes.utf8(many), NETWORK, "test", 2_000_000).orBug();
        assertThat(reader.lines("a", 0, 10)).isEmpty();
        assertThat(refused(reader).detail()).isEqualTo("test, line 2: nothing may follow");
    }

    @Test
    void theFirstFaultStaysAndLaterReadsGiveNothing() {
        StrictText.Reader reader = lines("a x\nb 2\n");
        assertThat(reader.number("a", 9)).isZero();
        assertThat(reader.isClean()).isFalse();
        assertThat(reader.line("b")).isEmpty();
        assertThat(reader.number("b", 9)).isZero();
        assertThat(reader.hash("b").bytes().hex()).isEqualTo("0".repeat(64));
        assertThat(reader.time("b")).isEqualTo(Instant.EPOCH);
        assertThat(reader.optional("b")).isEmpty();
        reader.fail("something later");
        assertThat(refused(reader).detail()).isEqualTo("test, line 2: a is a number up to 9");
    }

    @Test
    void aValuesOwnRefusalKeepsItsReasonAndGetsItsPlace() {
        StrictText.Reader reader = lines("a 1\nfrom A08..10\n");
        assertThat(reader.line("a")).isEqualTo("1");
        Address fallback = Address.parse("A").orBug();
        assertThat(reader.value(Address.parse(reader.line("from")), fallback)).isEqualTo(fallback);
        assertThat(refused(reader))
                .isEqualTo(Refusal.of(ErrorCode.ADDRESS_MALFORMED, "test, line 3: organisation code, position 5"));
    }

    // ---- values

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00",
                "01",
                "+1",
                "-1",
                "-0",
                "1.0",
                "1e3",
                "0x1",
                " 1",
                "1 ",
                "1_000",
                "١",
                "１",
                "-",
                "x",
                "101",
                "9223372036854775808",
                "18446744073709551617",
                "99999999999999999999",
                "00000000000000000001"
            })
    void refusesAnotherSpellingOfANumberAndOnesAboveTheLimit(String digits) {
        StrictText.Reader reader = lines("n " + digits + "\n");
        assertThat(reader.number("n", 100)).isZero();
        assertThat(refused(reader).detail()).isEqualTo("test, line 2: n is a number up to 100");
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "7,7",
        "100,100",
        "9223372036854775807,9223372036854775807",
        "1000000000000000000,9223372036854775807"
    })
    void readsNumbersUpToTheLimit(String digits, long max) {
        StrictText.Reader reader = lines("n " + digits + "\n");
        assertThat(reader.number("n", max)).isEqualTo(Long.parseLong(digits));
        assertThat(reader.end()).isEmpty();
    }

    @Test
    void refusesAHashInUpperCaseShortOrLong() {
        for (String hex : List.of(
                OTHER.hex().toUpperCase(Locale.ROOT),
                OTHER.hex().substring(1),
                OTHER.hex() + "0",
                "0x" + OTHER.hex(),
                "-")) {
            StrictText.Reader reader = lines("h " + hex + "\n");
            assertThat(reader.hash("h").bytes().hex()).isEqualTo("0".repeat(64));
            assertThat(refused(reader).detail()).isEqualTo("test, line 2: h is 64 lower-case hexadecimal digits");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-23T08:00:00Z",
                "2026-11-23T08:00:00.0Z",
                "2026-11-23T08:00:00.00Z",
                "2026-11-23T08:00:00.0000Z",
                "2026-11-23T08:00:00.000",
                "2026-11-23T08:00:00.000z",
                "2026-11-23t08:00:00.000Z",
                "2026-11-23 08:00:00.000Z",
                "2026-11-23T08:00:00,000Z",
                "2026-11-23T08:00:00.000+00:00",
                "2026-11-23T15:00:00.000+07:00",
                "2026-11-23T24:00:00.000Z",
                "2026-11-23T23:60:00.000Z",
                "2026-11-23T23:59:60.000Z",
                "2026-02-29T08:00:00.000Z",
                "2026-13-01T08:00:00.000Z",
                "2026-00-01T08:00:00.000Z",
                "2026-01-00T08:00:00.000Z",
                "+2026-11-23T08:00:00.000Z",
                "-026-11-23T08:00:00.000Z",
                "12026-11-23T08:00:00.000Z",
                "2026-11-23T08:00:00.00٠Z",
                "1792742400",
                "-"
            })
    void refusesAnotherSpellingOfATime(String text) {
        StrictText.Reader reader = lines("t " + text + "\n");
        assertThat(reader.time("t")).isEqualTo(Instant.EPOCH);
        assertThat(refused(reader).detail()).isEqualTo("test, line 2: t is a UTC time with milliseconds");
    }

    @Test
    void everyMillisecondHasOneSpelling() {
        DateTimeFormatter reference = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
                .withZone(ZoneOffset.UTC);
        long seed = 337L;
        Random random = new Random(seed);
        long first = Instant.parse("0000-01-01T00:00:00.000Z").toEpochMilli();
        long last = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
        for (int i = 0; i < 2_000; i++) {
            long milli = i == 0 ? first : i == 1 ? last : first + random.nextLong(last - first + 1);
            Instant time = Instant.ofEpochMilli(milli);
            String written = StrictText.time(time);
            assertThat(written).as("seed %d, step %d", seed, i).isEqualTo(reference.format(time));
            assertThat(lines("t " + written + "\n").time("t")).isEqualTo(time);
        }
        assertThatThrownBy(() -> StrictText.time(Instant.ofEpochMilli(last + 1)))
                .isInstanceOf(Bug.class);
        assertThatThrownBy(() -> StrictText.time(Instant.ofEpochMilli(first - 1)))
                .isInstanceOf(Bug.class);
    }

    // ---- writing

    @Test
    void neverWritesALineThatCouldReadAsTwo() {
        StrictText.Writer writer = StrictText.write(NETWORK, "test");
        for (String value : List.of("", "a\nb", "a\rb", "\n", "\u0000", "\u007F")) {
            assertThatThrownBy(() -> writer.line("a", value)).isInstanceOf(Bug.class);
        }
        assertThatThrownBy(() -> writer.line("a", Optional.of("-"))).isInstanceOf(Bug.class);
        assertThat(writer.done()).isEqualTo(StrictText.write(NETWORK, "test").done());
    }

    @Test
    void readsBackWhatItWrote() {
        Instant time = Instant.parse("2026-11-23T08:00:00.007Z");
        Bytes text = StrictText.write(NETWORK, "test")
                .line("from", Address.parse("A08.10/eoffice").orBug())
                .line("subject", Optional.of("Về việc họp \uD83D\uDCEF"))
                .line("service", Optional.empty())
                .lines("to", List.of("A", "B"))
                .line("count", 9)
                .line("root", OTHER)
                .line("time", StrictText.time(time))
                .done();
        assertThat(text.utf8())
                .isEqualTo("lienthong 1 " + NETWORK
                        + " test\nfrom A08.10/eoffice\nsubject Về việc họp \uD83D\uDCEF\nservice -\nto A\nto B\ncount 9\nroot "
                        + OTHER + "\ntime 2026-11-23T08:00:00.007Z\n");
        StrictText.Reader reader = StrictText.read(text, NETWORK, "test", MAX).orBug();
        assertThat(reader.line("from")).isEqualTo("A08.10/eoffice");
        assertThat(reader.optional("subject")).contains("Về việc họp \uD83D\uDCEF");
        assertThat(reader.optional("service")).isEmpty();
        assertThat(reader.lines("to", 1, 2)).containsExactly("A", "B");
        assertThat(reader.number("count", 9)).isEqualTo(9);
        assertThat(reader.hash("root")).isEqualTo(OTHER);
        assertThat(reader.time("time")).isEqualTo(time);
        assertThat(reader.isClean()).isTrue();
        assertThat(reader.end()).isEmpty();
    }

    @Test
    void noByteOfATextCanBeRemovedOrDoubledUnnoticed() {
        String text = "lienthong 1 " + NETWORK + " test\ncount 12\nroot " + OTHER + "\n";
        int accepted = 0;
        for (int i = 0; i < text.length(); i++) {
            accepted += isSameAfterReading(text.substring(0, i) + text.substring(i + 1)) ? 1 : 0;
            accepted += isSameAfterReading(text.substring(0, i) + text.charAt(i) + text.substring(i)) ? 1 : 0;
        }
        // Only the digits of "count 12" make another valid text: 1, 2, 112, 122.
        assertThat(accepted).isEqualTo(4);
    }

    private static boolean isSameAfterReading(String text) {
        return read(text)
                .fold(
                        reader -> {
                            long count = reader.number("count", 1_000);
                            Hash root = reader.hash("root");
                            return reader.end().isEmpty()
                                    && StrictText.write(NETWORK, "test")
                                            .line("count", count)
                                            .line("root", root)
                                            .done()
                                            .equals(Bytes.utf8(text));
                        },
                        refusal -> false);
    }
}
