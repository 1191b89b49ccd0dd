package lienthong.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.CertificateRecord.Purpose;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.Province;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Result;
import org.junit.jupiter.api.Test;

/** T12: somebody offers keys in another's name. */
class T12KeySubstitutionTest {
    private final Province province = Province.make(12);
    private final Join.Joined office = province.join(Province.TAY_SON);
    private final Join.Joined rogue = province.join(Province.QUY_NHON);
    private final DirectoryBook book = province.book(rogue.directory(), office, rogue);
    private final Hash network = province.authority.root().fingerprint();
    private final Address victim = Address.of(Province.TAY_SON);
    private final Address own = Address.of(Province.QUY_NHON);

    private SigningKey signer(Join.Joined of) {
        return of.keys().signingKey(Address.of(of.keys().node())).orElseThrow();
    }

    private Result<Boolean> offer(
            Address address, Hash signerHash, SigningKey signer, long number, Optional<Address> textSays) {
        var keys = List.of(new KeyBundleRecord.EpochKey(
                province.clock.now(),
                province.clock.now().plus(Duration.ofDays(7)),
                RecipientPrivateKey.generate(Suite.HYBRID_1, province.randomness)
                        .publicKey()));
        Incarnation incarnation = book.view().bundle(address).orElseThrow().incarnation();
        Bytes signed = KeyBundleRecord.text(
                network, textSays.orElse(address), signerHash, number, incarnation, province.clock.now(), keys);
        return book.acceptRecord(
                KeyBundleRecord.of(
                                network,
                                address,
                                signerHash,
                                number,
                                incarnation,
                                province.clock.now(),
                                keys,
                                signer.signCms(signed, province.clock.now()))
                        .toBytes(),
                province.clock.now());
    }

    @Test
    void refusesABundleForAnAddressByAnothersKey() {
        Bytes before = book.view().bundle(victim).orElseThrow().toBytes();
        // By the rogue's own certificate; by the victim's name on the rogue's signature; signed for itself, shown for
        // the victim.
        for (Result<Boolean> offered : List.of(
                offer(victim, signer(rogue).certificate().hash(), signer(rogue), 99, Optional.empty()),
                offer(victim, signer(office).certificate().hash(), signer(rogue), 99, Optional.empty()),
                offer(victim, signer(rogue).certificate().hash(), signer(rogue), 99, Optional.of(own)))) {
            assertThat(offered.refusal().reason()).isEqualTo(ErrorCode.DIRECTORY_INVALID);
        }
        assertThat(book.view().bundle(victim).orElseThrow().toBytes()).isEqualTo(before);
    }

    @Test
    void refusesALowerBundleNumber() {
        assertThat(offer(victim, signer(office).certificate().hash(), signer(office), 5, Optional.empty())
                        .isOk())
                .isTrue();
        assertThat(offer(victim, signer(office).certificate().hash(), signer(office), 4, Optional.empty())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.KEY_BUNDLE_OLD);
    }

    @Test
    void refusesACertificateOfOneOfficeForAnother() {
        SigningKey key = signer(rogue);
        Bytes text = CertificateRecord.text(
                network, Purpose.ADDRESS, victim, key.certificate().hash(), Optional.empty());
        var record = CertificateRecord.of(
                network,
                Purpose.ADDRESS,
                victim,
                key.certificate(),
                Optional.empty(),
                key.signCms(text, province.clock.now()));
        assertThat(book.acceptRecord(record.toBytes(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.DIRECTORY_INVALID);
    }

    @Test
    void refusesACertificateForAnotherPurposeThanItWasMadeFor() {
        SigningKey key = signer(rogue);
        for (Purpose purpose : List.of(Purpose.EVIDENCE, Purpose.NODE_TLS, Purpose.CLIENT_TLS)) {
            Bytes text = CertificateRecord.text(
                    network, purpose, own, key.certificate().hash(), Optional.empty());
            var record = CertificateRecord.of(
                    network,
                    purpose,
                    own,
                    key.certificate(),
                    Optional.empty(),
                    key.signCms(text, province.clock.now()));
            assertThat(book.acceptRecord(record.toBytes(), province.clock.now())
                            .refusal()
                            .reason())
                    .isEqualTo(ErrorCode.DIRECTORY_INVALID);
        }
        // And an evidence key speaks for no address.
        Hash evidence = office.keys().evidenceKey().certificate().hash();
        assertThat(book.view()
                        .signer(victim, evidence, province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
        assertThat(book.view()
                        .signer(victim, signer(rogue).certificate().hash(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
        assertThat(book.view()
                        .delegate(own, evidence, OrganisationEntry.Delegation.DELIVERED, province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
        assertThat(book.view()
                        .delegate(victim, evidence, OrganisationEntry.Delegation.DELIVERED, province.clock.now())
                        .isOk())
                .isTrue();
    }

    @Test
    void refusesRecordsOfAnotherNetworkAndAlteredOnes() {
        Province other = Province.other(13);
        Join.Joined stranger = other.join(Province.TAY_SON);
        for (Bytes record : stranger.records()) {
            assertThat(book.acceptRecord(record, province.clock.now()).refusal().reason())
                    .isEqualTo(ErrorCode.OTHER_NETWORK);
        }
        for (Bytes record : office.records()) {
            DirectoryBook fresh = province.book(rogue.directory(), rogue);
            for (int i = 0; i < record.size(); i += record.size() > 2_000 ? 211 : 7) {
                byte[] altered = record.toArray();
                altered[i] ^= 4;
                fresh.acceptRecord(Bytes.ofOwned(altered), province.clock.now()).isOk();
            }
            assertThat(fresh.view().addressCertificate(victim)).isEmpty();
            assertThat(fresh.view().bundle(victim)).isEmpty();
            assertThat(fresh.forks()).isEmpty();
        }
    }

    @Test
    void anUnknownAddressGivesNoKeyButTheNearestName() {
        var refusal = book.recipientKey(Address.parse("A08.11").orBug(), Suite.HYBRID_1, province.clock.now())
                .refusal();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.UNKNOWN_RECIPIENT);
        assertThat(refusal.detail()).contains("A08.0").doesNotContain("null");
        var notJoined = book.recipientKey(Address.of(Province.COMMUNE), Suite.HYBRID_1, province.clock.now())
                .refusal();
        assertThat(notJoined.reason()).as("its code is right").isEqualTo(ErrorCode.NO_ROUTE);
        assertThat(notJoined.detail())
                .contains(Province.COMMUNE.text())
                .contains("is in the directory")
                .contains("not joined yet");
        assertThat(book.recipientKey(victim, Suite.CLASSIC_2, province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.SUITE_UNKNOWN);
    }
}
