package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import org.junit.jupiter.api.Test;

class EdgesTest {
    private final Intervals numbers = new Intervals();
    private Edges edges = new Edges();

    private static Hash core(long number) {
        return number == 0 ? Numbers.NO_CORE : Hash.of(Bytes.utf8("core " + number));
    }

    private List<Edges.Break> came(long number, Hash previous) {
        numbers.add(number, number);
        return edges.came(number, number, core(number), previous, numbers);
    }

    /** Whatever the order, and through any number of restarts, each wrong hash beside two known cores is found once and no right one ever. */
    @Test
    void eachOfAThousandWrongHashesIsFoundInAnyOrderAndNoRightOneIsBlamed() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int count = 1_000;
        List<Long> order = new ArrayList<>();
        List<Long> wrong = new ArrayList<>();
        for (long number = 1; number <= count; number++) {
            order.add(number);
            if (random.nextInt(3) == 0) {
                wrong.add(number);
            }
        }
        Collections.shuffle(order, random);
        List<Long> found = new ArrayList<>();
        for (long number : order) {
            Hash previous = wrong.contains(number) ? Hash.of(Bytes.utf8("other")) : core(number - 1);
            came(number, previous).forEach(one -> found.add(one.number() + 1));
            RecordWriter out = new RecordWriter();
            edges.encode(out);
            Bytes written = out.done();
            assertThat(written.size()).isLessThanOrEqualTo(edges.bytesMax());
            edges = Edges.decode(new RecordReader(written));
        }
        assertThat(found).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(wrong);
        assertThat(edges.bytesMax()).as("one interval keeps one hash").isLessThan(100);
    }

    @Test
    void aNumberThatCameToNothingIsComparedWithNobody() {
        came(1, core(0));
        came(3, core(77));
        numbers.add(2, 2);
        edges.skipped(2, 2);
        assertThat(came(4, core(3))).isEmpty();
        assertThat(came(5, core(3))).hasSize(1);
    }

    @Test
    void whatIsForgottenMayComeAgain() {
        came(1, core(0));
        came(2, core(1));
        came(3, core(2));
        numbers.remove(2, 2);
        edges.forget(2, 2);
        assertThat(edges.coreOf(3)).contains(core(3));
        assertThat(came(2, core(1))).isEmpty();
    }

    @Test
    void howeverManyGapsAStreamHasItsHashesStayWithinTheirLimit() {
        for (long number = 2; number < 40_000; number += 2) {
            came(number, core(number - 1));
        }
        assertThat(edges.bytesMax()).isLessThan(100 + 2 * Edges.KEPT_MAX * 42);
        assertThat(came(39_999, core(5))).as("beside the newest").hasSize(1);
        assertThat(came(3, core(5))).as("what was forgotten is not compared").isEmpty();
    }
}
