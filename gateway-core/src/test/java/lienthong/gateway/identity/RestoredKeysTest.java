package lienthong.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.RevocationList;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;

/** T19: keys that were put back from a copy contradict nothing that was said after it was taken. */
class RestoredKeysTest {
    private static final Address TAY_SON = Address.of(Province.TAY_SON);
    private static final Address CLERK = new Address(Province.TAY_SON, "van-thu");
    private static final Address OTHER = new Address(Province.TAY_SON, "khac");
    private static final Address LATER = new Address(Province.TAY_SON, "moi");

    private final Province province = Province.make(19);
    private final MemoryDisk data = new MemoryDisk();
    private final Join.Joined office =
            province.join(province.invite(Province.TAY_SON), data).orBug();
    private final DirectoryBook book = province.book(office.directory(), office);

    private ClientKeys client(Address address) {
        NodeKeys.ClientInvited invited = office.keys()
                .inviteClient(
                        address,
                        List.of(new DialAddress("hub.example", 7443)),
                        Duration.ofHours(2),
                        book.view(),
                        Province.CHEAP,
                        province.clock.now())
                .orBug();
        ClientEnrolment enrolment = ClientEnrolment.begin(
                        invited.file(), invited.code(), province.words(), province.randomness, province.clock.now())
                .orBug();
        ClientKeys keys = enrolment
                .complete(
                        office.keys()
                                .issueClient(enrolment.request(), province.clock.now())
                                .orBug(),
                        new MemoryDisk(),
                        Protection.fileModes(),
                        province.clock.now())
                .orBug();
        take(keys.records());
        return keys;
    }

    private void take(List<Bytes> records) {
        assertThat(book.acceptRecords(records, province.clock.now())).isEmpty();
        assertThat(book.forks()).isEmpty();
    }

    private MemoryDisk copy() {
        MemoryDisk copy = new MemoryDisk();
        copy.files.putAll(new TreeMap<>(data.files));
        return copy;
    }

    private NodeKeys open(MemoryDisk disk) {
        return NodeKeys.open(disk, Protection.fileModes(), province.randomness).orBug();
    }

    private void revoke(NodeKeys keys, Address address) {
        take(keys.revokeClients(address, book.view(), province.clock.now()).orBug().list().stream()
                .toList());
    }

    private boolean isRevoked(ClientKeys client) {
        return book.view().revocationOf(client.signingKey().certificate().der()).isPresent();
    }

    @Test
    void whatWasRevokedAfterTheCopyStaysRevokedAndWhatIsRevokedOnItCounts() {
        ClientKeys clerk = client(CLERK);
        ClientKeys other = client(OTHER);
        ClientKeys third = client(LATER);
        MemoryDisk backup = copy();
        revoke(office.keys(), CLERK);
        assertThat(isRevoked(clerk)).isTrue();

        NodeKeys restored = open(backup);
        revoke(restored, OTHER);
        assertThat(isRevoked(other)).as("not a second list of the same number").isTrue();
        assertThat(isRevoked(clerk)).isTrue();
        revoke(restored, LATER);
        assertThat(isRevoked(third)).isTrue();
        assertThat(isRevoked(clerk)).as("the stolen one does not come back").isTrue();
        assertThat(isRevoked(other)).isTrue();
    }

    @Test
    void theNewLifeBeginsWithTheNewestList() {
        ClientKeys clerk = client(CLERK);
        MemoryDisk backup = copy();
        revoke(office.keys(), CLERK);
        NodeKeys restored = open(backup);
        take(restored.rejoin(book.view(), province.clock.now()));
        DirectoryBook stranger = province.book(office.directory());
        assertThat(stranger.acceptRecords(open(backup).records(), province.clock.now()))
                .isEmpty();
        assertThat(stranger.view().revocationOf(clerk.tls().chain().get(0)))
                .as("by what lies in the folder alone")
                .isPresent();
    }

    @Test
    void twoListsOfOneNumberAreUnitedByTheNextOne() {
        ClientKeys clerk = client(CLERK);
        ClientKeys other = client(OTHER);
        MemoryDisk backup = copy();
        // The network's list and the copy's, made while they did not hear of each other.
        DirectoryBook before = province.book(office.directory(), office);
        NodeKeys restored = open(backup);
        Bytes unheard = restored.revokeClients(OTHER, before.view(), province.clock.now())
                .orBug()
                .list()
                .orElseThrow();
        revoke(office.keys(), CLERK);
        assertThat(book.acceptRecord(unheard, province.clock.now()).orBug()).isFalse();
        assertThat(isRevoked(other)).isFalse();
        take(restored.renewIfDue(book.view(), province.clock.now()).records());
        assertThat(isRevoked(other)).isTrue();
        assertThat(isRevoked(clerk)).isTrue();
        assertThat(restored.renewIfDue(book.view(), province.clock.now()).records())
                .isEmpty();
    }

    @Test
    void ofAClientThatEnrolledAfterTheCopyThePublishedCertificateIsRevoked() {
        MemoryDisk backup = copy();
        ClientKeys later = client(LATER);
        NodeKeys restored = open(backup);
        assertThat(restored.revokeClients(OTHER, book.view(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.NOT_YOUR_ADDRESS);
        revoke(restored, LATER);
        assertThat(isRevoked(later)).isTrue();
    }

    @Test
    void certificatesWhoseKeysWereLostAreRevokedAndThoseOfTheCopyGoOn() {
        MemoryDisk backup = copy();
        Certificate copied = office.keys().signingKey(TAY_SON).orElseThrow().certificate();
        province.clock.to(copied.notAfter().minus(Duration.ofDays(59)));
        take(office.keys().renewIfDue(book.view(), province.clock.now()).records());
        Certificate lost = book.addressCertificate(TAY_SON).orElseThrow();
        Certificate lostEvidence = office.keys().evidenceKey().certificate();
        assertThat(lost).isNotEqualTo(copied);

        NodeKeys restored = open(backup);
        take(restored.rejoin(book.view(), province.clock.now()));
        Certificate now = restored.signingKey(TAY_SON).orElseThrow().certificate();
        assertThat(book.addressCertificate(TAY_SON)).contains(now);
        assertThat(now).isNotIn(copied, lost);
        assertThat(book.view().revocationOf(lost.der())).isPresent();
        assertThat(book.view()
                        .signer(TAY_SON, lost.hash(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.REVOKED);
        assertThat(book.view()
                        .delegate(
                                TAY_SON,
                                lostEvidence.hash(),
                                OrganisationEntry.Delegation.DELIVERED,
                                province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.REVOKED);
        assertThat(book.view()
                        .tlsPeer(restored.tls().chain(), province.clock.now())
                        .isOk())
                .isTrue();
        RevocationList list = book.view()
                .revocationListOf(
                        book.view().chainOf(now.hash()).orElseThrow().get(1).hash())
                .orElseThrow();
        assertThat(list.entries()).hasSize(3);
        assertThat(book.view().bundle(TAY_SON).orElseThrow().incarnation()).isEqualTo(restored.incarnation());
        assertThat(restored.renewIfDue(book.view(), province.clock.now()).records())
                .isEmpty();

        // In whichever order another node hears of it.
        List<Bytes> all = new ArrayList<>(book.records());
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(all, new Random(seed));
            DirectoryBook stranger = province.book(office.directory());
            for (int round = 0; round < 3; round++) {
                for (Bytes record : all) {
                    var early = stranger.acceptRecords(List.of(record), province.clock.now());
                    assertThat(early).hasSizeLessThanOrEqualTo(1);
                }
            }
            assertThat(stranger.acceptRecords(book.records(), province.clock.now()))
                    .as("seed %d", seed)
                    .isEmpty();
            assertThat(stranger.addressCertificate(TAY_SON)).as("seed %d", seed).contains(now);
            assertThat(stranger.view().bundle(TAY_SON))
                    .as("seed %d", seed)
                    .isEqualTo(book.view().bundle(TAY_SON));
        }
    }
}
