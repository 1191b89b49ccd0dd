package lienthong.gateway.store.check;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Where the archive's index knows each month's file to end. */
public final class KeptEnds {
    private KeptEnds() {}

    /** By year × 100 + month; empty when there is no index, or it cannot be read. */
    public static Map<Integer, Long> of(Path dataFolder) throws IOException {
        return KeptDatabase.archiveEnds(dataFolder.resolve("archive").resolve("index.db"));
    }
}
