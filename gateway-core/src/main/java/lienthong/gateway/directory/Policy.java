package lienthong.gateway.directory;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * What holds for the whole network; exactly one per directory.
 *
 * @param suites which suites may be used
 * @param tlsGroups key exchange groups a link may use, the best first; X25519MLKEM768 is always among them
 * @param serviceVisible whether the core names the service class to relays
 * @param quotas per sender address
 * @param retention how long things are kept
 * @param freshness how old the newest word on revocations may be
 * @param forwarding what happens to mail for an office that has ended
 */
public record Policy(
        Suites suites,
        List<TlsGroup> tlsGroups,
        boolean serviceVisible,
        Quotas quotas,
        Retention retention,
        Freshness freshness,
        Forwarding forwarding)
        implements DirectoryEntry {
    static final String KIND = "policy";
    private static final long SECONDS_MAX = 3660L * 24 * 3600;

    /**
     * Which suites may be used.
     *
     * @param minimum number of the weakest suite accepted; by {@link #strengthOf}, not by number
     * @param classicAllowed whether suite 2 (P-256 alone) may be used at all
     */
    public record Suites(int minimum, boolean classicAllowed) {
        /**
         * Rank of a suite: 2 (classical) below 1 (hybrid) below 3 (archive) below the State cipher service's own (128 to 255); 0 for what
         * does not exist.
         */
        public static int strengthOf(int suite) {
            if (suite >= 128 && suite <= 255) {
                return 4;
            }
            return switch (suite) {
                case 1 -> 2;
                case 2 -> 1;
                case 3 -> 3;
                default -> 0;
            };
        }

        /** The stronger of two suites. */
        public static int stronger(int one, int other) {
            return strengthOf(one) >= strengthOf(other) ? one : other;
        }

        /** Whether an envelope of {@code suite} may travel when {@code floor} is the least somebody accepts. */
        public boolean allows(int suite, int floor) {
            return strengthOf(suite) >= strengthOf(stronger(minimum, floor))
                    && (suite != 2 || classicAllowed)
                    && strengthOf(suite) > 0;
        }
    }

    /** Key exchange of a link. */
    public enum TlsGroup {
        X25519MLKEM768,
        X25519
    }

    /**
     * Per sender address and hour; empty: no limit.
     *
     * @param messages accepted
     * @param urgentMessages of precedence hỏa tốc and above
     * @param bytes of payload
     */
    public record Quotas(Optional<Long> messages, Optional<Long> urgentMessages, Optional<Long> bytes) {}

    /**
     * How long things are kept.
     *
     * @param afterDelivered payload at its origin after a delivered receipt, when none of a higher rank comes
     * @param returnGrace how long after a lifetime's end the origin waits for receipts before it states the end itself
     */
    public record Retention(Duration afterDelivered, Duration returnGrace) {}

    /**
     * How old the newest freshness statement may be.
     *
     * @param soft beyond it, a warning
     * @param hard beyond it, what arrives is held or handed on marked
     * @param whenHard which of the two
     */
    public record Freshness(Duration soft, Duration hard, WhenHard whenHard) {}

    /** What a node does with what arrives past the hard age. */
    public enum WhenHard {
        HOLD,
        MARK
    }

    /** What happens to mail for an office that has ended. */
    public enum Forwarding {
        /** Its node re-wraps to the first successor. */
        REWRAP,
        /** Refused, the successor named. */
        REFUSE
    }

    public Policy {
        tlsGroups = List.copyOf(tlsGroups);
    }

    /** What a new network starts with. */
    public static Policy standard() {
        return new Policy(
                new Suites(1, false),
                List.of(TlsGroup.X25519MLKEM768),
                false,
                new Quotas(Optional.empty(), Optional.empty(), Optional.empty()),
                new Retention(Duration.ofDays(7), Duration.ofSeconds(Limits.RETURN_GRACE_SECONDS)),
                new Freshness(Duration.ofHours(24), Duration.ofDays(7), WhenHard.MARK),
                Forwarding.REWRAP);
    }

    /** The same with other rules for suites. */
    public Policy withSuites(Suites other) {
        return new Policy(other, tlsGroups, serviceVisible, quotas, retention, freshness, forwarding);
    }

    @Override
    public String entryKey() {
        return KIND;
    }

    @Override
    public Bytes text(Hash network) {
        return StrictText.write(network, KIND)
                .line("suite-minimum", suites.minimum)
                .line("suite-2", suites.classicAllowed ? "allowed" : "forbidden")
                .lines("tls-group", tlsGroups.stream().map(Texts::wordOf).toList())
                .line("service", serviceVisible ? "visible" : "hidden")
                .line("quota-messages", quotas.messages)
                .line("quota-urgent", quotas.urgentMessages)
                .line("quota-bytes", quotas.bytes)
                .line("retain-delivered", retention.afterDelivered.toSeconds())
                .line("return-grace", retention.returnGrace.toSeconds())
                .line("soft-age", freshness.soft.toSeconds())
                .line("hard-age", freshness.hard.toSeconds())
                .line("past-hard-age", Texts.wordOf(freshness.whenHard))
                .line("forward", Texts.wordOf(forwarding))
                .done();
    }

    static Result<Policy> parse(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, Limits.DIRECTORY_ENTRY_BYTES_MAX)
                .then(reader -> {
                    int minimum = (int) reader.number("suite-minimum", 255);
                    boolean classic = flag(reader, "suite-2", "allowed", "forbidden");
                    List<TlsGroup> groups = reader.lines("tls-group", 1, TlsGroup.values().length).stream()
                            .map(word -> Texts.word(reader, "tls-group", TlsGroup.class, word))
                            .toList();
                    boolean visible = flag(reader, "service", "visible", "hidden");
                    Quotas quotas = new Quotas(
                            Texts.optionalNumber(reader, "quota-messages", Long.MAX_VALUE),
                            Texts.optionalNumber(reader, "quota-urgent", Long.MAX_VALUE),
                            Texts.optionalNumber(reader, "quota-bytes", Long.MAX_VALUE));
                    Retention retention =
                            new Retention(seconds(reader, "retain-delivered"), seconds(reader, "return-grace"));
                    Freshness freshness = new Freshness(
                            seconds(reader, "soft-age"),
                            seconds(reader, "hard-age"),
                            Texts.word(reader, "past-hard-age", WhenHard.class, reader.line("past-hard-age")));
                    Forwarding forwarding = Texts.word(reader, "forward", Forwarding.class, reader.line("forward"));
                    Texts.ascending(reader, "tls-group", groups);
                    if (!groups.contains(TlsGroup.X25519MLKEM768)) {
                        reader.fail("tls-group x25519mlkem768 is missing");
                    }
                    if (Suites.strengthOf(minimum) == 0 || minimum == 2 && !classic) {
                        reader.fail("suite-minimum is a suite that may be used");
                    }
                    if (freshness.hard.compareTo(freshness.soft) < 0) {
                        reader.fail("hard-age is at least soft-age");
                    }
                    return Texts.checked(
                            reader,
                            text,
                            () -> new Policy(
                                    new Suites(minimum, classic),
                                    groups,
                                    visible,
                                    quotas,
                                    retention,
                                    freshness,
                                    forwarding),
                            policy -> policy.text(network));
                });
    }

    private static boolean flag(StrictText.Reader reader, String name, String yes, String no) {
        String word = reader.line(name);
        if (!word.equals(yes) && !word.equals(no)) {
            reader.fail(name + " is " + yes + " or " + no);
        }
        return word.equals(yes);
    }

    private static Duration seconds(StrictText.Reader reader, String name) {
        return Duration.ofSeconds(reader.number(name, SECONDS_MAX));
    }
}
