package lienthong.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryBook.Outcome;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.Province;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Result;
import org.junit.jupiter.api.Test;

/** T11: different directories, or different keys of one address, are shown to different people. */
class T11DirectoryForkTest {
    private final Province province = Province.make(11);

    @Test
    void twoHashesOfOneVersionAreAForkWhicheverCameFirst() {
        Authority second = province.copyOfAuthority();
        SignedDirectory one =
                province.authority.sign(province.authority.draft()).orBug();
        province.clock.forward(Duration.ofSeconds(1));
        SignedDirectory other = second.sign(second.draft()).orBug();
        for (List<SignedDirectory> order : List.of(List.of(one, other), List.of(other, one))) {
            DirectoryBook book = DirectoryBook.of(province.authority.root());
            assertThat(book.accept(order.get(0), province.clock.now())).isInstanceOf(Outcome.Newer.class);
            assertThat(book.accept(order.get(1), province.clock.now())).isInstanceOf(Outcome.Forked.class);
            assertThat(book.forks()).hasSize(1);
            Fork fork = book.forks().get(0);
            assertThat(fork.kind()).isEqualTo(Fork.Kind.DIRECTORY);
            assertThat(List.of(fork.inForce(), fork.other()))
                    .containsExactly(order.get(0).toBytes(), order.get(1).toBytes());
            assertThat(book.directory().orElseThrow().signed()).isEqualTo(order.get(0));
        }
    }

    @Test
    void anOldVersionWithAnotherHashIsAForkTooNotJustOld() {
        Authority second = province.copyOfAuthority();
        SignedDirectory v2 = province.authority.sign(province.authority.draft()).orBug();
        SignedDirectory v3 = province.authority.sign(province.authority.draft()).orBug();
        province.clock.forward(Duration.ofSeconds(1));
        SignedDirectory otherV2 = second.sign(second.draft()).orBug();
        DirectoryBook book = DirectoryBook.of(province.authority.root());
        assertThat(book.accept(v3, province.clock.now())).isInstanceOf(Outcome.Newer.class);
        // Version 2 was never seen here, but version 3 names its hash.
        assertThat(book.accept(otherV2, province.clock.now())).isInstanceOf(Outcome.Forked.class);
        assertThat(book.accept(v2, province.clock.now())).isInstanceOf(Outcome.Old.class);
    }

    @Test
    void aVersionThatDoesNotFollowTheOneInForceIsAFork() {
        Authority second = province.copyOfAuthority();
        SignedDirectory v2 = province.authority.sign(province.authority.draft()).orBug();
        province.clock.forward(Duration.ofSeconds(1));
        var unused = second.sign(second.draft()).orBug();
        SignedDirectory otherV3 = second.sign(second.draft()).orBug();
        DirectoryBook book = DirectoryBook.of(province.authority.root());
        assertThat(book.accept(v2, province.clock.now())).isInstanceOf(Outcome.Newer.class);
        assertThat(book.accept(otherV3, province.clock.now())).isInstanceOf(Outcome.Forked.class);
        assertThat(book.directory().orElseThrow().signed()).isEqualTo(v2).isNotEqualTo(unused);
    }

    @Test
    void anExpiredDirectoryThatContradictsIsStillAFork() {
        Authority second = province.copyOfAuthority();
        SignedDirectory one =
                province.authority.sign(province.authority.draft()).orBug();
        province.clock.forward(Duration.ofSeconds(1));
        SignedDirectory other = second.sign(second.draft()).orBug();
        DirectoryBook book = DirectoryBook.of(province.authority.root());
        assertThat(book.accept(one, province.clock.now())).isInstanceOf(Outcome.Newer.class);
        province.clock.forward(Duration.ofDays(500));
        assertThat(book.accept(other, province.clock.now())).isInstanceOf(Outcome.Forked.class);
    }

    @Test
    void oneInvitationUsedOnTwoMachinesIsAFork() {
        Authority.Invited invited = province.invite(Province.TAY_SON);
        Join.Joined honest = province.joinElsewhere(invited);
        Join.Joined thief = province.joinElsewhere(invited);
        DirectoryBook book = province.book(honest.directory(), honest);
        var refusals = book.acceptRecords(thief.records(), province.clock.now());
        assertThat(refusals).isNotEmpty();
        assertThat(refusals).anyMatch(refusal -> refusal.reason() == ErrorCode.DIRECTORY_FORK);
        assertThat(book.forks())
                .anyMatch(
                        fork -> fork.kind() == Fork.Kind.KEY_SET && fork.about().contains("A08.10"));
        Address address = Address.of(Province.TAY_SON);
        assertThat(book.addressCertificate(address))
                .contains(honest.keys().signingKey(address).orElseThrow().certificate());
        var key =
                book.recipientKey(address, Suite.HYBRID_1, province.clock.now()).orBug();
        assertThat(honest.keys().recipientKeys().find(key.keyId())).isPresent();
        assertThat(thief.keys().recipientKeys().find(key.keyId())).isEmpty();
    }

    @Test
    void bothHalvesOfAForkArePassedOnAndTheFirstStaysInForceAfterARestart() {
        Authority.Invited invited = province.invite(Province.TAY_SON);
        Join.Joined honest = province.joinElsewhere(invited);
        Join.Joined thief = province.joinElsewhere(invited);
        for (List<Join.Joined> order : List.of(List.of(honest, thief), List.of(thief, honest))) {
            DirectoryBook book = province.book(honest.directory(), order.get(0));
            var refusals = book.acceptRecords(order.get(1).records(), province.clock.now());
            assertThat(refusals).isNotEmpty();
            DirectoryBook again = DirectoryBook.of(province.authority.root());
            assertThat(again.restore(honest.directory(), province.clock.now())).isInstanceOf(Outcome.Newer.class);
            var repeated = again.acceptRecords(book.records(), province.clock.now());
            assertThat(repeated).isNotEmpty();
            assertThat(again.forks()).isNotEmpty();
            Address address = Address.of(Province.TAY_SON);
            assertThat(again.addressCertificate(address))
                    .contains(order.get(0)
                            .keys()
                            .signingKey(address)
                            .orElseThrow()
                            .certificate());
            assertThat(again.recordsSetHash()).isEqualTo(book.recordsSetHash());
        }
    }

    @Test
    void twoBundlesOfOneNumberAreAFork() {
        Join.Joined office = province.join(Province.TAY_SON);
        DirectoryBook book = province.book(office.directory(), office);
        Address address = Address.of(Province.TAY_SON);
        KeyBundleRecord held = book.view().bundle(address).orElseThrow();
        KeyBundleRecord other = bundle(office, held.number(), held.incarnation());
        assertThat(book.acceptRecord(other.toBytes(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.DIRECTORY_FORK);
        assertThat(book.view().bundle(address)).contains(held);
        assertThat(book.forks()).hasSize(1);
        assertThat(book.recordHashes()).contains(held.hash(), other.hash());
    }

    @Test
    void whoForgesForksForEverFillsNobodysDisk() {
        Join.Joined office = province.join(Province.TAY_SON);
        DirectoryBook book = province.book(office.directory(), office);
        KeyBundleRecord held = book.view().bundle(Address.of(Province.TAY_SON)).orElseThrow();
        int before = book.recordHashes().size();
        for (int i = 0; i < 70; i++) {
            assertThat(book.acceptRecord(
                                    bundle(office, held.number(), held.incarnation())
                                            .toBytes(),
                                    province.clock.now())
                            .refusal()
                            .reason())
                    .isEqualTo(ErrorCode.DIRECTORY_FORK);
        }
        assertThat(book.forks()).hasSize(64);
        assertThat(book.recordHashes()).hasSize(before + 64);
    }

    @Test
    void anotherIncarnationNeedsASignedReJoin() {
        Join.Joined office = province.join(Province.TAY_SON);
        DirectoryBook book = province.book(office.directory(), office);
        Address address = Address.of(Province.TAY_SON);
        KeyBundleRecord held = book.view().bundle(address).orElseThrow();
        KeyBundleRecord clone = bundle(office, held.number() + 1, new Incarnation(7));
        assertThat(book.acceptRecord(clone.toBytes(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.DIRECTORY_FORK);

        DirectoryBook told = province.book(office.directory(), office);
        List<Bytes> said = office.keys().rejoin(told.view(), province.clock.now());
        DirectoryBook otherWay = province.book(office.directory(), office);
        List<Bytes> bundleFirst = new ArrayList<>(said);
        Collections.reverse(bundleFirst);
        assertThat(otherWay.acceptRecords(bundleFirst, province.clock.now()))
                .as("the bundle may stand before what leads to it")
                .isEmpty();
        assertThat(otherWay.forks()).isEmpty();
        assertThat(told.acceptRecords(said, province.clock.now())).isEmpty();
        assertThat(told.forks()).isEmpty();
        assertThat(told.view().bundle(address).orElseThrow().incarnation())
                .isEqualTo(office.keys().incarnation())
                .isNotEqualTo(held.incarnation());
        // What the key set said before it lived on elsewhere is old, not a fork.
        assertThat(told.acceptRecord(bundle(office, 99, held.incarnation()).toBytes(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.KEY_BUNDLE_OLD);
    }

    @Test
    void aBundleThatComesAFrameBeforeItsReJoinIsAForkUntilThatComes() {
        Join.Joined office = province.join(Province.TAY_SON);
        DirectoryBook book = province.book(office.directory(), office);
        Address address = Address.of(Province.TAY_SON);
        KeyBundleRecord stranger = bundle(office, 9, new Incarnation(7));
        List<Bytes> said = office.keys().rejoin(book.view(), province.clock.now());
        Bytes reJoin = said.get(0);
        for (Bytes bundle : said.subList(1, said.size())) {
            assertThat(book.acceptRecord(bundle, province.clock.now()).refusal().reason())
                    .isEqualTo(ErrorCode.DIRECTORY_FORK);
        }
        assertThat(book.acceptRecord(stranger.toBytes(), province.clock.now()).isOk())
                .isFalse();

        assertThat(book.acceptRecord(reJoin, province.clock.now())).isEqualTo(Result.ok(true));
        assertThat(book.view().bundle(address).orElseThrow().incarnation())
                .isEqualTo(office.keys().incarnation());
        assertThat(book.forks())
                .as("what nothing leads to stays a fork")
                .extracting(Fork::other)
                .containsExactly(stranger.toBytes());
        assertThat(book.recordHashes())
                .contains(book.view().bundle(address).orElseThrow().hash(), stranger.hash());
    }

    private KeyBundleRecord bundle(Join.Joined office, long number, Incarnation incarnation) {
        Address address = Address.of(office.keys().node());
        var signer = office.keys().signingKey(address).orElseThrow();
        var keys = List.of(new KeyBundleRecord.EpochKey(
                province.clock.now(),
                province.clock.now().plus(Duration.ofDays(7)),
                RecipientPrivateKey.generate(Suite.HYBRID_1, province.randomness)
                        .publicKey()));
        Bytes text = KeyBundleRecord.text(
                province.authority.root().fingerprint(),
                address,
                signer.certificate().hash(),
                number,
                incarnation,
                province.clock.now(),
                keys);
        return KeyBundleRecord.of(
                province.authority.root().fingerprint(),
                address,
                signer.certificate().hash(),
                number,
                incarnation,
                province.clock.now(),
                keys,
                signer.signCms(text, province.clock.now()));
    }
}
