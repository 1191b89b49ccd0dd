package lienthong.gateway.store.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import lienthong.gateway.environment.Disk;

/** A failed sync: what was written before it may be gone, and a second sync would lie about it. */
public final class SyncFailed extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int WINDOW_BYTES = 1 << 20;

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

    /**
     * Writes back what is shown and syncs it. After a sync that failed the page cache may show what the disk does not have, as if it were clean: a
     * process that starts then reads it, and its own sync would have nothing to write.
     *
     * @param from where it begins
     * @param to where it ends
     */
    public static void rewrite(Disk.File file, long from, long to) throws IOException {
        ByteBuffer window = ByteBuffer.allocate((int) Math.min(WINDOW_BYTES, Math.max(0, to - from)));
        for (long at = from; at < to; at += window.limit()) {
            window.clear().limit((int) Math.min(window.capacity(), to - at));
            if (file.read(at, window) < window.limit()) {
                throw new IOException("ends before " + to);
            }
            file.write(at, window.flip());
        }
        sync(file);
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
