package lienthong.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LongMapTest {
    @Test
    void behavesAsAMapThroughAnyOrderOfChanges() {
        long seed = 7;
        Random random = new Random(seed);
        LongMap map = new LongMap();
        Map<Long, Long> model = new HashMap<>();
        for (int step = 0; step < 50_000; step++) {
            long key = 1L + random.nextInt(600);
            if (random.nextInt(3) == 0) {
                map.remove(key);
                model.remove(key);
            } else {
                map.put(key, step + 1);
                model.put(key, step + 1L);
            }
            long asked = 1L + random.nextInt(600);
            assertThat(map.get(asked)).as("seed %d step %d", seed, step).isEqualTo(model.getOrDefault(asked, 0L));
        }
        assertThat(map.size()).isEqualTo(model.size());
    }
}
