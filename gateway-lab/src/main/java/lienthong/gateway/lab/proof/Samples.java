package lienthong.gateway.lab.proof;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lienthong.gateway.lab.LabTexts;

/** What a network cost at many moments, and whether it costs more at the end than in the first hour. Used by one thread. */
final class Samples {
    /** Of a run shorter than three hours the first third stands for the first hour. */
    private static final int PARTS = 3;

    private static final int PART_MIN = 3;

    /** Sums over all nodes; the age is the worst of all offices. */
    enum Measure {
        RESIDENT_MB(1.5, 64),
        HEAP_MB(1.5, 64),
        DESCRIPTORS(1.25, 32),
        THREADS(1.25, 16),
        /** Without archive, audit log and quarantine, which are to grow. A segment has 64 MB. */
        DISK_MB(1.5, 384),
        QUEUE_AGE_SECONDS(2, 60);

        private final double factor;
        private final long beside;

        /**
         * @param factor the median of the end may be so many times that of the beginning
         * @param beside and so much more: what one restart or one segment makes
         */
        Measure(double factor, long beside) {
            this.factor = factor;
            this.beside = beside;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        long bound(long first) {
            return Math.round(first * factor) + beside;
        }
    }

    private final int perHour;
    private final List<Map<Measure, Long>> all = new ArrayList<>();

    /** @param perHour how many are taken in an hour */
    Samples(int perHour) {
        this.perHour = perHour;
    }

    void add(Map<Measure, Long> sample) {
        all.add(new EnumMap<>(sample));
    }

    /** How many samples stand for the beginning, and how many for the end. */
    private int part() {
        return Math.min(perHour, all.size() / PARTS);
    }

    private long median(Measure measure, int from, int to) {
        List<Long> sorted = all.subList(from, to).stream()
                .map(sample -> sample.getOrDefault(measure, 0L))
                .sorted()
                .toList();
        return sorted.get(sorted.size() / 2);
    }

    /** The median of the beginning. */
    long first(Measure measure) {
        return median(measure, 0, part());
    }

    /** The median of the end. */
    long last(Measure measure) {
        return median(measure, all.size() - part(), all.size());
    }

    /** A sentence for each measure that has grown; one alone when there are too few samples to say. */
    List<String> grown(LabTexts texts) {
        if (part() < PART_MIN) {
            return List.of(texts.text("proof.soak-too-short", all.size(), PARTS * PART_MIN));
        }
        List<String> broken = new ArrayList<>();
        for (Measure measure : Measure.values()) {
            if (last(measure) > measure.bound(first(measure))) {
                broken.add(texts.text(
                        "proof.soak-grown",
                        measure.word(),
                        first(measure),
                        last(measure),
                        measure.bound(first(measure))));
            }
        }
        return broken;
    }

    /** For people: what each measure was. */
    List<String> told(LabTexts texts) {
        List<String> lines = new ArrayList<>();
        if (part() >= PART_MIN) {
            for (Measure measure : Measure.values()) {
                lines.add(texts.text("proof.soak-measure", measure.word(), first(measure), last(measure)));
            }
        }
        return lines;
    }
}
