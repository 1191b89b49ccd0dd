package lienthong.gateway.envelope;

import java.io.IOException;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the parts of one opened message, in order: {@link #next}, then {@link #read} to its end, and so on. The bytes were checked before;
 * from a spooled ciphertext they are decrypted and hashed once more, and an {@link IOException} says that the file under them changed since.
 * One thread; close it.
 */
public final class PartReader implements AutoCloseable {
    private final OpenedEnvelope opened;
    private final int message;
    private final @Nullable Expander expander;
    private final @Nullable PayloadReader reader;
    private int part = -1;
    private int at;
    private boolean partOver = true;
    private boolean closed;

    PartReader(OpenedEnvelope opened, int message) throws IOException {
        this.opened = opened;
        this.message = message;
        if (opened.isInMemory()) {
            this.expander = null;
            this.reader = null;
        } else {
            Expander taken = opened.expanders().take();
            this.expander = taken;
            this.reader = new PayloadReader(
                    new PlainStream(opened.source(), opened.slot()),
                    opened.envelope().facts().header().network(),
                    taken);
            boolean there = false;
            try {
                skipTo(this.reader);
                there = true;
            } finally {
                if (!there) {
                    close();
                }
            }
        }
    }

    private void skipTo(PayloadReader in) throws IOException {
        byte[] skipped = new byte[message == 0 ? 0 : 16 * 1024];
        for (int i = 0; i <= message; i++) {
            if (!in.nextMessage()) {
                throw new Damaged("messages changed since they were checked");
            }
            while (i < message && in.nextPart()) {
                int size;
                do {
                    size = in.read(skipped, 0, skipped.length);
                } while (size >= 0);
            }
            if (i < message) {
                // The text was checked before; here it is only passed over.
                Hash.of(in.manifestText());
            }
        }
    }

    /** Moves to the next part, passing over what was not read of this one; false after the last. */
    public boolean next() throws IOException {
        byte[] skipped = new byte[partOver ? 0 : 16 * 1024];
        while (!partOver) {
            partOver = read(skipped, 0, skipped.length) < 0;
        }
        if (part + 1 >= facts().size()) {
            return false;
        }
        if (reader != null && !reader.nextPart()) {
            throw new Damaged("parts changed since they were checked");
        }
        part++;
        at = 0;
        partOver = false;
        return true;
    }

    /** Position of the part in the manifest. */
    public int index() {
        return part;
    }

    /** Name, type, length and hash of the part. */
    public Manifest.Part part() {
        return facts().get(part);
    }

    /** The next bytes of the part; −1 at its end. */
    public int read(byte[] into, int offset, int length) throws IOException {
        if (partOver) {
            return -1;
        }
        int size;
        if (reader == null) {
            Bytes bytes = opened.memory().get(message).get(part);
            size = Math.min(length, bytes.size() - at);
            if (size == 0 && length > 0) {
                size = -1;
            } else {
                bytes.slice(at, size).copyTo(into, offset);
                at += size;
            }
        } else {
            size = reader.read(into, offset, length);
            if (size < 0 && !reader.lastHash().equals(part().hash())) {
                throw new Damaged("part changed since it was checked");
            }
        }
        partOver = size < 0;
        return size;
    }

    private java.util.List<Manifest.Part> facts() {
        return opened.manifests().get(message).parts();
    }

    @Override
    public void close() {
        if (!closed && expander != null) {
            opened.expanders().giveBack(expander);
        }
        closed = true;
    }
}
