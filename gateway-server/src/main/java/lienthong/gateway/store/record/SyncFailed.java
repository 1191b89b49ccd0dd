package lienthong.gateway.store.record;

import java.io.IOException;
import lienthong.gateway.environment.Disk;

/** A failed sync: what was written before it may be gone, and a second sync would lie about it. */
public final class SyncFailed extends IOException {
    private static final long serialVersionUID = 1L;

    private SyncFailed(IOException cause) {
        super(cause.getMessage(), cause);
    }

    /** Syncs content. */
    public static void sync(Disk.File file) throws SyncFailed {
        try {
            file.sync();
        } catch (IOException dead) {
            throw new SyncFailed(dead);
        }
    }

    /** Syncs names. */
    public static void syncFolder(Disk disk, String folder) throws SyncFailed {
        try {
            disk.syncFolder(folder);
        } catch (IOException dead) {
            throw new SyncFailed(dead);
        }
    }
}
