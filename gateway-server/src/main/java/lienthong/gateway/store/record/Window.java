package lienthong.gateway.store.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import lienthong.gateway.environment.Disk;

/** Reads a file in order through one buffer. A sector that the disk cannot read shows as zeros: its record then fails its checksum. */
public final class Window {
    private static final int BLOCK_BYTES = 4096;

    private final Disk.File file;
    private final long end;
    private ByteBuffer buffer;
    private long start;
    private boolean sawUnreadable;

    /** Over {@code file} up to {@code end}. */
    public Window(Disk.File file, long end, int bytes) {
        this.file = file;
        this.end = end;
        this.buffer = ByteBuffer.allocateDirect(bytes).limit(0);
    }

    public long end() {
        return end;
    }

    /** Makes {@code length} bytes at {@code offset} available, all before {@link #end}; gives their index in {@link #buffer}. */
    public int at(long offset, int length) {
        if (offset < start || offset + length > start + buffer.limit()) {
            fill(offset, length);
        }
        return (int) (offset - start);
    }

    /** Valid from {@link #at} to the next {@link #at}. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Whether zeros were shown anywhere for what the disk could not read. */
    public boolean sawUnreadable() {
        return sawUnreadable;
    }

    private void fill(long offset, int length) {
        if (length > buffer.capacity()) {
            buffer = ByteBuffer.allocateDirect(Math.max(length, buffer.capacity() * 2));
        }
        start = offset;
        int wanted = (int) Math.min(buffer.capacity(), end - offset);
        buffer.clear().limit(wanted);
        try {
            file.read(offset, buffer);
        } catch (IOException unreadable) {
            fillByBlocks(offset, wanted);
        }
        // Shorter than its length said: what is not there reads as zeros.
        while (buffer.position() < wanted) {
            buffer.put((byte) 0);
        }
        buffer.flip();
    }

    private void fillByBlocks(long offset, int wanted) {
        buffer.clear();
        for (int done = 0; done < wanted; ) {
            int step = Math.min(wanted - done, BLOCK_BYTES - (int) ((offset + done) % BLOCK_BYTES));
            buffer.limit(done + step).position(done);
            try {
                file.read(offset + done, buffer);
            } catch (IOException unreadable) {
                sawUnreadable = true;
                buffer.position(done);
            }
            while (buffer.position() < done + step) {
                buffer.put((byte) 0);
            }
            done += step;
        }
        buffer.limit(wanted);
    }
}
