package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.TreeSet;
import lienthong.gateway.message.Bug;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntervalsTest {
    private static Intervals copy(Intervals set) {
        RecordWriter out = new RecordWriter();
        set.encode(out);
        RecordReader in = new RecordReader(out.done());
        Intervals copy = Intervals.decode(in);
        in.end();
        return copy;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4711, 20_201_010})
    void holdsExactlyWhatWasAddedAndNotTakenOut(long seed) {
        Random random = new Random(seed);
        Intervals set = new Intervals();
        TreeSet<Long> model = new TreeSet<>();
        for (int step = 0; step < 3_000; step++) {
            long first = 1L + random.nextInt(400);
            long last = first + random.nextInt(random.nextInt(10) == 0 ? 40 : 3);
            boolean add = random.nextInt(4) > 0;
            for (long n = first; n <= last; n++) {
                if (add) {
                    model.add(n);
                } else {
                    model.remove(n);
                }
            }
            if (add) {
                set.add(first, last);
            } else {
                set.remove(first, last);
            }
            long a = 1L + random.nextInt(450);
            long b = a + random.nextInt(20);
            assertThat(set.contains(a))
                    .as("seed %d step %d contains %d in %s", seed, step, a, set)
                    .isEqualTo(model.contains(a));
            assertThat(set.containsAny(a, b))
                    .as("seed %d step %d", seed, step)
                    .isEqualTo(!model.subSet(a, b + 1).isEmpty());
            assertThat(set.containsAll(a, b))
                    .as("seed %d step %d", seed, step)
                    .isEqualTo(model.subSet(a, b + 1).size() == b - a + 1);
            if (step % 100 == 0) {
                assertThat(copy(set).toString()).as("seed %d", seed).isEqualTo(set.toString());
                assertThat(copy(set).count()).isEqualTo(runs(model));
            }
        }
    }

    private static int runs(java.util.Set<Long> numbers) {
        int runs = 0;
        for (long n : numbers) {
            runs += numbers.contains(n - 1) ? 0 : 1;
        }
        return runs;
    }

    @Test
    void aBillionNumbersWithoutAGapAreOneInterval() {
        Intervals set = new Intervals();
        set.add(1, 1_000_000_000L);
        set.add(1_000_000_001L, 1_000_000_001L);
        assertThat(set).hasToString("1-1000000001");
        assertThat(set.firstMissing()).isEqualTo(1_000_000_002L);
        RecordWriter out = new RecordWriter();
        set.encode(out);
        assertThat(out.size()).isLessThanOrEqualTo(8);
    }

    @Test
    void theLargestNumbersFit() {
        Intervals set = new Intervals();
        set.add(Long.MAX_VALUE - 1, Long.MAX_VALUE);
        set.add(1, 1);
        assertThat(set.contains(Long.MAX_VALUE)).isTrue();
        assertThat(copy(set).toString()).isEqualTo(set.toString());
    }

    @Test
    void refusesNumbersThatAreNone() {
        assertThatThrownBy(() -> new Intervals().add(0, 3)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> new Intervals().add(3, 2)).isInstanceOf(Bug.class);
    }
}
