package lienthong.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.cipher.ProviderJar;
import lienthong.gateway.cipher.TestCipherProvider;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.RecipientKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Result;
import org.junit.jupiter.api.Test;

/** Opening keys of the State cipher service's suite: made by its product, published like others, kept while the product is away. */
class ProvidedEpochKeysTest {
    private static final Address TAY_SON = Address.of(Province.TAY_SON);

    private final Province province = Province.make(2002);
    private final MemoryDisk data = new MemoryDisk();
    private final InstalledCipher cipher = ProviderJar.installed();
    private final Join.Joined office =
            province.join(province.invite(Province.TAY_SON), data).orBug();
    private final DirectoryBook book = province.book(office.directory(), office);

    private NodeKeys open(Optional<InstalledCipher> beside) {
        return NodeKeys.open(data, Protection.fileModes(), province.randomness, beside)
                .orBug();
    }

    private NodeKeys.Renewal renew(NodeKeys keys) {
        NodeKeys.Renewal renewal = keys.renewIfDue(book.view(), province.clock.now());
        for (Bytes record : renewal.records()) {
            assertThat(book.acceptRecord(record, province.clock.now()).isOk()).isTrue();
        }
        return renewal;
    }

    private List<Suite> published() {
        KeyBundleRecord bundle = book.view().bundle(TAY_SON).orElseThrow();
        return bundle.keys().stream().map(key -> key.key().suite()).distinct().toList();
    }

    private Result<RecipientKey> key() {
        return book.recipientKey(TAY_SON, cipher.suite(), province.clock.now());
    }

    @Test
    void keysOfTheProductArePublishedAtTheFirstStartBesideIt() {
        assertThat(published()).containsExactly(Suite.HYBRID_1);
        NodeKeys keys = open(Optional.of(cipher));
        renew(keys);
        assertThat(published()).containsExactly(Suite.HYBRID_1, cipher.suite());
        Hash id = key().orBug().keyId();
        assertThat(keys.recipientKeys().find(id)).isPresent();
        assertThat(renew(keys).records()).as("nothing is due").isEmpty();
        assertThat(open(Optional.of(cipher)).recipientKeys().find(id))
                .as("after a restart")
                .isPresent();
    }

    @Test
    void aProductTakenAwayIsNoLongerPublishedAndItsKeysSleepUntilItIsBack() {
        renew(open(Optional.of(cipher)));
        Hash id = key().orBug().keyId();
        NodeKeys without = open(Optional.empty());
        NodeKeys.Renewal renewal = renew(without);
        assertThat(published()).containsExactly(Suite.HYBRID_1);
        assertThat(key().refusal().reason()).isEqualTo(ErrorCode.SUITE_UNKNOWN);
        assertThat(without.recipientKeys().find(id)).isEmpty();
        assertThat(renewal.warnings())
                .anyMatch(warning -> warning.english().contains("a cipher provider that is not installed"));

        NodeKeys again = open(Optional.of(cipher));
        renew(again);
        assertThat(key().orBug().keyId()).as("the same week's key").isEqualTo(id);
        assertThat(again.recipientKeys().find(id)).isPresent();
    }

    @Test
    void aProductThatFallsSilentWhileKeysAreReadIsToldAsThat() {
        renew(open(Optional.of(cipher)));
        boolean[] silent = {false};
        InstalledCipher card = InstalledCipher.of(new TestCipherProvider() {
                    @Override
                    public Optional<PrivateKey> decodeKey(byte[] encoded) {
                        if (silent[0]) {
                            throw new IllegalStateException("no card");
                        }
                        return super.decodeKey(encoded);
                    }
                })
                .orBug();
        silent[0] = true;
        assertThat(NodeKeys.open(data, Protection.fileModes(), province.randomness, Optional.of(card))
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.TOKEN_AWAY);
    }

    @Test
    void sleepingKeysAreDestroyedInTheirTimeToo() {
        renew(open(Optional.of(cipher)));
        String prefix = "keys/epoch-" + EpochKeys.fileName(TAY_SON) + "-"
                + cipher.suite().number() + "-";
        assertThat(data.files.keySet()).anyMatch(name -> name.startsWith(prefix));
        NodeKeys without = open(Optional.empty());
        province.clock.to(province.clock.now().plus(Duration.ofDays(7 * 9 + 91)));
        renew(without);
        assertThat(data.files.keySet()).noneMatch(name -> name.startsWith(prefix));
    }
}
