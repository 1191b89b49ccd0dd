package lienthong.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Limits;
import org.junit.jupiter.api.Test;

/** The numbers of pace, back-off, admission and credit. */
class PaceTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void dataFrameIsTwoHundredMillisecondsOfTheMeasuredRate() {
        Pace pace = new Pace();
        pace.full(0);
        pace.sent(250_000);
        pace.full(SECOND);
        assertThat(pace.bytesPerSecond()).isEqualTo(250_000);
        assertThat(pace.dataFrameBytes()).isEqualTo(50_000);
        assertThat(pace.queueBytes()).isEqualTo(50_000);
    }

    @Test
    void dataFrameStaysWithinFourKibibytesAndAFrame() {
        Pace slow = new Pace();
        slow.full(0);
        slow.sent(100);
        slow.full(SECOND);
        assertThat(slow.dataFrameBytes()).isEqualTo(Limits.DATA_FRAME_BYTES_MIN);
        Pace fast = new Pace();
        fast.full(0);
        for (int i = 1; i < 40; i++) {
            fast.sent(100_000_000);
            fast.full(i * SECOND / 10);
        }
        assertThat(fast.dataFrameBytes()).isEqualTo(FrameShapes.DATA_BYTES_MAX);
        assertThat(fast.queueBytes()).isEqualTo(1024 * 1024);
    }

    @Test
    void slowerLineIsBelievedAtOnceAndAFasterOneStepByStep() {
        Pace pace = new Pace();
        pace.full(0);
        pace.sent(1_000_000);
        pace.full(SECOND);
        pace.sent(10_000);
        pace.full(2 * SECOND);
        assertThat(pace.bytesPerSecond()).isEqualTo(10_000);
        pace.sent(1_000_000);
        pace.full(3 * SECOND);
        assertThat(pace.bytesPerSecond()).isBetween(100_000L, 500_000L);
    }

    @Test
    void idleTimeIsNotMeasured() {
        Pace pace = new Pace();
        pace.full(0);
        pace.sent(1_000_000);
        pace.full(SECOND);
        pace.idle();
        pace.sent(100);
        pace.full(100 * SECOND);
        assertThat(pace.bytesPerSecond()).isEqualTo(1_000_000);
    }

    @Test
    void backOffDoublesFromOneSecondToFiveMinutesWithJitterAndBeginsAnew() {
        Backoff backoff = new Backoff(Randomness.real());
        long base = 1_000;
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            long ms = backoff.next().toMillis();
            assertThat(ms).isBetween(base - base / 4, base + base / 4);
            seen.add(ms);
            base = Math.min(300_000, 2 * base);
        }
        assertThat(seen).hasSizeGreaterThan(20);
        backoff.reset();
        assertThat(backoff.next()).isLessThan(Duration.ofMillis(1_251));
    }

    @Test
    void stormIsLetInByTheRateAndTheRestIsToldDifferentTimes() {
        TokenBucket bucket = new TokenBucket(10, 3, 0);
        int admitted = 0;
        Set<Duration> waits = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Duration wait = bucket.admit(0);
            if (wait.isZero()) {
                admitted++;
            } else {
                waits.add(wait);
            }
        }
        assertThat(admitted).isEqualTo(3);
        assertThat(waits).hasSize(97);
        assertThat(bucket.admit(SECOND)).isZero();
    }

    @Test
    void creditIsGrantedInSumsAndNeverFalls() throws Exception {
        CreditWindows in = new CreditWindows();
        long[] sizes = {1 << 20, 0, 0, 0, 0, 1 << 20};
        assertThat(in.due(sizes)).extracting(Frame.Grant::total).containsExactly(1L << 20, 1L << 20);
        assertThat(in.due(sizes)).isEmpty();
        assertThat(in.use(0, 1 << 20)).isTrue();
        assertThat(in.use(0, 1)).isFalse();
        assertThat(in.due(sizes)).isEmpty();
        in.dispose(0, 1 << 19);
        assertThat(in.due(sizes)).extracting(Frame.Grant::total).containsExactly((1L << 20) + (1 << 19));
        assertThat(in.outstanding(0)).isEqualTo(1 << 19);
    }
}
