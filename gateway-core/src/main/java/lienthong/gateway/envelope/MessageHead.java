package lienthong.gateway.envelope;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Service;

/**
 * What an application says about one message before its bytes come. Checked by {@link SealPlan#of}, not here.
 *
 * @param id minted by whoever seals
 * @param service what kind of message
 * @param subject at most {@link lienthong.gateway.message.Limits#SUBJECT_CHARS_MAX} clean characters
 * @param contentType media type of the whole
 * @param correlation the application's own
 * @param ordering the ordering key, where order is asked for
 * @param parts 0 to {@link lienthong.gateway.message.Limits#PARTS_MAX}
 */
public record MessageHead(
        MessageId id,
        Service service,
        Optional<String> subject,
        Optional<String> contentType,
        Optional<String> correlation,
        Optional<String> ordering,
        List<Part> parts) {
    /**
     * One part that will come.
     *
     * @param name a file's name, never a path, at most 255 bytes of UTF-8
     * @param type media type
     * @param length exactly so many bytes
     * @param hash SHA-256 the bytes must have, where the application knows it
     */
    public record Part(String name, String type, long length, Optional<Hash> hash) {
        public Part(String name, String type, long length) {
            this(name, type, length, Optional.empty());
        }
    }

    public MessageHead {
        parts = List.copyOf(parts);
    }

    /** Bytes of all parts together; {@link Long#MAX_VALUE} when they exceed it. */
    public long payloadBytes() {
        long sum = 0;
        for (Part part : parts) {
            sum = sum > Long.MAX_VALUE - part.length() ? Long.MAX_VALUE : sum + part.length();
        }
        return sum;
    }
}
