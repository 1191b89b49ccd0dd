package lienthong.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import org.junit.jupiter.api.Test;

class ChainTest {
    private static final long SEED = 31;

    private final Chain chain = new Chain();
    private final NumberSet come = new NumberSet();

    private static Hash core(long number) {
        return number == 0 ? SlotFacts.NO_CORE : Hash.of(Bytes.utf8("core " + number));
    }

    private List<Chain.Break> comes(long number, Hash core, Hash previous) {
        List<Chain.Break> breaks = chain.came(number, new Chain.Link(core, previous), come);
        assertThat(come.add(number)).isTrue();
        return breaks;
    }

    @Test
    void theFirstMessageFollowsNone() {
        assertThat(comes(1, core(1), core(9))).containsExactly(new Chain.Break(0, SlotFacts.NO_CORE, core(9)));
    }

    @Test
    void oneForeignCoreIsFoundWhateverComesFirst() {
        for (List<Long> order : List.of(List.of(1L, 2L, 3L), List.of(3L, 2L, 1L), List.of(2L, 3L, 1L))) {
            ChainTest fresh = new ChainTest();
            List<Chain.Break> breaks = new ArrayList<>();
            for (long number : order) {
                breaks.addAll(fresh.comes(number, core(number), number == 3 ? core(99) : core(number - 1)));
            }
            assertThat(breaks).as("%s", order).containsExactly(new Chain.Break(2, core(2), core(99)));
        }
    }

    @Test
    void anHonestSenderIsNeverSuspectedInAnyOrderNorWithGaps() {
        List<Long> numbers =
                new ArrayList<>(LongStream.rangeClosed(1, 3_000).boxed().toList());
        Collections.shuffle(numbers, new Random(SEED));
        numbers.subList(0, 200).clear();
        for (long number : numbers) {
            assertThat(comes(number, core(number), core(number - 1)))
                    .as("seed %d, number %d", SEED, number)
                    .isEmpty();
        }
        assertThat(chain.cores().size()).isLessThanOrEqualTo(Chain.KEPT_MAX);
        assertThat(chain.previous().size()).isLessThanOrEqualTo(Chain.KEPT_MAX);
    }
}
