package lienthong.gateway.store;

import java.time.Instant;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;

/**
 * One piece of evidence.
 *
 * @param time the time claimed by the message; decides the month's file
 * @param id the message
 * @param clientId the application's own id, empty when none was given
 * @param kind what the value is
 * @param value as signed, sealed or enciphered; at most {@link Limits#RECORD_BYTES_MAX} bytes
 */
public record ArchiveRecord(Instant time, MessageId id, String clientId, ArchiveKind kind, Bytes value) {
    public ArchiveRecord {
        Invariant.check(
                clientId.length() <= Limits.CLIENT_ID_CHARS_MAX, "client id of %d characters", clientId.length());
        Invariant.check(value.size() <= Limits.RECORD_BYTES_MAX, "archived value of %d bytes", value.size());
    }
}
