package lienthong.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.directory.RevocationEntry;
import lienthong.gateway.directory.RevocationEntry.Reason;
import lienthong.gateway.directory.RevocationEntry.What;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import org.junit.jupiter.api.Test;

/** Row B37 of the bad inputs: whatever is wrong with an invitation, no key is made and the folder stays empty. */
class B37InvitationTest {
    private final Province province = Province.make(37);
    private final Authority.Invited invited = province.invite(Province.TAY_SON);

    private Refusal refused(ErrorCode reason, Join.Request request) {
        MemoryDisk data = new MemoryDisk();
        Result<Join.Joined> joined = Join.join(request, data, province.randomness, province.clock);
        assertThat(joined.refusal().reason()).isEqualTo(reason);
        assertThat(data.files).isEmpty();
        assertThat(data.written).isEmpty();
        return joined.refusal();
    }

    private Join.Request request(Bytes file) {
        return Join.Request.of(file, invited.code(), province.words(), Protection.fileModes());
    }

    @Test
    void b37_used() {
        MemoryDisk data = new MemoryDisk();
        Join.Joined joined = province.join(invited, data).orBug();
        int files = data.files.size();
        assertThat(province.join(invited, data).refusal().reason()).isEqualTo(ErrorCode.INVITATION_USED);
        assertThat(data.files).hasSize(files);
        // Also when somebody has taken the keys away, but not the mark.
        data.files.keySet().removeIf(name -> name.startsWith("keys/"));
        Refusal again = province.join(invited, data).refusal();
        assertThat(again.reason()).isEqualTo(ErrorCode.INVITATION_USED);
        assertThat(again.detail()).contains("telephone 0256 000 000");
        // And on another machine that already knows the office's keys.
        refused(
                ErrorCode.INVITATION_USED,
                new Join.Request(
                        invited.file(),
                        invited.code(),
                        province.words(),
                        Protection.fileModes(),
                        Optional.empty(),
                        new Join.Newest(Optional.empty(), joined.records())));
    }

    @Test
    void b37_usedAndTheAuthorityKnows() {
        Join.Joined joined = province.join(invited, new MemoryDisk()).orBug();
        var again = province.authority
                .inviteAll(java.util.Map.of(Province.QUY_NHON, List.of()), 14, Optional.empty(), joined.records())
                .orBug()
                .get(0);
        MemoryDisk data = new MemoryDisk();
        assertThat(province.join(again, data).isOk()).isTrue();
        assertThat(Invitation.read(again.file()).orBug().records())
                .hasSize(joined.records().size());
    }

    @Test
    void b37_outOfDate() {
        province.clock.forward(Duration.ofDays(14));
        Refusal refusal = refused(ErrorCode.INVITATION_INVALID, request(invited.file()));
        assertThat(refusal.detail())
                .contains("out of date since 2026-09-15T08:00:00.000Z")
                .contains("telephone");
    }

    @Test
    void aDeadClockMakesNoCertificates() {
        province.clock.to(java.time.Instant.parse("1970-01-01T00:10:00.000Z"));
        assertThat(refused(ErrorCode.CLOCK_BEHIND, request(invited.file())).detail())
                .contains("set the clock");
    }

    @Test
    void b37_forAnotherAddress() {
        Refusal refusal = refused(
                ErrorCode.INVITATION_INVALID,
                new Join.Request(
                        invited.file(),
                        invited.code(),
                        province.words(),
                        Protection.fileModes(),
                        Optional.of(Province.COMMUNE),
                        Join.Newest.none()));
        assertThat(refusal.detail()).contains("for A08.10, not for A08.10.05");
    }

    @Test
    void b37_altered() {
        byte[] file = invited.file().toArray();
        for (int i = 0; i < file.length; i += i < 600 ? 5 : 401) {
            byte[] altered = file.clone();
            altered[i] ^= 1;
            Result<Join.Joined> joined =
                    Join.join(request(Bytes.ofOwned(altered)), new MemoryDisk(), province.randomness, province.clock);
            assertThat(joined.isOk()).as("byte %d of %d", i, file.length).isFalse();
            assertThat(joined.refusal().reason())
                    .as("byte %d", i)
                    .isIn(
                            ErrorCode.INVITATION_INVALID,
                            ErrorCode.PASSPHRASE_WRONG,
                            ErrorCode.FINGERPRINT_REJECTED,
                            ErrorCode.OTHER_NETWORK);
        }
        for (int size : new int[] {0, 1, 50, file.length / 2, file.length - 1}) {
            refused(ErrorCode.INVITATION_INVALID, request(Bytes.copyOf(file, 0, size)));
        }
        refused(ErrorCode.INVITATION_INVALID, request(invited.file().plus(Bytes.utf8("x"))));
        refused(ErrorCode.INVITATION_INVALID, request(Bytes.utf8("# not an invitation\n")));
        refused(
                ErrorCode.INVITATION_INVALID,
                request(province.authority.directory().signed().toBytes()));
    }

    @Test
    void b37_olderFingerprint() {
        Province older = Province.other(38);
        Refusal refusal = refused(
                ErrorCode.FINGERPRINT_REJECTED,
                Join.Request.of(invited.file(), invited.code(), older.words(), Protection.fileModes()));
        assertThat(refusal.detail()).contains("Bình Định thử");
        for (String typed :
                List.of("", "yes", "có", "đúng rồi", "1", province.words().substring(5))) {
            refused(
                    ErrorCode.FINGERPRINT_REJECTED,
                    Join.Request.of(invited.file(), invited.code(), typed, Protection.fileModes()));
        }
    }

    @Test
    void b37_takenBack() {
        var newer = province.authority
                .revoke(What.INVITATION, invited.facts().number(), Province.TAY_SON, Reason.UNSPECIFIED)
                .orBug();
        refused(
                ErrorCode.INVITATION_INVALID,
                new Join.Request(
                        invited.file(),
                        invited.code(),
                        province.words(),
                        Protection.fileModes(),
                        Optional.empty(),
                        new Join.Newest(Optional.of(newer), List.of())));
    }

    @Test
    void aWrongCodeMakesNoKeys() {
        for (String code : List.of("", "0", "0000 0000 0000 0000 0000", invited.code() + "1", "không biết")) {
            refused(
                    ErrorCode.PASSPHRASE_WRONG,
                    Join.Request.of(invited.file(), code, province.words(), Protection.fileModes()));
        }
        // However it is written, the right one opens.
        assertThat(Join.join(
                                Join.Request.of(
                                        invited.file(),
                                        invited.code().replace(' ', '-'),
                                        province.authority.root().digits(),
                                        Protection.fileModes()),
                                new MemoryDisk(),
                                province.randomness,
                                province.clock)
                        .isOk())
                .isTrue();
    }

    @Test
    void aFolderOfAnotherNetworkOrOfficeIsNotTouched() {
        MemoryDisk data = new MemoryDisk();
        var unused = province.join(invited, data).orBug();
        var before = new java.util.TreeMap<>(data.files);
        assertThat(province.join(province.invite(Province.COMMUNE), data)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.OUTPUT_EXISTS);
        Province other = Province.other(39);
        assertThat(other.join(other.invite(Province.HUB), data).refusal().reason())
                .isEqualTo(ErrorCode.OTHER_NETWORK);
        assertThat(data.files).isEqualTo(before);
        assertThat(unused.dial()).containsExactly(new DialAddress("hub.example", 7443));
    }

    @Test
    void aRevokedInvitationStaysWorthlessInTheDirectory() {
        var newer = province.authority
                .revoke(What.INVITATION, invited.facts().number(), Province.TAY_SON, Reason.UNSPECIFIED)
                .orBug();
        assertThat(newer.entries()).anyMatch(text -> text.utf8().contains(" revocation\nof invitation "));
        var draft = province.authority.draft();
        province.authority.directory().revocations().forEach(draft::remove);
        var unchanged = province.authority.sign(draft).orBug();
        assertThat(unchanged.entries()).hasSameElementsAs(newer.entries());
        assertThat(RevocationEntry.What.values()).hasSize(3);
    }
}
