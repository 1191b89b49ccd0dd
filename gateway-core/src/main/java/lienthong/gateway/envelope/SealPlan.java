package lienthong.gateway.envelope;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * What is decided before anything is encrypted: the core and what its messages say of themselves. Its {@link #coreHash} is what numbers are
 * reserved under. Immutable, thread-safe.
 */
public final class SealPlan {
    private static final int MANIFEST_FRAME_BYTES = 2_048;
    private static final int MANIFEST_PART_BYTES = 128;

    private final Header header;
    private final Suite suite;
    private final Bytes core;
    private final Hash coreHash;
    private final List<MessageHead> messages;

    private SealPlan(Header header, Suite suite, Bytes core, List<MessageHead> messages) {
        this.header = header;
        this.suite = suite;
        this.core = core;
        this.coreHash = Hash.of(core);
        this.messages = List.copyOf(messages);
    }

    /**
     * Checks and writes down an envelope's core.
     *
     * @param header its ids are the messages', in order; flag {@code ORDERED} stands if and only if the messages have an ordering key; a suite
     *     that needs a post-quantum seal has {@code PQ_REQUIRED}
     * @param messages 1 to 64 with one and the same ordering key or none; more than one only up to {@link Limits#BUNDLE_BYTES_MAX} together
     * @return the plan; {@code SUITE_UNKNOWN}; {@code TEXT_NOT_CLEAN}, {@code HEADER_TOO_LARGE}, {@code PAYLOAD_TOO_LARGE} or
     *     {@code SIZE_MISMATCH} naming the field; lists that do not belong together are a {@link lienthong.gateway.message.Bug}
     */
    public static Result<SealPlan> of(Header header, List<MessageHead> messages) {
        Invariant.check(
                header.ids().equals(messages.stream().map(MessageHead::id).toList()), "ids of core and messages");
        Optional<String> ordering = messages.get(0).ordering();
        Invariant.check(
                messages.stream().allMatch(message -> message.ordering().equals(ordering))
                        && ordering.isPresent() == header.flags().contains(Header.Flag.ORDERED),
                "one ordering key, and its flag");
        Invariant.check(
                header.service().isEmpty()
                        || messages.stream()
                                .allMatch(message -> message.service()
                                        .equals(header.service().get())),
                "service shown in the core is the messages'");
        Invariant.check(new HashSet<>(header.ids()).size() == header.ids().size(), "ids differ");
        Result<Suite> suite = Suite.ofNumber(header.suite());
        if (!(suite instanceof Result.Ok<Suite> known)) {
            return Result.no(suite.refusal());
        }
        Invariant.check(
                !known.value().needsPostQuantumSeal() || header.flags().contains(Header.Flag.PQ_REQUIRED),
                "suite %d without its flag",
                header.suite());
        long sum = 0;
        for (MessageHead message : messages) {
            Optional<Refusal> fault = fault(message);
            if (fault.isPresent()) {
                return Result.no(fault.get());
            }
            sum += message.payloadBytes();
        }
        if (messages.size() > 1 && sum > Limits.BUNDLE_BYTES_MAX) {
            return Result.no(
                    ErrorCode.PAYLOAD_TOO_LARGE, "bundle of {0} bytes, at most {1}", sum, Limits.BUNDLE_BYTES_MAX);
        }
        Bytes core = CoreCodec.encode(header);
        if (core.size() > Limits.HEADER_BYTES_MAX) {
            return Result.no(
                    ErrorCode.HEADER_TOO_LARGE, "core of {0} bytes, at most {1}", core.size(), Limits.HEADER_BYTES_MAX);
        }
        return Result.ok(new SealPlan(header, known.value(), core, messages));
    }

    /** What is wrong with one message's head, if anything: for doors that want to answer before they have a core. */
    public static Optional<Refusal> fault(MessageHead message) {
        return first(
                ManifestTexts.optional(message.subject(), ManifestTexts::subject),
                ManifestTexts.optional(message.contentType(), ManifestTexts::type),
                ManifestTexts.optional(message.correlation(), ManifestTexts::correlation),
                ManifestTexts.optional(message.ordering(), ManifestTexts::ordering),
                parts(message));
    }

    private static Result<Long> parts(MessageHead message) {
        if (message.parts().size() > Limits.PARTS_MAX) {
            return Result.no(
                    ErrorCode.HEADER_TOO_LARGE,
                    "{0} parts, at most {1}",
                    message.parts().size(),
                    Limits.PARTS_MAX);
        }
        int manifest = MANIFEST_FRAME_BYTES;
        for (int i = 0; i < message.parts().size(); i++) {
            MessageHead.Part part = message.parts().get(i);
            Optional<Refusal> fault = first(ManifestTexts.name(part.name()), ManifestTexts.type(part.type()));
            if (fault.isPresent()) {
                return Result.no(
                        fault.get().reason(),
                        "part {0}, {1}",
                        i + 1,
                        fault.get().about());
            }
            if (part.length() < 0) {
                return Result.no(ErrorCode.SIZE_MISMATCH, "part {0} declares {1} bytes", i + 1, part.length());
            }
            manifest += MANIFEST_PART_BYTES
                    + part.name().getBytes(StandardCharsets.UTF_8).length
                    + part.type().length();
        }
        if (manifest > Limits.MANIFEST_BYTES_MAX) {
            return Result.no(
                    ErrorCode.HEADER_TOO_LARGE,
                    "names and types of the parts: manifest above {0} bytes",
                    Limits.MANIFEST_BYTES_MAX);
        }
        long bytes = message.payloadBytes();
        return bytes <= Limits.PAYLOAD_BYTES_MAX
                ? Result.ok(bytes)
                : Result.no(
                        ErrorCode.PAYLOAD_TOO_LARGE,
                        "{0} bytes in all parts, at most {1}",
                        bytes,
                        Limits.PAYLOAD_BYTES_MAX);
    }

    private static Optional<Refusal> first(Result<?>... checks) {
        for (Result<?> check : checks) {
            if (!check.isOk()) {
                return Optional.of(check.refusal());
            }
        }
        return Optional.empty();
    }

    public Header header() {
        return header;
    }

    public Suite suite() {
        return suite;
    }

    /** The core's bytes: hashed, signed and sent as they are. */
    public Bytes core() {
        return core;
    }

    /** SHA-256 of the core: numbers are reserved under it, and the payload is bound to it. */
    public Hash coreHash() {
        return coreHash;
    }

    public List<MessageHead> messages() {
        return messages;
    }

    /** Bytes of all parts of all messages. */
    public long payloadBytes() {
        return messages.stream().mapToLong(MessageHead::payloadBytes).sum();
    }

    /** Whether {@link EnvelopeSealer#payload} takes it; otherwise {@link EnvelopeSealer#large}. */
    public boolean fitsInMemory() {
        return payloadBytes() <= Limits.BUNDLE_BYTES_MAX;
    }
}
