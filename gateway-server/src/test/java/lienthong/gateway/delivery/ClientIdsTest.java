package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import org.junit.jupiter.api.Test;

class ClientIdsTest {
    private static final Address H = Province.address("H");

    private final Province province = new Province("H; C<H", 3);
    private final Province.Office hub = province.office("H");
    private final List<ClientClaim> answers = new ArrayList<>();

    private static ClientRequest request(String id, String content) {
        return new ClientRequest(new ClientId(id), Hash.of(Bytes.utf8(content)));
    }

    private void claim(String id, String content) {
        hub.delivery.claim(H, request(id, content), answers::add);
        hub.turn();
    }

    private MessageId send(String id, String content) {
        MessageId sent =
                hub.send(new Province.Letter("H", "C").named(id, content)).get(0);
        hub.turn();
        return sent;
    }

    @Test
    void theFirstAnswerIsGivenAgainAlsoAfterARestartAndAfterItWasSettled() {
        claim("a-1", "x");
        MessageId id = send("a-1", "x");
        claim("a-1", "x");
        assertThat(answers.get(0)).isInstanceOf(ClientClaim.Fresh.class);
        ClientClaim.Before before = (ClientClaim.Before) answers.get(1);
        assertThat(before.id()).isEqualTo(id);
        province.office("C").consumes();
        province.settle();
        assertThat(hub.track(id).settled()).isTrue();
        hub.powerCut();
        hub.restart();
        claim("a-1", "x");
        assertThat(answers.get(2)).isEqualTo(before);
        assertThat(hub.delivery.find(H, new ClientId("a-1"))).contains(id);
    }

    @Test
    void anotherMeaningUnderAnIdIsRefused() {
        claim("a-1", "x");
        send("a-1", "x");
        claim("a-1", "y");
        assertThat(answers.get(1))
                .isInstanceOfSatisfying(
                        ClientClaim.Reused.class,
                        reused -> assertThat(reused.why().reason()).isEqualTo(ErrorCode.ID_REUSED));
    }

    @Test
    void twoAtOnceBecomeOne() {
        claim("a-1", "x");
        claim("a-1", "x");
        claim("a-1", "y");
        assertThat(answers).hasSize(1);
        MessageId id = send("a-1", "x");
        assertThat(answers).hasSize(3);
        assertThat(((ClientClaim.Before) answers.get(1)).id()).isEqualTo(id);
        assertThat(answers.get(2)).isInstanceOf(ClientClaim.Reused.class);
    }

    @Test
    void aClaimThatCameToNothingMakesTheNextOneFresh() {
        claim("a-1", "x");
        claim("a-1", "y");
        hub.delivery.release(H, request("a-1", "x"));
        assertThat(answers).hasSize(2);
        assertThat(answers.get(1)).isInstanceOf(ClientClaim.Fresh.class);
    }

    @Test
    void idsOfOtherSendersAreOtherIds() {
        claim("a-1", "x");
        send("a-1", "x");
        hub.delivery.claim(Province.address("H/other"), request("a-1", "y"), answers::add);
        assertThat(answers.get(1)).isInstanceOf(ClientClaim.Fresh.class);
    }

    @Test
    void idsAreForgottenAfterTheirTime() {
        claim("a-1", "x");
        send("a-1", "x");
        claim("a-2", "x");
        send("a-2", "x");
        province.advance(Duration.ofDays(32));
        claim("a-1", "y");
        assertThat(answers.get(2)).isInstanceOf(ClientClaim.Fresh.class);
    }
}
