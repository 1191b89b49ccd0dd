package lienthong.gateway.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import lienthong.gateway.envelope.SealedSink;
import lienthong.gateway.envelope.SealedSource;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.link.CiphertextSource;
import lienthong.gateway.link.TransferSink;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;

/**
 * Ciphertexts too large for memory, each in a file named by its core's hash; plaintext never touches this folder.
 *
 * <pre>
 * ciphertext/CORE.out    sealed here, on its way to the node
 * ciphertext/CORE.part   arriving or arrived: whole as far as it goes, durable
 * ciphertext/*.tmp       being written; removed at the next start
 * </pre>
 */
final class CiphertextFolder {
    private static final String FOLDER = "ciphertext";
    /** Less than this free after a failed write: the disk is full, not dead. */
    private static final long ROOM_BYTES = 1 << 20;

    private final Disk disk;

    private CiphertextFolder(Disk disk) {
        this.disk = disk;
    }

    static CiphertextFolder open(Disk disk) throws IOException {
        disk.makeFolder(FOLDER);
        for (String name : disk.list(FOLDER)) {
            if (name.endsWith(".tmp")) {
                disk.delete(FOLDER + "/" + name);
            }
        }
        return new CiphertextFolder(disk);
    }

    private static String path(Hash core, String ending) {
        return FOLDER + "/" + core.hex() + ending;
    }

    // ---- out

    /** Takes a ciphertext as it is sealed. */
    final class Writer implements SealedSink, AutoCloseable {
        private final Hash core;
        private final Disk.File file;
        private long length;
        private boolean done;

        private Writer(Hash core) throws IOException {
            this.core = core;
            this.file = disk.open(path(core, ".tmp"));
            file.truncate(0);
        }

        @Override
        public void write(byte[] bytes, int offset, int size) throws IOException {
            file.write(length, ByteBuffer.wrap(bytes, offset, size));
            length += size;
        }

        /** All bytes are there: durable when this returns. */
        void finish() throws IOException {
            file.sync();
            disk.rename(path(core, ".tmp"), path(core, ".out"));
            disk.syncFolder(FOLDER);
            done = true;
        }

        /** Removes what was not finished. */
        @Override
        public void close() throws IOException {
            file.close();
            if (!done) {
                disk.delete(path(core, ".tmp"));
            }
        }
    }

    Writer writer(Hash core) throws IOException {
        return new Writer(core);
    }

    /** Reads an outgoing ciphertext for the link; SPOOL_MISSING when the file is gone or short. */
    CiphertextSource outgoing(Hash core, long length) {
        return new CiphertextSource() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public Result<Bytes> read(long offset, int size) throws IOException {
                byte[] bytes = new byte[size];
                return CiphertextFolder.this.read(path(core, ".out"), offset, bytes, 0, size)
                        ? Result.ok(Bytes.ofOwned(bytes))
                        : Result.no(
                                ErrorCode.SPOOL_MISSING,
                                "the ciphertext in the client's state folder is gone or short");
            }
        };
    }

    private boolean read(String path, long offset, byte[] into, int at, int size) throws IOException {
        Optional<Disk.File> found = disk.openExisting(path);
        if (found.isEmpty()) {
            return false;
        }
        try (Disk.File file = found.get()) {
            ByteBuffer target = ByteBuffer.wrap(into, at, size);
            while (target.hasRemaining()) {
                if (file.read(offset + target.position() - at, target) <= 0) {
                    return false;
                }
            }
            return true;
        }
    }

    void removeOutgoing(Hash core) throws IOException {
        disk.delete(path(core, ".out"));
    }

    // ---- in

    /** How much of an arriving ciphertext is here, whole and durable. */
    long arrived(Hash core) throws IOException {
        Optional<Disk.File> found = disk.openExisting(path(core, ".part"));
        if (found.isEmpty()) {
            return 0;
        }
        try (Disk.File file = found.get()) {
            return file.size();
        }
    }

    /** Takes an arriving ciphertext from {@code offset} on, which is what {@link #arrived} said. */
    TransferSink sink(Hash core, long offset) {
        return new Sink(core, offset);
    }

    /** All calls outside the loop, one after another. */
    private final class Sink implements TransferSink {
        private final Hash core;
        private final long begunAt;
        private final BlockTree tree = new BlockTree();
        private Optional<Disk.File> open = Optional.empty();
        private boolean whole;

        Sink(Hash core, long begunAt) {
            this.core = core;
            this.begunAt = begunAt;
        }

        /** Opens on first use; what an earlier session left is read once more, so that the root covers it. */
        private Disk.File file() throws IOException {
            if (open.isPresent()) {
                return open.get();
            }
            if (begunAt > 0) {
                disk.rename(path(core, ".part"), path(core, ".tmp"));
            }
            Disk.File file = disk.open(path(core, ".tmp"));
            open = Optional.of(file);
            file.truncate(begunAt);
            byte[] block = new byte[Limits.CIPHERTEXT_BLOCK_BYTES];
            for (long at = 0; at < begunAt; ) {
                int got = file.read(at, ByteBuffer.wrap(block, 0, (int) Math.min(block.length, begunAt - at)));
                if (got <= 0) {
                    throw new IOException("ciphertext file ends at " + at + " before " + begunAt);
                }
                tree.feed(block, 0, got);
                at += got;
            }
            return file;
        }

        @Override
        public Optional<Refusal> write(long offset, Bytes data) throws IOException {
            Disk.File file = file();
            try {
                file.write(offset, data.asBuffer());
            } catch (IOException e) {
                if (disk.freeBytes() < data.size() + ROOM_BYTES) {
                    file.truncate(offset);
                    return Optional.of(Refusal.of(ErrorCode.DISK_LOW, "no room in the client's state folder"));
                }
                throw e;
            }
            tree.feed(data);
            return Optional.empty();
        }

        @Override
        public Result<Received> finish() throws IOException {
            long length = keep();
            whole = true;
            return Result.ok(new Received(new SealedEnvelope.Ciphertext.Spooled(0, length), tree.finish()));
        }

        private long keep() throws IOException {
            Disk.File file = file();
            file.sync();
            long length = file.size();
            file.close();
            disk.rename(path(core, ".tmp"), path(core, ".part"));
            disk.syncFolder(FOLDER);
            return length;
        }

        @Override
        public void suspend() throws IOException {
            if (!whole) { // else the session ended while it finished: it is kept
                keep();
            }
        }

        @Override
        public void discard() throws IOException {
            file().close();
            disk.delete(path(core, ".tmp"));
        }
    }

    /** Reads an arrived ciphertext for the opener. */
    SealedSource arrivedSource(Hash core, long length) {
        return new SealedSource() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void read(long offset, byte[] into, int at, int size) throws IOException {
                if (!CiphertextFolder.this.read(path(core, ".part"), offset, into, at, size)) {
                    throw new IOException("the ciphertext in the client's state folder is gone or short");
                }
            }
        };
    }

    void removeArrived(Hash core) throws IOException {
        disk.delete(path(core, ".part"));
    }
}
