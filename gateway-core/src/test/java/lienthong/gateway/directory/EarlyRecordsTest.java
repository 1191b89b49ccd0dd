package lienthong.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.Province;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.Test;

/** What came before that on which it stands is told from what is wrong, and noted within bounds. */
class EarlyRecordsTest {
    private final Province province = Province.make(3_201);
    private final Join.Joined before = province.join(Province.QUY_NHON);
    private final Join.Joined office = province.join(Province.TAY_SON);
    private final DirectoryBook book = province.book(before.directory(), before);

    private DirectoryBook.Taken take(List<Bytes> records) {
        return book.takeRecords(records, province.clock.now());
    }

    private Hash certificateHash() {
        return province.book(office.directory(), office)
                .addressCertificate(Address.of(Province.TAY_SON))
                .orElseThrow()
                .hash();
    }

    private static DirectoryBook.Early early(int number, Hash certificate) {
        return new DirectoryBook.Early(
                Hash.of(Bytes.utf8("record " + number)),
                Optional.of(certificate),
                Refusal.of(ErrorCode.DIRECTORY_INVALID, "early"));
    }

    @Test
    void whatIsWrongIsNotEarly() {
        book.accept(office.directory(), province.clock.now());
        Bytes good = office.records().get(0);
        byte[] bad = good.toArray();
        bad[bad.length - 1] ^= 1;
        DirectoryBook.Taken taken = take(List.of(Bytes.ofOwned(bad), Bytes.utf8("no record")));
        assertThat(taken.early()).isEmpty();
        assertThat(taken.refusals()).hasSize(2);
    }

    @Test
    void recordsOfAnOfficeThatTheDirectoryDoesNotCertifyAreEarly() {
        DirectoryBook.Taken taken = take(office.records());
        assertThat(taken.refusals()).isEmpty();
        assertThat(taken.early())
                .extracting(DirectoryBook.Early::record)
                .containsExactlyInAnyOrderElementsOf(
                        office.records().stream().map(Hash::of).toList());
        assertThat(book.acceptRecords(office.records(), province.clock.now()))
                .hasSize(office.records().size())
                .allMatch(refusal -> refusal.reason() == ErrorCode.DIRECTORY_INVALID);
        assertThat(book.recordHashes())
                .as("nothing of it is held")
                .hasSize(before.records().size());

        EarlyRecords noted = new EarlyRecords();
        noted.note(taken.early());
        assertThat(noted.due(book)).isEmpty();
        assertThat(noted.forget()).isTrue();
        assertThat(noted.forget()).as("asked for once").isFalse();
    }

    @Test
    void aBundleBeforeItsCertificateIsDueAsSoonAsThatIsHeld() {
        book.accept(office.directory(), province.clock.now());
        EarlyRecords noted = new EarlyRecords();
        List<Bytes> late = new ArrayList<>();
        for (Bytes record : office.records()) {
            DirectoryBook.Taken taken = take(List.of(record));
            assertThat(taken.refusals()).isEmpty();
            if (taken.early().isEmpty()) {
                late.add(record);
            }
        }
        // Once more, without the certificates that the first round has brought.
        DirectoryBook fresh = province.book(office.directory());
        List<Bytes> reversed = Stream.concat(
                        office.records().stream().filter(record -> !late.contains(record)), late.stream())
                .sorted(java.util.Comparator.comparing((Bytes record) -> isCertificate(record)))
                .toList();
        for (Bytes record : reversed) {
            noted.note(fresh.takeRecords(List.of(record), province.clock.now()).early());
            fresh.acceptRecords(noted.due(fresh).stream().map(this::bytesOf).toList(), province.clock.now());
        }
        assertThat(fresh.recordsSetHash())
                .isEqualTo(province.book(office.directory(), office).recordsSetHash());
    }

    private boolean isCertificate(Bytes record) {
        return DirectoryRecord.parse(record, province.authority.root().fingerprint())
                        .orBug()
                instanceof CertificateRecord;
    }

    private Bytes bytesOf(Hash hash) {
        return office.records().stream()
                .filter(record -> Hash.of(record).equals(hash))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aNeighbourThatBringsEarlyRecordsForEverFillsNoMemory() {
        Hash certificate = certificateHash();
        EarlyRecords noted = new EarlyRecords();
        for (int i = 0; i < 2 * Limits.EARLY_RECORDS_MAX; i++) {
            noted.note(List.of(early(i, certificate)));
        }
        book.accept(office.directory(), province.clock.now());
        assertThat(take(office.records()).early()).isEmpty();
        assertThat(noted.due(book)).hasSize(Limits.EARLY_RECORDS_MAX);
        assertThat(noted.due(book)).as("each once").isEmpty();
        assertThat(noted.forget()).as("the rest with the next directory").isTrue();
    }
}
