package lienthong.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import org.junit.jupiter.api.Test;

/** T18: a stolen disk opens nothing older than its epoch window; and renewal keeps the window moving without anybody's help. */
class T18EpochKeyDestroyedTest {
    private static final Address TAY_SON = Address.of(Province.TAY_SON);

    private final Province province = Province.make(18);
    private final MemoryDisk data = new MemoryDisk();
    private final Join.Joined office =
            province.join(province.invite(Province.TAY_SON), data).orBug();
    private final DirectoryBook book = province.book(office.directory(), office);

    private NodeKeys.Renewal renew() {
        NodeKeys.Renewal renewal = office.keys().renewIfDue(book.view(), province.clock.now());
        assertThat(book.acceptRecords(renewal.records(), province.clock.now())).isEmpty();
        assertThat(book.forks()).isEmpty();
        return renewal;
    }

    @Test
    void atLeastSixWeeksAreAlwaysPublishedAheadAndNothingIsDoneTwice() {
        for (int day = 0; day < 30; day++) {
            province.clock.forward(Duration.ofDays(1));
            var unused = renew();
            KeyBundleRecord bundle = book.view().bundle(TAY_SON).orElseThrow();
            long ahead = bundle.keys().stream()
                    .filter(key -> key.from().isAfter(province.clock.now()))
                    .count();
            assertThat(ahead).isGreaterThanOrEqualTo(6);
            assertThat(renew().records()).isEmpty();
            assertThat(unused.warnings()).isEmpty();
        }
        // The first and one for each Thursday: six bundles, of which the book keeps the last.
        assertThat(book.view().bundle(TAY_SON).orElseThrow().number()).isEqualTo(6);
        assertThat(book.recordHashes()).hasSize(office.records().size());
    }

    @Test
    void aKeyIsGoneFromDiskAndMemoryWhenNothingOnTheWayCanNeedIt() {
        Instant start = province.clock.now();
        KeyBundleRecord first = book.view().bundle(TAY_SON).orElseThrow();
        Hash keyId = first.keyAt(Suite.HYBRID_1, start, Duration.ZERO)
                .orElseThrow()
                .key()
                .keyId();
        Instant end = first.keys().get(0).until();
        String file = epochFiles().first();
        byte[] sealed = data.files.get(file).clone();

        province.clock.to(end.plus(Duration.ofDays(90)).minusMillis(1));
        assertThat(renew().destroyed()).isZero();
        RecipientPrivateKey held = office.keys().recipientKeys().find(keyId).orElseThrow();
        held.encode().destroy();
        List<Integer> keysLeftWhenTold = new ArrayList<>();
        office.keys()
                .recipientKeys()
                .whenDestroyed(
                        () -> keysLeftWhenTold.add(office.keys().recipientKeys().size()));
        int before = office.keys().recipientKeys().size();
        province.clock.to(end.plus(Duration.ofDays(90)));
        assertThat(renew().destroyed()).isEqualTo(1);
        assertThat(keysLeftWhenTold)
                .as("whoever keeps what it opened is told, when it is gone")
                .hasSize(1)
                .allSatisfy(
                        left -> assertThat(left).isNotEqualTo(before).isLessThanOrEqualTo(before + EpochKeys.AHEAD));
        assertThat(office.keys().recipientKeys().find(keyId)).isEmpty();
        // Whoever still holds the object holds nothing: it was overwritten, not only forgotten.
        assertThatThrownBy(held::encode).isInstanceOf(Bug.class);
        assertThat(data.files).doesNotContainKey(file);
        assertThat(data.files.values()).noneMatch(content -> java.util.Arrays.equals(content, sealed));
        assertThat(NodeKeys.open(data, Protection.fileModes(), province.randomness)
                        .orBug()
                        .recipientKeys()
                        .find(keyId))
                .isEmpty();
        assertThat(office.keys().opensSince().orElseThrow()).isAfter(start);
    }

    private java.util.SortedSet<String> epochFiles() {
        return new TreeSet<>(data.files.keySet().stream()
                .filter(name -> name.startsWith("keys/epoch-"))
                .toList());
    }

    @Test
    void theLastKeyStaysUsableThirtyDaysAndNoLonger() {
        KeyBundleRecord bundle = book.view().bundle(TAY_SON).orElseThrow();
        Instant last = bundle.keys().get(bundle.keys().size() - 1).until();
        assertThat(book.recipientKey(
                                TAY_SON,
                                Suite.HYBRID_1,
                                last.plus(Duration.ofDays(30)).minusMillis(1))
                        .isOk())
                .isTrue();
        assertThat(book.recipientKey(TAY_SON, Suite.HYBRID_1, last.plus(Duration.ofDays(30)))
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.KEY_BUNDLE_OLD);
        // Whatever a sender with an old bundle still wraps to, the recipient still holds for the longest lifetime.
        province.clock.to(last.plus(Duration.ofDays(90)).minusMillis(1));
        var unused = renew();
        assertThat(office.keys()
                        .recipientKeys()
                        .find(bundle.keys().get(bundle.keys().size() - 1).key().keyId()))
                .isPresent();
        assertThat(unused.destroyed()).isPositive();
    }

    @Test
    void certificatesRenewThemselvesSixtyDaysBeforeTheirEndAndOverlap() {
        var old = office.keys().signingKey(TAY_SON).orElseThrow().certificate();
        var oldTls = office.keys().tls().chain();
        province.clock.to(old.notAfter().minus(Duration.ofDays(60)));
        assertThat(renew().tlsChanged()).isFalse();
        province.clock.forward(Duration.ofSeconds(1));
        NodeKeys.Renewal renewal = renew();
        assertThat(renewal.tlsChanged()).isTrue();
        var now = office.keys().signingKey(TAY_SON).orElseThrow().certificate();
        assertThat(now).isNotEqualTo(old);
        assertThat(book.addressCertificate(TAY_SON)).contains(now);
        // Both hold side by side until the old one ends.
        assertThat(book.view().signer(TAY_SON, old.hash(), province.clock.now()).isOk())
                .isTrue();
        assertThat(book.view().signer(TAY_SON, now.hash(), province.clock.now()).isOk())
                .isTrue();
        assertThat(book.view().tlsPeer(oldTls, province.clock.now()).isOk()).isTrue();
        assertThat(book.view().delegatesOf(TAY_SON)).hasSize(2);
        // What was read back from the disk goes on where this ended, and a stranger's book learns the whole line from
        // the records.
        NodeKeys again =
                NodeKeys.open(data, Protection.fileModes(), province.randomness).orBug();
        assertThat(again.signingKey(TAY_SON).orElseThrow().certificate()).isEqualTo(now);
        DirectoryBook other = province.book(office.directory());
        assertThat(other.acceptRecords(again.records(), province.clock.now())).isEmpty();
        assertThat(other.recordsSetHash()).isEqualTo(book.recordsSetHash());
        province.clock.forward(Duration.ofDays(4));
        assertThat(renew().warnings()).singleElement().asString().contains("directory expires");
    }

    @Test
    void aCertificateSpeaksForNothingBeforeItsTimeOrAfterItsEnd() {
        var certificate = office.keys().signingKey(TAY_SON).orElseThrow().certificate();
        var evidence = office.keys().evidenceKey().certificate();
        for (Instant valid : List.of(certificate.notBefore(), certificate.notAfter())) {
            assertThat(book.view().signer(TAY_SON, certificate.hash(), valid).isOk())
                    .isTrue();
        }
        for (Instant outside : List.of(
                certificate.notBefore().minusMillis(1), certificate.notAfter().plusMillis(1))) {
            assertThat(book.view()
                            .signer(TAY_SON, certificate.hash(), outside)
                            .refusal()
                            .reason())
                    .isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
            assertThat(book.view()
                            .delegate(TAY_SON, evidence.hash(), OrganisationEntry.Delegation.DELIVERED, outside)
                            .refusal()
                            .reason())
                    .isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        }
    }

    @Test
    void aClockThatRunsAheadAloneDestroysNothing() {
        Instant real = province.clock.now();
        int before = office.keys().recipientKeys().size();
        var ahead = office.keys().renewIfDue(book.view(), real.plus(Duration.ofDays(3650)), real);
        assertThat(ahead.destroyed()).isZero();
        assertThat(ahead.records()).isEmpty();
        assertThat(office.keys().recipientKeys().size()).isEqualTo(before);
    }

    @Test
    void afterAClockThatRanAheadTheKeySetFindsBack() {
        Instant real = province.clock.now();
        province.clock.to(real.plus(Duration.ofDays(380)));
        var wrong = renew();
        assertThat(wrong.tlsChanged()).isTrue();
        province.clock.to(real.plus(Duration.ofDays(1)));
        assertThat(book.view()
                        .tlsPeer(office.keys().tls().chain(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        var right = renew();
        assertThat(right.tlsChanged()).isTrue();
        assertThat(book.view()
                        .tlsPeer(office.keys().tls().chain(), province.clock.now())
                        .isOk())
                .isTrue();
        var key =
                book.recipientKey(TAY_SON, Suite.HYBRID_1, province.clock.now()).orBug();
        assertThat(office.keys().recipientKeys().find(key.keyId())).isPresent();
        assertThat(renew().records()).isEmpty();
    }

    @Test
    void aRestoredDiskNeverRepeatsABundleNumber() {
        var copy = new java.util.TreeMap<>(data.files);
        province.clock.forward(Duration.ofDays(8));
        var unused = renew();
        long number = book.view().bundle(TAY_SON).orElseThrow().number();
        MemoryDisk restored = new MemoryDisk();
        restored.files.putAll(copy);
        NodeKeys old = NodeKeys.open(restored, Protection.fileModes(), province.randomness)
                .orBug();
        List<lienthong.gateway.message.Bytes> said = old.rejoin(book.view(), province.clock.now());
        assertThat(book.acceptRecords(said, province.clock.now())).isEmpty();
        assertThat(book.forks()).isEmpty();
        assertThat(book.view().bundle(TAY_SON).orElseThrow().number()).isGreaterThan(number);
        assertThat(unused.records()).isNotEmpty();
    }

    @Test
    void aReJoinThatWasInterruptedGoesOnToTheSameLife() {
        MemoryDisk restored = new MemoryDisk();
        restored.files.putAll(data.files);
        byte[] identity = restored.files.get("keys/identity.txt");
        NodeKeys old = NodeKeys.open(restored, Protection.fileModes(), province.randomness)
                .orBug();
        Incarnation before = old.incarnation();
        // The way is signed and told, the identity not yet written, nor the bundle.
        List<lienthong.gateway.message.Bytes> said = old.rejoin(book.view(), province.clock.now());
        assertThat(book.acceptRecord(said.get(0), province.clock.now()).isOk()).isTrue();
        restored.files.put("keys/identity.txt", identity);
        NodeKeys again = NodeKeys.open(restored, Protection.fileModes(), province.randomness)
                .orBug();
        assertThat(again.incarnation()).isEqualTo(before);
        province.clock.forward(Duration.ofMinutes(1));
        assertThat(book.acceptRecords(again.rejoin(book.view(), province.clock.now()), province.clock.now()))
                .isEmpty();
        assertThat(again.incarnation()).isEqualTo(old.incarnation()).isNotEqualTo(before);
        assertThat(book.forks()).isEmpty();
    }

    @Test
    void withAPassphraseNoFileHoldsAKeyInTheOpen() {
        Set<String> open = new TreeSet<>();
        MemoryDisk disk = new MemoryDisk();
        Authority.Invited invited = province.invite(Province.COMMUNE);
        Join.Joined joined = Join.join(
                        Join.Request.of(
                                invited.file(),
                                invited.code(),
                                province.words(),
                                Protection.passphrase("một câu dài".toCharArray(), Province.CHEAP)),
                        disk,
                        province.randomness,
                        province.clock)
                .orBug();
        byte[] custody = Secrets.reveal(joined.keys().custodyMacKey()).toArray();
        byte[] tls = joined.keys().tls().key().getEncoded();
        byte[] scalar = java.util.Arrays.copyOfRange(tls, tls.length - 32, tls.length);
        disk.files.forEach((name, content) -> {
            String hex = lienthong.gateway.message.Bytes.copyOf(content).hex();
            for (byte[] secret : List.of(custody, scalar)) {
                if (hex.contains(lienthong.gateway.message.Bytes.copyOf(secret).hex())) {
                    open.add(name);
                }
            }
        });
        assertThat(open).isEmpty();
        assertThat(disk.files.keySet()).noneMatch(name -> name.endsWith(".new"));
    }
}
