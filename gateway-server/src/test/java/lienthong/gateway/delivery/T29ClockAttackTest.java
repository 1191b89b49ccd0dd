package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import lienthong.gateway.message.MessageId;
import org.junit.jupiter.api.Test;

/** A clock that is wrong by years ends nothing and forgets nothing, as long as nobody else's agrees. */
class T29ClockAttackTest {
    private static final Duration YEARS = Duration.ofDays(3_652);

    private final Province province = new Province("H; C<H", 29);
    private final Province.Office hub = province.office("H");
    private final Province.Office commune = province.office("C");

    private MessageId letter() {
        MessageId id = hub.send(new Province.Letter("H", "C").lives(Duration.ofDays(1)))
                .get(0);
        province.settle();
        return id;
    }

    @Test
    void aStartWithAClockYearsAheadExpiresNothing() {
        MessageId id = letter();
        for (Province.Office office : province.offices.values()) {
            office.kill();
            office.loop.setAhead(YEARS);
            office.restart();
            province.settle();
            province.advance(Duration.ofMinutes(1));
            office.loop.setAhead(Duration.ZERO);
        }
        commune.consumes();
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
    }

    @Test
    void aClockThatLeapsWhileItRunsExpiresNothingAndLetsNothingGo() {
        MessageId id = letter();
        hub.loop.setAhead(YEARS);
        commune.loop.setAhead(YEARS);
        province.advance(Duration.ofHours(20));
        assertThat(hub.states(id)).isEqualTo("C DELIVERED");
        assertThat(hub.track(id).settled()).isFalse();
        commune.consumes();
        province.settle();
        assertThat(hub.states(id)).isEqualTo("C CONSUMED");
    }

    @Test
    void whatANodeWasDownCountsAsSoonAsANeighbourAgrees() {
        MessageId id = letter();
        commune.kill();
        province.cable("H", "C").cut();
        province.advance(Duration.ofDays(2));
        commune.restart();
        province.advance(Duration.ofMinutes(1));
        assertThat(commune.count(DeliveryStatus.Counter.EXPIRED))
                .as("by its own clock alone")
                .isZero();
        province.cable("H", "C").repair();
        province.settle();
        province.advance(Duration.ofMinutes(1));
        assertThat(hub.states(id)).isEqualTo("C RETURNED");
    }
}
