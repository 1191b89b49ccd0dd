package lienthong.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import lienthong.gateway.directory.DirectoryView.TlsPeer;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.Province;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;

/** T23, the judging part: who may stand at the other end of a link. */
class T23FakeHubTest {
    private final Province province = Province.make(23);

    @Test
    void aNodeIsWhoTheDirectorySaysWhenItsLeafChainsToTheCaListedForIt() {
        Join.Joined hub = province.join(Province.HUB);
        DirectoryBook book = province.book(hub.directory(), hub);
        assertThat(book.view()
                        .tlsPeer(hub.keys().tls().chain(), province.clock.now())
                        .orBug())
                .isEqualTo(new TlsPeer.Node(Province.HUB));
        // The CA need not be shown: it stands in the directory.
        assertThat(book.view()
                        .tlsPeer(hub.keys().tls().chain().subList(0, 1), province.clock.now())
                        .orBug())
                .isEqualTo(new TlsPeer.Node(Province.HUB));
    }

    @Test
    void anOfficeThatIsNotYetKnownHereMayTalkAboutDirectoriesOnly() {
        Join.Joined hub = province.join(Province.HUB);
        Join.Joined later = province.join(Province.TAY_SON);
        DirectoryBook book = province.book(hub.directory(), hub);
        assertThat(book.view()
                        .tlsPeer(later.keys().tls().chain(), province.clock.now())
                        .orBug())
                .isInstanceOf(TlsPeer.Stranger.class);
    }

    @Test
    void refusesOtherNetworksOtherPurposesExpiredOnesAndRubbish() {
        Join.Joined hub = province.join(Province.HUB);
        DirectoryBook book = province.book(hub.directory(), hub);
        Province other = Province.other(123);
        Join.Joined fake = other.join(Province.HUB);
        assertThat(book.view()
                        .tlsPeer(fake.keys().tls().chain(), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.OTHER_NETWORK);
        // A stranger's leaf under our CA's certificate.
        assertThat(book.view()
                        .tlsPeer(
                                List.of(
                                        fake.keys().tls().chain().get(0),
                                        hub.keys().tls().chain().get(1)),
                                province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.OTHER_NETWORK);
        Bytes evidence = hub.keys().evidenceKey().certificate().der();
        assertThat(book.view()
                        .tlsPeer(List.of(evidence, hub.keys().tls().chain().get(1)), province.clock.now())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.WHO_ARE_YOU);
        Bytes ca = hub.keys().tls().chain().get(1);
        assertThat(book.view().tlsPeer(List.of(ca, ca), province.clock.now()).isOk())
                .isFalse();
        assertThat(book.view()
                        .tlsPeer(hub.keys().tls().chain(), province.clock.now().plus(Duration.ofDays(398)))
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        assertThat(book.view().tlsPeer(List.of(), province.clock.now()).isOk()).isFalse();
        assertThat(book.view()
                        .tlsPeer(List.of(Bytes.utf8("x")), province.clock.now())
                        .isOk())
                .isFalse();
    }
}
