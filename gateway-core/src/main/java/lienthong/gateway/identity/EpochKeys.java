package lienthong.gateway.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.directory.KeyBundleRecord.EpochKey;
import lienthong.gateway.directory.Policy;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;

/**
 * The opening keys of one address: one a week and suite, each in a file of its own, so that destroying one is overwriting and deleting a file.
 *
 * <pre>
 * week N                 [N·7 d, (N+1)·7 d) since 1970-01-01T00:00Z
 * published              the current week and seven more: a sender that hears nothing for seven weeks still has the right key
 * used by senders until  end of the week, or 30 days more where the sender knows no newer one
 * opens until            60 days (the longest lifetime) after that; then the file is overwritten and deleted
 * </pre>
 */
final class EpochKeys {
    static final Duration WEEK = Duration.ofDays(7);
    static final int AHEAD = 7;
    /** From the end of a key's week to its destruction. */
    static final Duration OPENS_AFTER =
            DirectoryView.LAST_KEY_STAYS.plus(Duration.ofSeconds(Limits.LIFETIME_SECONDS_MAX));

    private static final String PREFIX = "epoch-";

    private final Address address;
    private final KeyFolder folder;
    private final RecipientKeyRing ring;
    private final Optional<InstalledCipher> cipher;
    private final Map<Slot, RecipientPrivateKey> keys = new TreeMap<>();
    /** Files of a product that is not installed now: kept, since it may come back, and destroyed in their time. */
    private final Set<Slot> asleep = new TreeSet<>();

    private record Slot(Suite suite, long week) implements Comparable<Slot> {
        @Override
        public int compareTo(Slot other) {
            return Comparator.comparing(Slot::suite)
                    .thenComparingLong(Slot::week)
                    .compare(this, other);
        }
    }

    private EpochKeys(Address address, KeyFolder folder, RecipientKeyRing ring, Optional<InstalledCipher> cipher) {
        this.address = address;
        this.folder = folder;
        this.ring = ring;
        this.cipher = cipher;
    }

    /** For a new key set, whose keys of a product's suite are made when the node first runs with it. */
    static EpochKeys create(Address address, KeyFolder folder, RecipientKeyRing ring) {
        return new EpochKeys(address, folder, ring, Optional.empty());
    }

    /** Reads all files of the address. */
    static Result<EpochKeys> open(
            Address address, KeyFolder folder, RecipientKeyRing ring, Optional<InstalledCipher> cipher) {
        EpochKeys epochs = new EpochKeys(address, folder, ring, cipher);
        String prefix = PREFIX + fileName(address) + "-";
        for (String name : folder.names()) {
            if (!name.startsWith(prefix)) {
                continue;
            }
            Optional<Slot> slot = slotOf(name.substring(prefix.length()));
            if (slot.isEmpty()) {
                // Another address whose name begins with this one's.
                continue;
            }
            Suite suite = slot.get().suite;
            if (suite.isProvided() && !epochs.isInstalled(suite)) {
                epochs.asleep.add(slot.get());
                continue;
            }
            Result<RecipientPrivateKey> key;
            try {
                key = folder.readSecret(name)
                        .then(secret -> suite.isProvided()
                                ? cipher.orElseThrow().decodeKey(secret)
                                : RecipientPrivateKey.decode(suite, secret));
            } catch (TokenAway away) {
                return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
            }
            if (key instanceof Result.No<RecipientPrivateKey> no) {
                return Result.no(ErrorCode.RECORD_DAMAGED, no.refusal().about());
            }
            epochs.hold(slot.get(), key.orBug());
        }
        return Result.ok(epochs);
    }

    private boolean isInstalled(Suite suite) {
        return cipher.filter(own -> own.suite() == suite).isPresent();
    }

    private static Optional<Slot> slotOf(String text) {
        if (!text.matches("[1-9][0-9]{0,2}-(0|[1-9][0-9]{0,6})\\.key")) {
            return Optional.empty();
        }
        int dash = text.indexOf('-');
        long week = Long.parseLong(text.substring(dash + 1, text.length() - ".key".length()));
        return Suite.ofNumber(Integer.parseInt(text.substring(0, dash)))
                .fold(suite -> Optional.of(new Slot(suite, week)), no -> Optional.empty());
    }

    /** An underscore ends the code, which has none; inside a mailbox it is doubled, and put before dots, so that no two stand together. */
    static String fileName(Address address) {
        String office = address.organisation().text().toLowerCase(java.util.Locale.ROOT);
        return address.mailbox().isEmpty()
                ? office
                : office + "_" + address.mailbox().replace("_", "__").replace(".", "_.");
    }

    private String fileName(Slot slot) {
        return PREFIX + fileName(address) + "-" + slot.suite.number() + "-" + slot.week + ".key";
    }

    private void hold(Slot slot, RecipientPrivateKey key) {
        keys.put(slot, key);
        ring.add(address, key);
    }

    static long weekOf(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), WEEK.toSeconds());
    }

    private static Instant startOf(long week) {
        return Instant.ofEpochSecond(week * WEEK.toSeconds());
    }

    /** Those of which an address publishes keys. */
    static List<Suite> suites(Policy policy, Optional<InstalledCipher> cipher) {
        List<Suite> suites = new ArrayList<>(List.of(Suite.HYBRID_1));
        if (policy.suites().classicAllowed()) {
            suites.add(Suite.CLASSIC_2);
        }
        cipher.map(InstalledCipher::suite).ifPresent(suites::add);
        return List.copyOf(suites);
    }

    /** Whether the published keys are as they should be: up to the last week, and none of a product that was taken away. */
    boolean isDue(Optional<KeyBundleRecord> published, List<Suite> suites, Instant now) {
        long last = weekOf(now) + AHEAD;
        return published.isEmpty()
                || published.get().keys().stream()
                        .map(key -> key.key().suite())
                        .anyMatch(suite -> suite.isProvided() && !suites.contains(suite))
                || suites.stream()
                        .anyMatch(suite -> published.get().keys().stream()
                                .noneMatch(key ->
                                        key.key().suite() == suite && key.from().equals(startOf(last))));
    }

    /** Makes the missing keys, each safely on disk before its public half is signed, and the bundle that publishes the present ones. */
    KeyBundleRecord publish(
            Hash network,
            SigningKey signer,
            long number,
            Incarnation incarnation,
            List<Suite> suites,
            Instant now,
            Randomness randomness) {
        List<EpochKey> published = new ArrayList<>();
        long first = weekOf(now);
        for (Suite suite : suites.stream().sorted().toList()) {
            for (long week = first; week <= first + AHEAD; week++) {
                Slot slot = new Slot(suite, week);
                RecipientPrivateKey key = keys.get(slot);
                if (key == null) {
                    key = suite.isProvided()
                            ? cipher.orElseThrow().generateKey()
                            : RecipientPrivateKey.generate(suite, randomness);
                    SecretBytes encoded = key.encode();
                    folder.writeSecret(fileName(slot), encoded);
                    encoded.destroy();
                    hold(slot, key);
                }
                published.add(new EpochKey(startOf(week), startOf(week + 1), key.publicKey()));
            }
        }
        var text = KeyBundleRecord.text(
                network, address, signer.certificate().hash(), number, incarnation, now, published);
        return KeyBundleRecord.of(
                network,
                address,
                signer.certificate().hash(),
                number,
                incarnation,
                now,
                published,
                signer.signCms(text, now));
    }

    /** Destroys what nothing on the way can need any more; gives how many. */
    int destroyPast(Instant now) {
        List<Slot> past = Stream.concat(keys.keySet().stream(), asleep.stream())
                .filter(slot -> !now.isBefore(startOf(slot.week + 1).plus(OPENS_AFTER)))
                .toList();
        for (Slot slot : past) {
            asleep.remove(slot);
            RecipientPrivateKey key = keys.remove(slot);
            if (key != null) {
                ring.destroy(key.publicKey().keyId());
            }
            folder.erase(fileName(slot));
        }
        return past.size();
    }

    /** Whether keys of a product that is not installed wait here. */
    boolean hasSleeping() {
        return !asleep.isEmpty();
    }

    /** The oldest moment for which a message can still be opened. */
    Optional<Instant> opensSince() {
        return keys.keySet().stream().map(slot -> startOf(slot.week)).min(Instant::compareTo);
    }
}
