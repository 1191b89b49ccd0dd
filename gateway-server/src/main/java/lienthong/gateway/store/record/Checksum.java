package lienthong.gateway.store.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C (RFC 3720 appendix B.4) of a record, begun with store id and file number. Used by one thread. */
public final class Checksum {
    private final CRC32C crc = new CRC32C();
    private final byte[] salt;

    public Checksum(StoreIdentity identity, long fileNumber) {
        salt = ByteBuffer.allocate(StoreIdentity.ID_BYTES + 8)
                .put(identity.id().toArray())
                .putLong(fileNumber)
                .array();
    }

    /** Of the record at {@code start}, all its bytes but the four of the checksum itself. Leaves the buffer as it was. */
    public int of(ByteBuffer buffer, int start, int length) {
        int position = buffer.position();
        int limit = buffer.limit();
        crc.reset();
        crc.update(salt, 0, salt.length);
        buffer.limit(start + 4).position(start);
        crc.update(buffer);
        buffer.limit(start + length).position(start + 8);
        crc.update(buffer);
        buffer.limit(limit).position(position);
        return (int) crc.getValue();
    }

    /** Plain CRC-32C. */
    public static int plain(byte[] bytes, int start, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, start, length);
        return (int) crc.getValue();
    }
}
