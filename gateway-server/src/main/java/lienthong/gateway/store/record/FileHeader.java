package lienthong.gateway.store.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Bytes;

/**
 * First page of every file of the store.
 *
 * <pre>
 *  0  8  "LTSTORE" LF
 *  8  4  format, {@link #FORMAT}
 * 12  4  purpose
 * 16 16  store id
 * 32  8  incarnation of the store
 * 40  8  number of the file: segment, year × 100 + month, spool id
 * 48  8  log: first record number; archive: 1; spool: bytes of the payload
 * 56  8  made at, milliseconds since 1970
 * 64  4  log: bytes of a full segment; else 0
 * 68  4  CRC-32C of bytes 0 to 67
 * 72     zeros up to 4,096
 * </pre>
 *
 * <p>Bytes 0 to 71 keep their meaning in every later format, so that an older program knows a newer file from a damaged one.
 */
public record FileHeader(
        int format, int purpose, StoreIdentity identity, long number, long detail, long madeMs, int fullBytes) {
    public static final int PAGE_BYTES = 4096;
    public static final int FORMAT = 1;
    public static final int LOG = 1;
    public static final int ARCHIVE = 2;
    public static final int SPOOL = 3;

    private static final int USED_BYTES = 72;
    private static final byte[] MAGIC = "LTSTORE\n".getBytes(StandardCharsets.US_ASCII);

    /** What stands where a header should be. */
    public sealed interface Found {}

    /** A good header of a format this program writes or wrote. */
    public record Good(FileHeader header) implements Found {}

    /** A good header of a later format. */
    public record Newer(int format) implements Found {}

    /** Nothing was ever written: zeros, or an empty file. */
    public record Blank() implements Found {}

    /** Anything else. */
    public record Damaged() implements Found {}

    /** A page to be written at offset 0. */
    public ByteBuffer encode() {
        byte[] page = new byte[PAGE_BYTES];
        ByteBuffer out = ByteBuffer.wrap(page);
        out.put(MAGIC)
                .putInt(format)
                .putInt(purpose)
                .put(identity.id().toArray())
                .putLong(identity.incarnation());
        out.putLong(number).putLong(detail).putLong(madeMs).putInt(fullBytes);
        out.putInt(Checksum.plain(page, 0, USED_BYTES - 4));
        return ByteBuffer.wrap(page);
    }

    /** Reads the first page. An unreadable sector counts as damage. */
    public static Found read(Disk.File file) {
        byte[] page = new byte[PAGE_BYTES];
        try {
            file.read(0, ByteBuffer.wrap(page));
        } catch (IOException unreadable) {
            return new Damaged();
        }
        boolean blank = true;
        for (byte b : page) {
            blank &= b == 0;
        }
        if (blank) {
            return new Blank();
        }
        ByteBuffer in = ByteBuffer.wrap(page);
        byte[] magic = new byte[MAGIC.length];
        in.get(magic);
        if (!java.util.Arrays.equals(magic, MAGIC)
                || in.getInt(USED_BYTES - 4) != Checksum.plain(page, 0, USED_BYTES - 4)) {
            return new Damaged();
        }
        int format = in.getInt();
        int purpose = in.getInt();
        Bytes id = Bytes.copyOf(page, in.position(), StoreIdentity.ID_BYTES);
        in.position(in.position() + StoreIdentity.ID_BYTES);
        long incarnation = in.getLong();
        if (format > FORMAT) {
            return new Newer(format);
        }
        if (format < 1 || incarnation == 0) {
            return new Damaged();
        }
        return new Good(new FileHeader(
                format,
                purpose,
                new StoreIdentity(id, incarnation),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getInt()));
    }
}
