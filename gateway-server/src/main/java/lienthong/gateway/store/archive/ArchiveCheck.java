package lienthong.gateway.store.archive;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.store.ArchiveKind;
import lienthong.gateway.store.record.Checksum;
import lienthong.gateway.store.record.FileHeader;
import lienthong.gateway.store.record.RecordScanner;
import lienthong.gateway.store.record.Records;
import lienthong.gateway.store.record.StoreIdentity;
import lienthong.gateway.store.record.Window;

/** Reads every record of every month, whatever the index says, and writes nothing. */
public final class ArchiveCheck {
    private static final String FOLDER = "archive";
    private static final int WINDOW_BYTES = 1 << 20;

    private ArchiveCheck() {}

    /** Files and records that are good. */
    public record Counts(int files, Map<ArchiveKind, Long> records) {}

    /**
     * Looks at all of it.
     *
     * @param ends where the index knows each file to end, by year × 100 + month: what is missing before that was there once
     * @param damage gets each place, by file
     * @param unfinished gets each file whose end no later record proves
     */
    public static Counts check(
            Disk disk,
            StoreIdentity identity,
            Map<Integer, Long> ends,
            BiConsumer<String, RecordScanner.Hole> damage,
            Consumer<String> unfinished)
            throws IOException {
        Map<ArchiveKind, Long> counts = new TreeMap<>();
        int files = 0;
        for (String name : disk.list(FOLDER)) {
            if (!name.matches("[0-9]{4}-[0-9]{2}\\.log")) {
                continue;
            }
            int month = Integer.parseInt(name.substring(0, 4)) * 100 + Integer.parseInt(name.substring(5, 7));
            String path = FOLDER + "/" + name;
            files++;
            try (Disk.File file = disk.openExisting(path).orElseThrow()) {
                FileHeader.Found header = FileHeader.read(file);
                boolean ours = header instanceof FileHeader.Good good
                        && good.header().purpose() == FileHeader.ARCHIVE
                        && good.header().number() == month
                        && good.header().identity().equals(identity);
                if (!ours) {
                    if (header instanceof FileHeader.Blank && file.size() <= FileHeader.PAGE_BYTES) {
                        unfinished.accept(path);
                    } else {
                        damage.accept(path, new RecordScanner.Hole(0, file.size(), 0, 0, 0));
                    }
                    continue;
                }
                long end = scan(file, identity, month, counts, hole -> damage.accept(path, hole));
                long known = ends.getOrDefault(month, 0L);
                if (end < known) {
                    damage.accept(path, new RecordScanner.Hole(end, known - end, 0, 0, 0));
                } else if (end < file.size()) {
                    unfinished.accept(path);
                }
            }
        }
        return new Counts(files, counts);
    }

    private static long scan(
            Disk.File file,
            StoreIdentity identity,
            int month,
            Map<ArchiveKind, Long> counts,
            Consumer<RecordScanner.Hole> damage)
            throws IOException {
        RecordScanner.Sink sink = new RecordScanner.Sink() {
            @Override
            public void record(Records.Found found) {
                if (found.type() == Records.PUT) {
                    ArchiveKind.ofNumber(found.kind()).ifPresent(kind -> counts.merge(kind, 1L, Long::sum));
                }
            }

            @Override
            public void damage(RecordScanner.Hole hole) {
                damage.accept(hole);
            }
        };
        Window window = new Window(
                file, file.size(), (int) Math.min(WINDOW_BYTES, Math.max(FileHeader.PAGE_BYTES, file.size())));
        return new RecordScanner(window, new Checksum(identity, month), false, sink)
                .scan(FileHeader.PAGE_BYTES, 1, false)
                .end();
    }
}
