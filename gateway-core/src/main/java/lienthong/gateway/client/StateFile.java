package lienthong.gateway.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;

/**
 * The client's append-only file: records behind length and CRC-32C, each durable before the next one is begun. So after a crash at most the last
 * record is torn, and it was promised to nobody; a bad record in front of good ones is damage and refused, since numbers used twice would be
 * worse than a stop.
 *
 * <pre>
 * file   : label (24 bytes) record*
 * record : length u32 | CRC-32C of the bytes u32 | bytes
 * </pre>
 *
 * One thread at a time. An {@link IOException} from a write or sync is final: the caller stops.
 */
final class StateFile implements AutoCloseable {
    static final String NAME = "state.log";
    private static final String UNFINISHED = "state.new";
    private static final Bytes LABEL = Bytes.utf8("lienthong-client-state 1");
    private static final int RECORD_HEAD_BYTES = 8;

    private final Disk disk;
    private Disk.File file;
    private long end;

    private StateFile(Disk disk, Disk.File file, long end) {
        this.disk = disk;
        this.file = file;
        this.end = end;
    }

    /** A file with its records. */
    record Opened(StateFile file, List<Bytes> records) {
        Opened {
            records = List.copyOf(records);
        }
    }

    /** Writes a new file with these records; durable when this returns. */
    static void create(Disk disk, List<Bytes> records) throws IOException {
        try (Disk.File file = disk.open(UNFINISHED)) {
            file.truncate(0);
            write(file, records);
        }
        disk.rename(UNFINISHED, NAME);
        disk.syncFolder("");
    }

    private static long write(Disk.File file, List<Bytes> records) throws IOException {
        file.write(0, LABEL.asBuffer());
        long at = LABEL.size();
        for (Bytes record : records) {
            ByteBuffer framed = framed(record);
            int size = framed.remaining();
            file.write(at, framed);
            at += size;
        }
        file.sync();
        return at;
    }

    private static ByteBuffer framed(Bytes record) {
        Invariant.check(
                !record.isEmpty() && record.size() <= Limits.RECORD_BYTES_MAX, "record of %d bytes", record.size());
        return ByteBuffer.allocate(RECORD_HEAD_BYTES + record.size())
                .putInt(record.size())
                .putInt(checksum(record))
                .put(record.asBuffer())
                .flip();
    }

    private static int checksum(Bytes record) {
        CRC32C sum = new CRC32C();
        sum.update(record.asBuffer());
        return (int) sum.getValue();
    }

    /**
     * Reads the file and cuts a torn tail off.
     *
     * @return STORE_UNREADABLE when it is absent or another program's; RECORD_DAMAGED with the place
     */
    static Result<Opened> open(Disk disk) throws IOException {
        if (!disk.exists(NAME)) {
            return Result.no(
                    ErrorCode.STORE_UNREADABLE,
                    "{0} is missing: its numbers cannot be guessed, let the client enrol again in a new folder",
                    NAME);
        }
        Disk.File file = disk.open(NAME);
        boolean kept = false;
        try {
            Result<Opened> opened = read(disk, file);
            kept = opened.isOk();
            return opened;
        } finally {
            if (!kept) {
                file.close();
            }
        }
    }

    private static Result<Opened> read(Disk disk, Disk.File file) throws IOException {
        long size = file.size();
        if (size < LABEL.size() || !LABEL.equals(bytes(file, 0, LABEL.size()))) {
            return Result.no(ErrorCode.STORE_UNREADABLE, "{0} is not a state file of this version", NAME);
        }
        List<Bytes> records = new ArrayList<>();
        long at = LABEL.size();
        while (at < size) {
            Bytes record = recordAt(file, at, size);
            if (record == null) {
                if (goodRecordAfter(file, at, size)) {
                    return Result.no(ErrorCode.RECORD_DAMAGED, "{0} at byte {1}", NAME, at);
                }
                file.truncate(at);
                file.sync();
                break;
            }
            records.add(record);
            at += RECORD_HEAD_BYTES + record.size();
        }
        return Result.ok(new Opened(new StateFile(disk, file, at), records));
    }

    private static @org.jspecify.annotations.Nullable Bytes recordAt(Disk.File file, long at, long size)
            throws IOException {
        if (size - at < RECORD_HEAD_BYTES) {
            return null;
        }
        ByteBuffer head = bytes(file, at, RECORD_HEAD_BYTES).asBuffer();
        int length = head.getInt();
        int checksum = head.getInt();
        if (length <= 0 || length > Limits.RECORD_BYTES_MAX || length > size - at - RECORD_HEAD_BYTES) {
            return null;
        }
        Bytes record = bytes(file, at + RECORD_HEAD_BYTES, length);
        return checksum(record) == checksum ? record : null;
    }

    /** Whether the bad record at {@code at} has a readable length and a good record behind it: then it was whole once. */
    private static boolean goodRecordAfter(Disk.File file, long at, long size) throws IOException {
        if (size - at < RECORD_HEAD_BYTES) {
            return false;
        }
        long length = bytes(file, at, 4).asBuffer().getInt();
        if (length > 0 && length <= Limits.RECORD_BYTES_MAX) {
            long next = at + RECORD_HEAD_BYTES + length;
            return next < size && recordAt(file, next, size) != null;
        }
        // A length that cannot be: only a scan tells whether something whole lies behind it.
        for (long next = at + 1; next < size; next++) {
            if (recordAt(file, next, size) != null) {
                return true;
            }
        }
        return false;
    }

    private static Bytes bytes(Disk.File file, long at, int size) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(size);
        while (target.hasRemaining()) {
            int got = file.read(at + target.position(), target);
            if (got <= 0) {
                throw new IOException(NAME + " ends at " + (at + target.position()));
            }
        }
        return Bytes.ofOwned(target.array());
    }

    /** Adds a record; durable when this returns. */
    void append(Bytes record) throws IOException {
        ByteBuffer framed = framed(record);
        int size = framed.remaining();
        file.write(end, framed);
        file.sync();
        end += size;
    }

    /** Puts a new file with these records in the place of this one. */
    void replace(List<Bytes> records) throws IOException {
        create(disk, records);
        file.close();
        file = disk.open(NAME);
        end = file.size();
    }

    long size() {
        return end;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
