package lienthong.gateway.lab.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static final LabTexts TEXTS = LabTexts.in(Language.ENGLISH);

    private static Samples of(int count, int perHour, IntToLongFunction threads) {
        Samples samples = new Samples(perHour);
        for (int i = 0; i < count; i++) {
            Map<Samples.Measure, Long> sample = new EnumMap<>(Samples.Measure.class);
            for (Samples.Measure measure : Samples.Measure.values()) {
                sample.put(measure, 1_000L);
            }
            sample.put(Samples.Measure.THREADS, threads.applyAsLong(i));
            samples.add(sample);
        }
        return samples;
    }

    @Test
    void whatStaysIsGoodAlsoWithNoiseAndPeaks() {
        assertThat(of(90, 360, i -> i % 10 == 0 ? 5_000 : 200 + i % 7).grown(TEXTS))
                .isEmpty();
    }

    @Test
    void whatGrowsSlowlyIsFound() {
        List<String> grown = of(90, 360, i -> 200 + 2L * i).grown(TEXTS);
        assertThat(grown).hasSize(1);
        assertThat(grown.get(0)).contains("threads");
    }

    @Test
    void aLongRunIsComparedWithItsFirstHourAndNotWithItsFirstThird() {
        // It has grown within the first third, after the first hour.
        IntToLongFunction early = i -> i < 12 ? 100 : 300;
        assertThat(of(90, 10, early).grown(TEXTS)).hasSize(1);
        assertThat(of(90, 360, early).grown(TEXTS)).isEmpty();
    }

    @Test
    void tooFewSamplesSayNothingAndThatIsNoSuccess() {
        assertThat(of(8, 360, i -> 1).grown(TEXTS)).containsExactly(TEXTS.text("proof.soak-too-short", 8, 9));
        assertThat(of(9, 360, i -> 1).grown(TEXTS)).isEmpty();
    }
}
