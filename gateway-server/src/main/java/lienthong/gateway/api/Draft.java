package lienthong.gateway.api;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;

/**
 * A message as its sender describes it, without its content. Every text is clean (NFC, one line, within its limit).
 *
 * @param clientId chosen by the application
 * @param sender an address the caller may use
 * @param recipients 1 to 1,000, ascending, each once
 * @param service kind
 * @param subject at most 500 characters
 * @param precedence 0 to 4
 * @param mark as asked for; whether it may travel is the node's to judge
 * @param lifetime 1 s to 60 days
 * @param contentType of the whole
 * @param correlation free
 * @param ordering key of the order asked for
 */
public record Draft(
        ClientId clientId,
        Address sender,
        List<Address> recipients,
        Service service,
        Optional<String> subject,
        Precedence precedence,
        SecrecyMark mark,
        Lifetime lifetime,
        Optional<String> contentType,
        Optional<String> correlation,
        Optional<String> ordering) {
    public Draft {
        recipients = List.copyOf(recipients);
        Invariant.check(!recipients.isEmpty(), "draft without recipients");
    }

    /**
     * One part.
     *
     * @param name file name, no slash
     * @param contentType media type
     * @param size bytes
     * @param sha256 what the sender says its content hashes to
     */
    public record Part(String name, String contentType, long size, Optional<Hash> sha256) {}

    /**
     * A message whose content is here.
     *
     * @param draft its description
     * @param parts 0 to 256; sizes and hashes agree with the contents
     * @param contents of each part
     */
    public record Whole(Draft draft, List<Part> parts, List<Bytes> contents) {
        public Whole {
            parts = List.copyOf(parts);
            contents = List.copyOf(contents);
            Invariant.check(parts.size() == contents.size(), "parts %d, contents %d", parts.size(), contents.size());
        }
    }

    /**
     * What makes two submissions under one client id the same: SHA-256 over every field and over each part's name, type, size and hash.
     *
     * @param hashes SHA-256 of each part's content
     */
    public Hash fingerprint(List<Part> parts, List<Hash> hashes) {
        Invariant.check(parts.size() == hashes.size(), "parts %d, hashes %d", parts.size(), hashes.size());
        java.security.MessageDigest digest = Hash.digest();
        add(digest, clientId.text());
        add(digest, sender.toString());
        for (Address recipient : recipients) {
            add(digest, recipient.toString());
        }
        add(digest, "");
        add(digest, service.word());
        add(digest, subject.orElse(""));
        add(digest, precedence.name());
        add(digest, mark.word());
        add(digest, Long.toString(lifetime.seconds()));
        add(digest, contentType.orElse(""));
        add(digest, correlation.orElse(""));
        add(digest, ordering.orElse(""));
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            add(digest, part.name());
            add(digest, part.contentType());
            add(digest, Long.toString(part.size()));
            add(digest, hashes.get(i).hex());
        }
        return new Hash(Bytes.ofOwned(digest.digest()));
    }

    /** A line feed cannot stand in a clean text, so it separates. */
    private static void add(java.security.MessageDigest digest, String field) {
        digest.update(field.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
    }
}
