package lienthong.gateway.store.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.store.Damage;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.StoreEvents;

/**
 * {@code quarantine/}: bytes that can no longer be believed, one file for each place, named after it ({@code log-000000000003-81920}), never
 * removed by the program. A place is reported when its file is made, so once also over restarts. Thread-safe.
 */
public final class Quarantine {
    private static final String FOLDER = "quarantine";
    private static final int COPY_BYTES_MAX = 8 * 1024 * 1024;

    private final Disk disk;
    private final StoreEvents events;
    private final Set<String> names;

    private Quarantine(Disk disk, StoreEvents events, List<String> names) {
        this.disk = disk;
        this.events = events;
        this.names = new HashSet<>(names);
    }

    /** Makes the folder when absent. */
    public static Quarantine open(Disk disk, StoreEvents events) throws IOException {
        disk.makeFolder(FOLDER);
        return new Quarantine(disk, events, disk.list(FOLDER));
    }

    /** Keeps the bytes of a place (at most 8 MiB of them) and tells of it, unless that was done before. */
    public synchronized void setAside(String path, Disk.File file, RecordScanner.Hole hole) throws IOException {
        String name = path.replace('/', '-').replace(".log", "") + "-" + hole.offset();
        if (!names.add(name)) {
            return;
        }
        int length = (int) Math.min(hole.length(), COPY_BYTES_MAX);
        // A sector that cannot be read is kept as zeros.
        Window window = new Window(file, hole.offset() + length, Math.max(length, 8));
        int start = window.at(hole.offset(), length);
        ByteBuffer bytes = window.buffer().duplicate().position(start).limit(start + length);
        String target = FOLDER + "/" + name;
        try (Disk.File copy = disk.open(target + ".tmp")) {
            copy.truncate(0);
            copy.write(0, bytes);
            SyncFailed.sync(copy);
        }
        disk.rename(target + ".tmp", target);
        SyncFailed.syncFolder(disk, FOLDER);
        Kind claimed = hole.kind() == 0 ? null : Kind.ofNumber(hole.kind()).orElse(null);
        events.recordDamaged(new Damage(
                path, hole.offset(), hole.length(), Math.max(1, hole.records()), claimed, hole.key(), target));
    }

    /** How many places were ever set aside. */
    public synchronized int count() {
        return (int) names.stream().filter(name -> !name.endsWith(".tmp")).count();
    }
}
