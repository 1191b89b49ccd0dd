package lienthong.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.DirectoryView.TlsPeer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import org.junit.jupiter.api.Test;

class ClientEnrolmentTest {
    private static final Address EOFFICE =
            Address.parse("A08.10/eoffice.van-thu").orBug();
    private static final List<DialAddress> DIAL = List.of(new DialAddress("127.0.0.1", 7443));

    private final Province province = Province.make(5);
    private final Join.Joined office = province.join(Province.TAY_SON);
    private final DirectoryBook book = province.book(office.directory(), office);

    private NodeKeys.ClientInvited invite() {
        return office.keys()
                .inviteClient(EOFFICE, DIAL, Duration.ofHours(2), book.view(), Province.CHEAP, province.clock.now())
                .orBug();
    }

    private ClientEnrolment begin(NodeKeys.ClientInvited invited) {
        return ClientEnrolment.begin(
                        invited.file(), invited.code(), province.words(), province.randomness, province.clock.now())
                .orBug();
    }

    @Test
    void revokingAnAddressTakesAllItsClientsAndInvitationsAndNoOthers() {
        assertThat(office.keys()
                        .revokeClients(EOFFICE, book.view(), province.clock.now())
                        .refusal()
                        .reason())
                .as("nobody was invited")
                .isEqualTo(ErrorCode.NOT_YOUR_ADDRESS);
        ClientEnrolment first = begin(invite());
        ClientKeys keys = first.complete(
                        office.keys()
                                .issueClient(first.request(), province.clock.now())
                                .orBug(),
                        new MemoryDisk(),
                        Protection.fileModes(),
                        province.clock.now())
                .orBug();
        ClientEnrolment unused = begin(invite());
        Address other = new Address(EOFFICE.organisation(), "khac");
        assertThat(office.keys()
                        .revokeClients(other, book.view(), province.clock.now())
                        .refusal()
                        .reason())
                .as("another address of the same office")
                .isEqualTo(ErrorCode.NOT_YOUR_ADDRESS);

        NodeKeys.ClientsRevoked revoked = office.keys()
                .revokeClients(EOFFICE, book.view(), province.clock.now())
                .orBug();
        assertThat(revoked.certificates()).isEqualTo(2);
        assertThat(revoked.invitations()).isEqualTo(1);
        assertThat(book.acceptRecord(revoked.list().orElseThrow(), province.clock.now())
                        .orBug())
                .isTrue();
        assertThat(book.view().revocationOf(keys.signingKey().certificate().der()))
                .isPresent();
        assertThat(book.view().revocationOf(keys.tls().chain().get(0))).isPresent();
        assertThat(office.keys()
                        .issueClient(unused.request(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.INVITATION_INVALID);
        NodeKeys.ClientsRevoked again = office.keys()
                .revokeClients(EOFFICE, book.view(), province.clock.now())
                .orBug();
        assertThat(again).isEqualTo(new NodeKeys.ClientsRevoked(Optional.empty(), 0, 0));
    }

    @Test
    void anEnrolledClientHasAnIdentityOfItsOwn() {
        ClientEnrolment enrolment = begin(invite());
        assertThat(book.view()
                        .tlsPeer(enrolment.tls().chain(), province.clock.now())
                        .orBug())
                .isEqualTo(new TlsPeer.Enrolment(Province.TAY_SON));
        assertThat(book.view().hasOwnIdentity(EOFFICE)).isFalse();
        Bytes answer = office.keys()
                .issueClient(enrolment.request(), province.clock.now())
                .orBug();
        MemoryDisk state = new MemoryDisk();
        ClientKeys client = enrolment
                .complete(answer, state, Protection.fileModes(), province.clock.now())
                .orBug();
        assertThat(book.acceptRecords(client.records(), province.clock.now())).isEmpty();

        assertThat(book.view().hasOwnIdentity(EOFFICE)).isTrue();
        assertThat(book.view().knows(EOFFICE)).isTrue();
        assertThat(book.view().addressCertificate(EOFFICE))
                .contains(client.signingKey().certificate());
        assertThat(book.view()
                        .signer(
                                EOFFICE,
                                office.keys()
                                        .signingKey(EOFFICE)
                                        .orElseThrow()
                                        .certificate()
                                        .hash(),
                                province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
        assertThat(book.view()
                        .tlsPeer(client.tls().chain(), province.clock.now())
                        .orBug())
                .isEqualTo(new TlsPeer.Client(EOFFICE));
        var key =
                book.recipientKey(EOFFICE, Suite.HYBRID_1, province.clock.now()).orBug();
        assertThat(client.recipientKeys().find(key.keyId())).isPresent();
        assertThat(office.keys().recipientKeys().find(key.keyId())).isEmpty();

        ClientKeys again = ClientKeys.open(state, Protection.fileModes(), province.randomness)
                .orBug();
        assertThat(again.address()).isEqualTo(EOFFICE);
        assertThat(again.records()).isEqualTo(client.records());
        assertThat(again.recipientKeys().size()).isEqualTo(8);
        province.clock.forward(Duration.ofDays(7));
        assertThat(book.acceptRecord(
                                again.renewIfDue(book.view(), province.clock.now())
                                        .orElseThrow(),
                                province.clock.now())
                        .orBug())
                .isTrue();
        assertThat(again.renewIfDue(book.view(), province.clock.now())).isEmpty();
        assertThat(NodeKeys.open(state, Protection.fileModes(), province.randomness)
                        .isOk())
                .isFalse();
    }

    @Test
    void aLostAnswerIsGivenAgainAndASecondClientIsRefused() {
        NodeKeys.ClientInvited invited = invite();
        ClientEnrolment first = begin(invited);
        ClientEnrolment second = begin(invited);
        Bytes answer =
                office.keys().issueClient(first.request(), province.clock.now()).orBug();
        assertThat(office.keys()
                        .issueClient(first.request(), province.clock.now())
                        .orBug())
                .isEqualTo(answer);
        assertThat(office.keys()
                        .issueClient(second.request(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.INVITATION_USED);
        MemoryDisk state = new MemoryDisk();
        assertThat(second.complete(answer, state, Protection.fileModes(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.INVITATION_INVALID);
        assertThat(state.written).isEmpty();
    }

    @Test
    void refusesWrongCodesFingerprintsDatesAndAlteredFiles() {
        NodeKeys.ClientInvited invited = invite();
        var now = province.clock.now();
        assertThat(ClientEnrolment.begin(invited.file(), "1234", province.words(), province.randomness, now)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.PASSPHRASE_WRONG);
        assertThat(ClientEnrolment.begin(invited.file(), invited.code(), "vâng", province.randomness, now)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.FINGERPRINT_REJECTED);
        assertThat(ClientEnrolment.begin(
                                invited.file(),
                                invited.code(),
                                province.words(),
                                province.randomness,
                                now.plus(Duration.ofHours(2)))
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.INVITATION_INVALID);
        byte[] file = invited.file().toArray();
        for (int i = 0; i < file.length; i += 173) {
            byte[] altered = file.clone();
            altered[i] ^= 1;
            assertThat(ClientEnrolment.begin(
                                    Bytes.ofOwned(altered), invited.code(), province.words(), province.randomness, now)
                            .isOk())
                    .as("byte %d", i)
                    .isFalse();
        }
        ClientEnrolment late = begin(invited);
        assertThat(office.keys()
                        .issueClient(late.request(), now.plus(Duration.ofHours(2)))
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.INVITATION_INVALID);
        byte[] request = late.request().toArray();
        for (int i = 0; i < request.length; i += 13) {
            byte[] altered = request.clone();
            altered[i] ^= 1;
            assertThat(office.keys().issueClient(Bytes.ofOwned(altered), now).isOk())
                    .as("byte %d", i)
                    .isFalse();
        }
        Join.Joined other = province.join(Province.COMMUNE);
        assertThat(other.keys().issueClient(late.request(), now).refusal().reason())
                .isEqualTo(ErrorCode.INVITATION_INVALID);
    }

    @Test
    void theOfficesOwnAddressAndOthersAreNotGivenAway() {
        for (String address : List.of("A08.10", "A08/eoffice", "A08.10.05/eoffice")) {
            assertThat(office.keys()
                            .inviteClient(
                                    Address.parse(address).orBug(),
                                    DIAL,
                                    Duration.ofHours(2),
                                    book.view(),
                                    Province.CHEAP,
                                    province.clock.now())
                            .refusal()
                            .reason())
                    .as(address)
                    .isEqualTo(address.contains("/") ? ErrorCode.NOT_YOUR_ADDRESS : ErrorCode.ADDRESS_MALFORMED);
        }
    }

    @Test
    void aLostClientIsRevokedByItsOfficeAndMayEnrolAgain() {
        ClientEnrolment first = begin(invite());
        ClientKeys lost = first.complete(
                        office.keys()
                                .issueClient(first.request(), province.clock.now())
                                .orBug(),
                        new MemoryDisk(),
                        Protection.fileModes(),
                        province.clock.now())
                .orBug();
        assertThat(book.acceptRecords(lost.records(), province.clock.now())).isEmpty();
        province.clock.forward(Duration.ofHours(1));
        ClientEnrolment second = begin(invite());
        ClientKeys found = second.complete(
                        office.keys()
                                .issueClient(second.request(), province.clock.now())
                                .orBug(),
                        new MemoryDisk(),
                        Protection.fileModes(),
                        province.clock.now())
                .orBug();
        // Without the office's word on the first one, the second is a fork.
        var refusals = book.acceptRecords(found.records(), province.clock.now());
        assertThat(refusals).anyMatch(refusal -> refusal.reason() == ErrorCode.DIRECTORY_FORK);
        assertThat(book.forks()).isNotEmpty();
        for (var certificate : List.of(
                lost.signingKey().certificate(),
                certificateOf(lost.tls().chain().get(0)))) {
            Hash judgedBy = book.view().trustHash();
            assertThat(book.view().revocationOf(certificate.der())).isEmpty();
            Bytes list = office.keys()
                    .revoke(certificate, 1, book.view(), province.clock.now())
                    .orBug();
            assertThat(book.acceptRecord(list, province.clock.now()).orBug()).isTrue();
            assertThat(book.view().trustHash())
                    .as("open sessions are judged again")
                    .isNotEqualTo(judgedBy);
            assertThat(book.view().revocationOf(certificate.der()))
                    .hasValueSatisfying(why -> assertThat(why.toString()).contains("REVOKED", "its own office"));
        }
        Hash judgedBy = book.view().trustHash();
        assertThat(book.acceptRecords(found.records(), province.clock.now())).isEmpty();
        assertThat(book.view().trustHash())
                .as("a record that revokes nothing costs no second judgement")
                .isEqualTo(judgedBy);
        assertThat(book.view().revocationOf(found.signingKey().certificate().der()))
                .isEmpty();
        assertThat(book.view().revocationOf(Bytes.utf8("no certificate"))).isEmpty();
        assertThat(book.forks()).isEmpty();
        assertThat(book.view().addressCertificate(EOFFICE))
                .contains(found.signingKey().certificate());
        assertThat(book.view()
                        .signer(EOFFICE, lost.signingKey().certificate().hash(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.REVOKED);
        assertThat(book.view()
                        .tlsPeer(lost.tls().chain(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.REVOKED);
        var key =
                book.recipientKey(EOFFICE, Suite.HYBRID_1, province.clock.now()).orBug();
        assertThat(found.recipientKeys().find(key.keyId())).isPresent();
    }

    private static lienthong.gateway.crypto.Certificate certificateOf(Bytes der) {
        return lienthong.gateway.crypto.Certificate.parse(der).orBug();
    }

    @Test
    void theDirectoryFolderGivesBackTheBook() {
        MemoryDisk data = new MemoryDisk();
        DirectoryFolder folder = DirectoryFolder.of(data);
        assertThat(folder.load(province.authority.root(), province.clock.now())
                        .book()
                        .directory())
                .isEmpty();
        folder.save(book.directory().map(directory -> directory.signed()), book.records());
        DirectoryFolder.Loaded loaded = folder.load(province.authority.root(), province.clock.now());
        assertThat(loaded.faults()).isEmpty();
        assertThat(loaded.book().recordsSetHash()).isEqualTo(book.recordsSetHash());
        assertThat(loaded.book().directory().orElseThrow().version())
                .isEqualTo(book.directory().orElseThrow().version());
        byte[] records = java.util.Objects.requireNonNull(data.files.get("directory/records.list"));
        data.files.put("directory/records.list", java.util.Arrays.copyOf(records, records.length - 3));
        assertThat(folder.load(province.authority.root(), province.clock.now()).faults())
                .isNotEmpty();
    }
}
