package lienthong.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryBook.Outcome;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.Province;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;

/** T24: an abolished, merged or revoked office sends, receives, or re-joins. */
class T24FormerOrganisationTest {
    private final Province province = Province.make(24);
    private final Join.Joined office = province.join(Province.TAY_SON);
    private final DirectoryBook book = province.book(office.directory(), office);
    private final Address address = Address.of(Province.TAY_SON);
    private final Instant effective = province.clock.now().plus(Duration.ofDays(30));

    T24FormerOrganisationTest() {
        DirectoryBook before = book;
        var draft = province.authority.draft();
        assertThat(draft.end(Province.TAY_SON, effective, OrganisationEntry.End.TIER_ABOLISHED, List.of(Province.HUB)))
                .isEmpty();
        assertThat(before.accept(province.authority.sign(draft).orBug(), province.clock.now()))
                .isInstanceOf(Outcome.Newer.class);
    }

    @Test
    void oldMailVerifiesAsOfItsTimeAndNewMailDoesNot() {
        var certificate = office.keys().signingKey(address).orElseThrow().certificate();
        assertThat(book.view()
                        .signer(address, certificate.hash(), effective.minusMillis(1))
                        .isOk())
                .isTrue();
        assertThat(book.view()
                        .signer(address, certificate.hash(), effective)
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        var evidence = office.keys().evidenceKey().certificate();
        assertThat(book.view()
                        .delegate(address, evidence.hash(), OrganisationEntry.Delegation.DELIVERED, effective)
                        .isOk())
                .isFalse();
    }

    @Test
    void whoWritesToItAfterwardsIsToldTheSuccessor() {
        assertThat(book.recipientKey(address, Suite.HYBRID_1, effective.minusMillis(1))
                        .isOk())
                .isTrue();
        var refusal = book.recipientKey(address, Suite.HYBRID_1, effective).refusal();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.RECIPIENT_CLOSED);
        assertThat(refusal.detail()).contains("successor: A08");
        assertThat(book.directory().orElseThrow().successors(Province.TAY_SON)).containsExactly(Province.HUB);
    }

    @Test
    void itsLinksAreClosedFromThatTimeOn() {
        var chain = office.keys().tls().chain();
        assertThat(book.view().tlsPeer(chain, effective.minusMillis(1)).isOk()).isTrue();
        assertThat(book.view().tlsPeer(chain, effective).refusal().reason()).isEqualTo(ErrorCode.REVOKED);
    }

    @Test
    void anOldDirectoryOfItsOwnDoesNotBringItBack() {
        assertThat(book.accept(office.directory(), province.clock.now())).isInstanceOf(Outcome.Old.class);
    }
}
