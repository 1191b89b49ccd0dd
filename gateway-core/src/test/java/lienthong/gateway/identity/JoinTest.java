package lienthong.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;

class JoinTest {
    private final Province province = Province.make(20260901);

    @Test
    void whoJoinsCanBeWrittenToAndSpeaksForItsAddress() {
        var invited = province.inviteEverybody();
        Join.Joined commune =
                province.join(invited.get(Province.COMMUNE), new MemoryDisk()).orBug();
        Join.Joined hub =
                province.join(invited.get(Province.HUB), new MemoryDisk()).orBug();
        DirectoryBook book = province.book(province.authority.directory().signed(), commune, hub);
        DirectoryView view = book.view();
        Address address = Address.of(Province.COMMUNE);

        var key =
                view.recipientKey(address, Suite.HYBRID_1, province.clock.now()).orBug();
        assertThat(commune.keys().recipientKeys().find(key.keyId())).isPresent();
        assertThat(hub.keys().recipientKeys().find(key.keyId())).isEmpty();

        var signer = commune.keys().signingKey(address).orElseThrow();
        assertThat(view.signer(address, signer.certificate().hash(), province.clock.now())
                        .orBug())
                .isEqualTo(signer.certificate());
        assertThat(view.delegatesOf(address))
                .containsExactly(commune.keys().evidenceKey().certificate());
        assertThat(view.tlsPeer(commune.keys().tls().chain(), province.clock.now())
                        .orBug())
                .isEqualTo(new DirectoryView.TlsPeer.Node(Province.COMMUNE));
        assertThat(book.forks()).isEmpty();
        assertThat(commune.keys()
                        .fingerprint()
                        .matches(commune.keys().fingerprint().digitGroups()))
                .isTrue();
    }

    @Test
    void keysReadBackAreTheKeysMade() {
        MemoryDisk data = new MemoryDisk();
        char[] passphrase = "mưa nguồn suối lũ".toCharArray();
        Authority.Invited invited = province.invite(Province.TAY_SON);
        Join.Joined joined = Join.join(
                        Join.Request.of(
                                invited.file(),
                                invited.code(),
                                province.words(),
                                Protection.passphrase(passphrase, Province.CHEAP)),
                        data,
                        province.randomness,
                        province.clock)
                .orBug();
        NodeKeys again = NodeKeys.open(data, Protection.passphrase(passphrase, Province.CHEAP), province.randomness)
                .orBug();
        assertThat(again.node()).isEqualTo(Province.TAY_SON);
        assertThat(again.incarnation()).isEqualTo(joined.keys().incarnation());
        assertThat(again.hasPassphrase()).isTrue();
        assertThat(again.recipientKeys().size()).isEqualTo(8);
        assertThat(again.records()).containsExactlyInAnyOrderElementsOf(joined.records());
        assertThat(again.tls().chain()).isEqualTo(joined.keys().tls().chain());
        assertThat(again.custodyMacKey().sameAs(joined.keys().custodyMacKey())).isTrue();
        assertThat(NodeKeys.open(
                                data,
                                Protection.passphrase("mưa nguồn".toCharArray(), Province.CHEAP),
                                province.randomness)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.PASSPHRASE_WRONG);
        assertThat(NodeKeys.open(data, Protection.fileModes(), province.randomness)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.PASSPHRASE_WRONG);
    }

    @Test
    void aFileWithoutItsCodeShowsNoKey() {
        Authority.Invited invited = province.invite(Province.TAY_SON);
        MemoryDisk data = new MemoryDisk();
        Join.Joined joined = province.join(invited, data).orBug();
        // Without a passphrase the master key is open, the keys themselves never are.
        var bare = joined.keys().signingKey(Address.of(Province.TAY_SON)).orElseThrow();
        assertThat(bare).isNotNull();
        assertThat(invited.code()).matches("\\d{4}( \\d{4}){4}");
        assertThat(invited.file().utf8()).doesNotContain(invited.code());
    }

    @Test
    void anInterruptedJoinLeavesNoIdentityAndTheNextOneSucceeds() {
        MemoryDisk data = new MemoryDisk();
        Authority.Invited invited = province.invite(Province.TAY_SON);
        var unused = province.join(invited, data).orBug();
        // As if the power had gone before the last file.
        data.files.remove("keys/identity.txt");
        data.files.keySet().removeIf(name -> name.startsWith("used-invitation"));
        assertThat(NodeKeys.open(data, Protection.fileModes(), province.randomness)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.NO_INPUT);
        assertThat(province.join(invited, data).isOk()).isTrue();
        assertThat(unused.keys().node()).isEqualTo(Province.TAY_SON);
    }

    @Test
    void aSecondInvitationReplacesTheKeySetOfTheFirst() {
        Join.Joined first = province.join(Province.TAY_SON);
        Join.Joined second = province.join(Province.TAY_SON);
        DirectoryBook book = province.book(province.authority.directory().signed(), second);
        Address address = Address.of(Province.TAY_SON);
        var old = first.keys().signingKey(address).orElseThrow().certificate();
        for (var record : first.records()) {
            book.acceptRecord(record, province.clock.now()).isOk();
        }
        assertThat(book.forks()).isEmpty();
        assertThat(book.view()
                        .signer(address, old.hash(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.REVOKED);
        assertThat(book.view().addressCertificate(address))
                .contains(second.keys().signingKey(address).orElseThrow().certificate());
        assertThat(book.view()
                        .tlsPeer(first.keys().tls().chain(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.REVOKED);
    }

    @Test
    void aNodeThatHostsTwoOfficesGetsTheKeysOfBoth() {
        var plan = NetworkPlan.of(List.of(
                Province.office(Province.HUB, "Tỉnh ủy", Optional.empty()),
                new NetworkPlan.Office(
                        Province.QUY_NHON,
                        "Thành ủy",
                        Optional.empty(),
                        Optional.of(Province.HUB),
                        List.of(),
                        List.of(),
                        Optional.of(Province.HUB),
                        Optional.empty(),
                        List.of())));
        Authority authority = Authority.create(
                        "hai",
                        plan,
                        "p".toCharArray(),
                        Province.CHEAP,
                        new MemoryDisk(),
                        province.randomness,
                        province.clock)
                .orBug();
        Authority.Invited invited =
                authority.invite(Province.HUB, List.of(), 1, Optional.empty()).orBug();
        Join.Joined joined = Join.join(
                        Join.Request.of(
                                invited.file(), invited.code(), authority.root().digits(), Protection.fileModes()),
                        new MemoryDisk(),
                        province.randomness,
                        province.clock)
                .orBug();
        assertThat(joined.keys().offices()).containsExactly(Province.HUB, Province.QUY_NHON);
        DirectoryBook book = DirectoryBook.of(authority.root());
        var unused = book.accept(joined.directory(), province.clock.now());
        assertThat(unused.refusalIfAny()).isEmpty();
        assertThat(book.acceptRecords(joined.records(), province.clock.now())).isEmpty();
        assertThat(book.recipientKey(Address.of(Province.QUY_NHON), Suite.HYBRID_1, province.clock.now())
                        .isOk())
                .isTrue();
        assertThat(authority
                        .invite(Province.QUY_NHON, List.of(), 1, Optional.empty())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.UNKNOWN_RECIPIENT);
    }

    @Test
    void theAuthorityOpensAgainWithItsPassphraseOnly() {
        var unused = province.invite(Province.TAY_SON);
        assertThat(unused.code()).isNotEmpty();
        Authority again = Authority.open(
                        "đồng bằng sông Cửu Long".toCharArray(),
                        Province.CHEAP,
                        province.authorityDisk,
                        province.randomness,
                        province.clock)
                .orBug();
        assertThat(again.directory().version())
                .isEqualTo(province.authority.directory().version());
        assertThat(Authority.open(
                                "Đồng bằng".toCharArray(),
                                Province.CHEAP,
                                province.authorityDisk,
                                province.randomness,
                                province.clock)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.PASSPHRASE_WRONG);
        assertThat(Authority.create(
                                "x",
                                Province.plan(),
                                "p".toCharArray(),
                                Province.CHEAP,
                                province.authorityDisk,
                                province.randomness,
                                province.clock)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.OUTPUT_EXISTS);
    }

    @Test
    void invitationsAreDated() {
        assertThat(province.authority
                        .invite(Province.HUB, List.of(), 0, Optional.empty())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.LIFETIME_OUT_OF_RANGE);
        assertThat(province.authority
                        .invite(Province.HUB, List.of(), 367, Optional.empty())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.LIFETIME_OUT_OF_RANGE);
        assertThat(Duration.between(
                        province.invite(Province.HUB).facts().issued(),
                        province.invite(Province.HUB).facts().expires()))
                .isEqualTo(Duration.ofDays(14));
    }
}
