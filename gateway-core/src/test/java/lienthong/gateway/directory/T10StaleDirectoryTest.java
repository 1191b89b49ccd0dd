package lienthong.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import lienthong.gateway.directory.DirectoryBook.Outcome;
import lienthong.gateway.directory.DirectoryView.Age;
import lienthong.gateway.directory.RevocationEntry.Reason;
import lienthong.gateway.directory.RevocationEntry.What;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.Province;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;

/** T10: a hub serves old directories, bundles and revocations, or none at all. */
class T10StaleDirectoryTest {
    private final Province province = Province.make(10);

    @Test
    void versionsOnlyRise() {
        SignedDirectory first = province.authority.directory().signed();
        SignedDirectory second =
                province.authority.sign(province.authority.draft()).orBug();
        DirectoryBook book = DirectoryBook.of(province.authority.root());
        assertThat(book.accept(second, province.clock.now())).isInstanceOf(Outcome.Newer.class);
        assertThat(book.accept(first, province.clock.now())).isInstanceOf(Outcome.Old.class);
        assertThat(book.accept(second, province.clock.now())).isInstanceOf(Outcome.Same.class);
        assertThat(book.directory().orElseThrow().version().number()).isEqualTo(2);
    }

    @Test
    void aRevocationHoldsFromTheMomentTheDirectoryIsHere() {
        Join.Joined office = province.join(Province.TAY_SON);
        DirectoryBook book = province.book(office.directory(), office);
        Address address = Address.of(Province.TAY_SON);
        var certificate = office.keys().signingKey(address).orElseThrow().certificate();
        assertThat(book.view()
                        .signer(address, certificate.hash(), province.clock.now())
                        .isOk())
                .isTrue();
        SignedDirectory newer = province.authority
                .revoke(What.CERTIFICATE, certificate.hash(), Province.TAY_SON, Reason.KEY_COMPROMISE)
                .orBug();
        assertThat(book.accept(newer, province.clock.now())).isInstanceOf(Outcome.Newer.class);
        // Also for what claims to have been signed before: the time in it is a claim.
        assertThat(book.view()
                        .signer(address, certificate.hash(), Province.START)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.REVOKED);
        assertThat(book.directory().orElseThrow().revocationNumber()).isEqualTo(1);
    }

    @Test
    void aRevokedCaTakesItsLeavesAndItsLinksWithIt() {
        Join.Joined office = province.join(Province.TAY_SON);
        DirectoryBook book = province.book(office.directory(), office);
        Address address = Address.of(Province.TAY_SON);
        var ca = book.directory().orElseThrow().caOf(Province.TAY_SON).orElseThrow();
        SignedDirectory newer = province.authority
                .revoke(What.CA, ca.hash(), Province.TAY_SON, Reason.KEY_COMPROMISE)
                .orBug();
        assertThat(book.accept(newer, province.clock.now())).isInstanceOf(Outcome.Newer.class);
        var leaf = office.keys().signingKey(address).orElseThrow().certificate();
        assertThat(book.view()
                        .signer(address, leaf.hash(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.REVOKED);
        assertThat(book.view()
                        .tlsPeer(office.keys().tls().chain(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.REVOKED);
        assertThat(book.recipientKey(address, lienthong.gateway.crypto.Suite.HYBRID_1, province.clock.now())
                        .isOk())
                .isFalse();
        // And the root's revocation list says the same to openssl.
        var list = book.view().revocationListOf(province.authority.root().ca()).orElseThrow();
        assertThat(list.entries()).containsOnlyKeys(ca.serial());
        assertThat(list.entryOf(ca).orElseThrow().reason()).isEqualTo(1);
    }

    @Test
    void aDirectoryThatForgetsARevocationIsRefused() {
        Authority forgetful = province.copyOfAuthority();
        Join.Joined office = province.join(Province.TAY_SON);
        var hash = office.keys().evidenceKey().certificate().hash();
        SignedDirectory with = province.authority
                .revoke(What.CERTIFICATE, hash, Province.TAY_SON, Reason.SUPERSEDED)
                .orBug();
        SignedDirectory without = forgetful.directory().signed();
        for (int i = 0; i < 4; i++) {
            without = forgetful.sign(forgetful.draft()).orBug();
        }
        DirectoryBook book = DirectoryBook.of(province.authority.root());
        assertThat(book.accept(with, province.clock.now())).isInstanceOf(Outcome.Newer.class);
        Outcome outcome = book.accept(without, province.clock.now());
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        assertThat(outcome.refusalIfAny().orElseThrow().detail()).contains("revocation has disappeared");
        assertThat(book.directory().orElseThrow().signed()).isEqualTo(with);
    }

    @Test
    void freshnessIsToldByTheDelegatedKeyAlone() {
        DirectoryBook book = province.book(province.authority.directory().signed());
        FreshnessRecord said = province.authority.freshness();
        assertThat(book.acceptRecord(said.toBytes(), province.clock.now()).orBug())
                .isTrue();
        assertThat(book.view().freshness()).contains(said);
        assertThat(said.revocations()).isZero();
        assertThat(said.directory()).isEqualTo(province.authority.directory().version());

        Province other = Province.other(110);
        var forged = FreshnessRecord.of(
                said.network(),
                said.directory(),
                0,
                province.clock.now().plusSeconds(1),
                said.signer(),
                other.authority.freshness().signature());
        assertThat(book.acceptRecord(forged.toBytes(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.DIRECTORY_INVALID);
        assertThat(book.acceptRecord(other.authority.freshness().toBytes(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.OTHER_NETWORK);
        // An older one neither harms nor replaces.
        province.clock.forward(Duration.ofHours(1));
        FreshnessRecord newer = province.authority.freshness();
        assertThat(book.acceptRecord(newer.toBytes(), province.clock.now()).orBug())
                .isTrue();
        assertThat(book.acceptRecord(said.toBytes(), province.clock.now()).orBug())
                .isFalse();
        assertThat(book.view().freshness()).contains(newer);
    }

    @Test
    void silenceAgesSoftlyThenHard() {
        DirectoryBook book = province.book(province.authority.directory().signed());
        Instant start = province.clock.now();
        List<Object> ages = List.of(
                book.view().ageAt(start.minus(Duration.ofDays(3)), Province.HUB),
                book.view().ageAt(start.plus(Duration.ofHours(24)), Province.HUB),
                book.view().ageAt(start.plus(Duration.ofHours(25)), Province.HUB),
                book.view().ageAt(start.plus(Duration.ofDays(7)), Province.HUB),
                book.view().ageAt(start.plus(Duration.ofDays(8)), Province.HUB));
        assertThat(ages).containsExactly(Age.FRESH, Age.FRESH, Age.SOFT, Age.SOFT, Age.HARD);
        province.clock.forward(Duration.ofDays(8));
        assertThat(book.acceptRecord(province.authority.freshness().toBytes(), province.clock.now())
                        .orBug())
                .isTrue();
        assertThat(book.view().ageAt(province.clock.now(), Province.HUB)).isEqualTo(Age.FRESH);
    }

    @Test
    void aDeltaBringsTheNewDirectoryAndNothingElse() {
        var invited = province.inviteEverybody();
        SignedDirectory base = province.authority.directory().signed();
        SignedDirectory next = province.authority
                .revoke(What.INVITATION, invited.get(Province.HUB).facts().number(), Province.HUB, Reason.UNSPECIFIED)
                .orBug();
        DirectoryDelta delta = DirectoryDelta.parse(
                        DirectoryDelta.between(base, next).toBytes())
                .orBug();
        assertThat(delta.applyTo(base).orBug()).isEqualTo(next);
        assertThat(delta.added()).hasSize(1);
        assertThat(delta.certificates()).isEmpty();
        assertThat(delta.toBytes().size()).isLessThan(next.toBytes().size() / 2);
        assertThat(delta.applyTo(next).refusal().reason()).isEqualTo(ErrorCode.DIRECTORY_INVALID);

        DirectoryBook book = province.book(base);
        DirectoryDelta altered = new DirectoryDelta(
                delta.base(),
                List.of(0),
                delta.added(),
                delta.head(),
                delta.signatures(),
                delta.certificates(),
                delta.rootCrl());
        assertThat(book.accept(altered, province.clock.now())).isInstanceOf(Outcome.Refused.class);
        DirectoryDelta beyond = new DirectoryDelta(
                delta.base(),
                List.of(9_999),
                delta.added(),
                delta.head(),
                delta.signatures(),
                delta.certificates(),
                delta.rootCrl());
        assertThat(book.accept(beyond, province.clock.now())).isInstanceOf(Outcome.Refused.class);
        assertThat(book.accept(delta, province.clock.now())).isInstanceOf(Outcome.Newer.class);
        assertThat(DirectoryBook.of(province.authority.root()).accept(delta, province.clock.now()))
                .isInstanceOf(Outcome.Refused.class);
        assertThat(DirectoryDelta.parse(Bytes.utf8("nothing")).isOk()).isFalse();
    }
}
