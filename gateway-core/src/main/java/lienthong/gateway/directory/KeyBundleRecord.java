package lienthong.gateway.directory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * The keys to which messages for an address are wrapped, one after the other in time, signed by the address's key and bound to it.
 *
 * @param address whose
 * @param signer SHA-256 of the address's certificate whose key signed
 * @param number rises with each bundle of a key set, from 1; a lower one is refused, another of the same number is a fork
 * @param incarnation of the key set
 * @param created claimed by the signer
 * @param keys 1 to {@code Limits.BUNDLE_KEYS_MAX}, ordered by suite, then time
 * @param network fingerprint
 * @param text strict text of kind {@code bundle}, as received
 * @param cms detached, over the text
 */
public record KeyBundleRecord(
        Address address,
        Hash signer,
        long number,
        Incarnation incarnation,
        Instant created,
        List<EpochKey> keys,
        Hash network,
        Bytes text,
        Bytes cms)
        implements DirectoryRecord {
    static final int KIND_NUMBER = 2;
    private static final String KIND = "bundle";

    /**
     * One key.
     *
     * @param from first moment it is used
     * @param until end of its use, excluded; opening goes on for the longest lifetime after it
     * @param key the public key, of one suite
     */
    public record EpochKey(Instant from, Instant until, RecipientKey key) {
        public EpochKey {
            Invariant.check(from.isBefore(until), "an epoch has a length");
        }

        String line() {
            return key.suite().number() + " " + StrictText.time(from) + " " + StrictText.time(until) + " "
                    + key.publicKey().hex();
        }
    }

    public KeyBundleRecord {
        keys = List.copyOf(keys);
    }

    /** The text to sign. */
    public static Bytes text(
            Hash network,
            Address address,
            Hash signer,
            long number,
            Incarnation incarnation,
            Instant created,
            List<EpochKey> keys) {
        Invariant.check(!keys.isEmpty() && keys.size() <= Limits.BUNDLE_KEYS_MAX, "keys %d", keys.size());
        return StrictText.write(network, KIND)
                .line("address", address)
                .line("signer", signer)
                .line("number", number)
                .line("incarnation", incarnation)
                .line("created", StrictText.time(created))
                .lines("key", keys.stream().map(EpochKey::line).toList())
                .done();
    }

    /** From its parts, the text just signed. */
    public static KeyBundleRecord of(
            Hash network,
            Address address,
            Hash signer,
            long number,
            Incarnation incarnation,
            Instant created,
            List<EpochKey> keys,
            Bytes cms) {
        return new KeyBundleRecord(
                address,
                signer,
                number,
                incarnation,
                created,
                keys,
                network,
                text(network, address, signer, number, incarnation, created, keys),
                cms);
    }

    /** The key to wrap to at {@code at}: the one in use, else the last while it stays usable. */
    public Optional<EpochKey> keyAt(Suite suite, Instant at, java.time.Duration lastStaysUsable) {
        EpochKey best = null;
        for (EpochKey candidate : keys) {
            boolean begun = candidate.key().suite() == suite && !at.isBefore(candidate.from());
            if (begun && (best == null || candidate.from().isAfter(best.from()))) {
                best = candidate;
            }
        }
        // A clock that is a little behind ours must not leave a new office without a key.
        if (best == null) {
            best = keys.stream()
                    .filter(candidate -> candidate.key().suite() == suite)
                    .findFirst()
                    .orElse(null);
        }
        return best == null || !at.isBefore(best.until().plus(lastStaysUsable)) ? Optional.empty() : Optional.of(best);
    }

    @Override
    public Bytes toBytes() {
        return DirectoryWire.write(new DirectoryWire.RecordParts(KIND_NUMBER, text, cms, Bytes.empty()));
    }

    static Result<KeyBundleRecord> parse(DirectoryWire.RecordParts parts, Hash network) {
        return StrictText.read(parts.text(), network, KIND, Limits.DIRECTORY_RECORD_BYTES_MAX)
                .then(reader -> {
                    Address address = Texts.address(reader, "address");
                    Hash signer = reader.hash("signer");
                    long number = reader.number("number", Long.MAX_VALUE);
                    Incarnation incarnation = Texts.incarnation(reader, "incarnation");
                    Instant created = reader.time("created");
                    List<EpochKey> keys = new ArrayList<>();
                    for (String line : reader.lines("key", 1, Limits.BUNDLE_KEYS_MAX)) {
                        key(reader, line).ifPresent(keys::add);
                    }
                    for (int i = 1; i < keys.size(); i++) {
                        EpochKey before = keys.get(i - 1);
                        EpochKey after = keys.get(i);
                        int suites = before.key().suite().compareTo(after.key().suite());
                        if (suites > 0 || suites == 0 && !before.from().isBefore(after.from())) {
                            reader.fail("keys out of order");
                        }
                    }
                    if (number < 1) {
                        reader.fail("number counts from 1");
                    }
                    if (!parts.der().isEmpty()) {
                        reader.fail("a bundle carries no certificate");
                    }
                    return Texts.checked(
                            reader,
                            parts.text(),
                            () -> new KeyBundleRecord(
                                    address,
                                    signer,
                                    number,
                                    incarnation,
                                    created,
                                    keys,
                                    network,
                                    parts.text(),
                                    parts.cms()),
                            bundle -> text(network, address, signer, number, incarnation, created, bundle.keys));
                });
    }

    private static Optional<EpochKey> key(StrictText.Reader reader, String line) {
        String[] words = line.split(" ", -1);
        if (words.length != 4) {
            reader.fail("key is suite, from, until, key");
            return Optional.empty();
        }
        Instant from = Texts.parseTime(reader, "from", words[1]);
        Instant until = Texts.parseTime(reader, "until", words[2]);
        Bytes hex = Bytes.parseHex(words[3], words[3].length() / 2);
        if (hex == null || !from.isBefore(until)) {
            reader.fail("key has a length in time and is in lower-case hexadecimal");
            return Optional.empty();
        }
        Result<RecipientKey> key = Suite.ofNumber((int) reader.parseNumber("suite", words[0], 255))
                .then(suite -> RecipientKey.parse(suite, hex));
        if (key instanceof Result.No<RecipientKey> no) {
            reader.fail("key: " + no.refusal().detail());
        }
        return key.fold(parsed -> Optional.of(new EpochKey(from, until, parsed)), no -> Optional.empty());
    }
}
