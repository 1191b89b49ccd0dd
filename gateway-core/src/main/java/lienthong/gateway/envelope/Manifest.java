package lienthong.gateway.envelope;

import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Service;

/**
 * What one message says about itself, inside the encryption; its hash stands in the statement.
 *
 * @param network fingerprint
 * @param id the message
 * @param salt {@link #SALT_BYTES} random bytes, so that nobody guesses a manifest from its hash
 * @param service what kind of message
 * @param subject one clean line
 * @param contentType of the whole, where the application names one
 * @param correlation the application's own
 * @param ordering the ordering key, where order was asked for
 * @param parts 0 to {@link lienthong.gateway.message.Limits#PARTS_MAX}, in order
 */
public record Manifest(
        Hash network,
        MessageId id,
        Bytes salt,
        Service service,
        Optional<String> subject,
        Optional<String> contentType,
        Optional<String> correlation,
        Optional<String> ordering,
        List<Part> parts) {
    public static final int SALT_BYTES = 32;

    /**
     * One part.
     *
     * @param name one clean line, at most 255 bytes of UTF-8, without a slash
     * @param type media type
     * @param length bytes of plaintext
     * @param hash SHA-256 of the plaintext
     */
    public record Part(String name, String type, long length, Hash hash) {}

    public Manifest {
        parts = List.copyOf(parts);
        Invariant.check(salt.size() == SALT_BYTES, "salt of %d bytes", salt.size());
    }
}
