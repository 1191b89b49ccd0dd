package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import lienthong.gateway.message.MessageId;
import org.junit.jupiter.api.Test;

/** T7: a hub may drop what it likes, but not unseen: the origin asks, lists it as late, and offers it again by any other way. */
class T07SilentDropIsSeenTest {
    @Test
    void aMessageThatAHubSwallowedIsLateAskedAfterAndArrivesByTheOtherParent() {
        Province province = new Province("H; D1<H; D2<H; C<D1,D2; X<H", 7);
        Province.Office origin = province.office("C");
        province.office("X").consumes();
        province.cable("D1", "H").cut();
        MessageId id = origin.send(new Province.Letter("C", "X")).get(0);
        province.settle();
        assertThat(origin.states(id)).isEqualTo("X FORWARDED");
        assertThat(origin.track(id).recipients().get(0).handedTo().orElseThrow().text())
                .isEqualTo("D1");

        province.advance(Duration.ofMinutes(61));
        assertThat(origin.delivery.status().late()).isEqualTo(1);
        assertThat(origin.count(DeliveryStatus.Counter.ASKED)).isEqualTo(1);
        assertThat(origin.events).anyMatch(event -> event.what() == DeliveryEvent.What.LATE);

        // The relay loses it on purpose, with everything that could tell.
        province.office("D1").loseDisk();
        province.advance(Duration.ofHours(4));
        assertThat(province.office("X").acknowledged).containsExactly("X " + id);
        assertThat(origin.states(id)).isEqualTo("X CONSUMED");
        assertThat(origin.delivery.status().late()).isZero();
    }
}
