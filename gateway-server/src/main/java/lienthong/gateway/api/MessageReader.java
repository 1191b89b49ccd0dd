package lienthong.gateway.api;

import com.google.errorprone.annotations.CompileTimeConstant;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.CleanText;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.PartHeader;
import lienthong.proto.gateway.v1.WholeMessage;
import lienthong.proto.gateway.v1.WholePart;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a caller sent into values that are valid, and judges his rights to the addresses and services in it. Keeps the first fault with its
 * field; after one, the values it gives are only fillers and {@link #fault} must be asked before they are used. Used for one request.
 */
final class MessageReader {
    private static final String DEFAULT_TYPE = "application/octet-stream";
    private static final Address NOWHERE = Address.of(new OrganisationId("X"));

    private final Caller caller;
    private final OrganisationId node;
    private @Nullable Fault fault;

    MessageReader(Caller caller, OrganisationId node) {
        this.caller = caller;
        this.node = node;
    }

    /** The first fault, if any. */
    Optional<Fault> fault() {
        return Optional.ofNullable(fault);
    }

    boolean isClean() {
        return fault == null;
    }

    void fail(ErrorCode reason, String field, @CompileTimeConstant String detail, Object... arguments) {
        fail(reason, field, Detail.of(detail, arguments));
    }

    void fail(ErrorCode reason, String field, Detail about) {
        if (fault == null) {
            fault = Fault.of(reason, field, about);
        }
    }

    <T> T value(String field, Result<T> checked, T filler) {
        if (checked instanceof Result.Ok<T> ok) {
            return ok.value();
        }
        if (fault == null) {
            fault = new Fault(checked.refusal(), field);
        }
        return filler;
    }

    /** A whole message; null after a fault. */
    Draft.@Nullable Whole whole(String path, WholeMessage message) {
        Draft draft = draft(path + "header.", message.getHeader());
        if (message.getPartsCount() > Limits.PARTS_MAX) {
            fail(
                    ErrorCode.HEADER_TOO_LARGE,
                    path + "parts",
                    "{0} parts, at most {1}",
                    message.getPartsCount(),
                    Limits.PARTS_MAX);
            return null;
        }
        List<Draft.Part> parts = new ArrayList<>(message.getPartsCount());
        List<Bytes> contents = new ArrayList<>(message.getPartsCount());
        for (int i = 0; i < message.getPartsCount() && fault == null; i++) {
            WholePart part = message.getParts(i);
            String field = path + "parts[" + i + "].";
            int size = part.getContent().size();
            Draft.Part header = part(field + "header.", part.getHeader(), i, size);
            Bytes content = Bytes.ofOwned(part.getContent().toByteArray());
            if (header.size() != size) {
                fail(ErrorCode.SIZE_MISMATCH, field + "content", "{0} bytes declared, {1} sent", header.size(), size);
            } else if (header.sha256().isPresent() && !header.sha256().get().equals(Hash.of(content))) {
                fail(ErrorCode.HASH_MISMATCH, field + "content", "the content's SHA-256 is not the one given");
            }
            parts.add(header);
            contents.add(content);
        }
        uniqueNames(path, parts);
        if (draft == null || fault != null) {
            return null;
        }
        if (parts.isEmpty() && draft.subject().isEmpty() && draft.correlation().isEmpty()) {
            fail(ErrorCode.FIELD_MISSING, path + "parts", "nothing to send: no part, no subject, no correlation_id");
            return null;
        }
        return new Draft.Whole(draft, parts, contents);
    }

    /** The parts of a message whose content follows; null after a fault. */
    @Nullable
    List<Draft.Part> declaredParts(String path, List<PartHeader> headers) {
        if (headers.isEmpty() || headers.size() > Limits.PARTS_MAX) {
            fail(
                    headers.isEmpty() ? ErrorCode.FIELD_MISSING : ErrorCode.HEADER_TOO_LARGE,
                    path + "parts",
                    "{0} parts; 1 to {1}",
                    headers.size(),
                    Limits.PARTS_MAX);
            return null;
        }
        List<Draft.Part> parts = new ArrayList<>(headers.size());
        long total = 0;
        for (int i = 0; i < headers.size() && fault == null; i++) {
            String field = path + "parts[" + i + "].";
            if (!headers.get(i).hasSizeBytes()) {
                fail(ErrorCode.FIELD_MISSING, field + "size_bytes", "required when the content follows in chunks");
                return null;
            }
            Draft.Part part = part(field, headers.get(i), i, headers.get(i).getSizeBytes());
            total += Math.min(part.size(), Limits.PAYLOAD_BYTES_MAX + 1);
            if (total > Limits.PAYLOAD_BYTES_MAX) {
                fail(
                        ErrorCode.PAYLOAD_TOO_LARGE,
                        field + "size_bytes",
                        "together more than {0} bytes",
                        Limits.PAYLOAD_BYTES_MAX);
            }
            parts.add(part);
        }
        uniqueNames(path, parts);
        return fault == null ? parts : null;
    }

    /** A message's description; null after a fault. */
    @Nullable
    Draft draft(String path, MessageHeader header) {
        if (fault != null) {
            return null;
        }
        if (header.getSerializedSize() > Limits.HEADER_BYTES_MAX) {
            fail(
                    ErrorCode.HEADER_TOO_LARGE,
                    path(path),
                    "{0} bytes, at most {1}",
                    header.getSerializedSize(),
                    Limits.HEADER_BYTES_MAX);
            return null;
        }
        ClientId clientId = clientId(path + "client_id", header.getClientId());
        Address sender = ownAddress(path + "sender", header.getSender());
        List<Address> recipients = recipients(path + "recipients", header.getRecipientsList());
        Service service = header.getService().isEmpty()
                ? Service.DOCUMENT
                : value(path + "service", Service.parse(header.getService()), Service.DOCUMENT);
        mayUse(path + "service", service);
        Optional<String> subject = line(path + "subject", header.getSubject(), Limits.SUBJECT_CHARS_MAX);
        Precedence precedence = precedence(path + "precedence", header.getPrecedence());
        SecrecyMark mark = mark(path + "mark", header.getMark());
        Lifetime lifetime = header.hasLifetimeSeconds()
                ? value(path + "lifetime_seconds", Lifetime.ofSeconds(header.getLifetimeSeconds()), Lifetime.DEFAULT)
                : Lifetime.DEFAULT;
        Optional<String> contentType =
                line(path + "content_type", header.getContentType(), Limits.CONTENT_TYPE_CHARS_MAX);
        Optional<String> correlation =
                line(path + "correlation_id", header.getCorrelationId(), Limits.CORRELATION_ID_CHARS_MAX);
        Optional<String> ordering = line(path + "ordering_key", header.getOrderingKey(), Limits.ORDERING_KEY_CHARS_MAX);
        if (fault != null) {
            return null;
        }
        return new Draft(
                clientId,
                sender,
                recipients,
                service,
                subject,
                precedence,
                mark,
                lifetime,
                contentType,
                correlation,
                ordering);
    }

    ClientId clientId(String field, String text) {
        return value(field, ClientId.parse(text), new ClientId("x"));
    }

    /** An address of this node the caller may use; absent: his only one, or the node's organisation. */
    Address ownAddress(String field, String text) {
        Address address;
        if (!text.isEmpty()) {
            address = value(field, Address.parse(text), NOWHERE);
        } else if (caller.addresses().isEmpty()) {
            address = Address.of(node);
        } else if (caller.onlyAddress().isPresent()) {
            address = caller.onlyAddress().get();
        } else {
            fail(ErrorCode.FIELD_MISSING, field, "say which of {0}", new java.util.TreeSet<>(caller.addresses()));
            return NOWHERE;
        }
        if (fault == null && !caller.mayUse(address)) {
            fail(ErrorCode.NOT_YOUR_ADDRESS, field, "{0} is not listed for application {1}", address, caller.name());
        }
        return address;
    }

    /** Addresses the caller may use; absent: all of his. */
    Set<Address> ownAddresses(String field, List<String> texts) {
        if (texts.isEmpty()) {
            return caller.addresses();
        }
        if (texts.size() > Limits.RECIPIENTS_MAX) {
            fail(
                    ErrorCode.TOO_MANY_RECIPIENTS,
                    field,
                    "{0} addresses, at most {1}",
                    texts.size(),
                    Limits.RECIPIENTS_MAX);
            return Set.of();
        }
        Set<Address> addresses = new HashSet<>();
        for (int i = 0; i < texts.size(); i++) {
            addresses.add(ownAddress(field + "[" + i + "]", texts.get(i)));
        }
        return addresses;
    }

    private List<Address> recipients(String field, List<String> texts) {
        if (texts.isEmpty()) {
            fail(ErrorCode.FIELD_MISSING, field, "at least one recipient");
            return List.of();
        }
        if (texts.size() > Limits.RECIPIENTS_MAX) {
            fail(
                    ErrorCode.TOO_MANY_RECIPIENTS,
                    field,
                    "{0} recipients, at most {1}",
                    texts.size(),
                    Limits.RECIPIENTS_MAX);
            return List.of();
        }
        Set<Address> seen = new HashSet<>();
        List<Address> addresses = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size() && fault == null; i++) {
            String at = field + "[" + i + "]";
            Address address = value(at, Address.parse(texts.get(i)), NOWHERE);
            if (fault == null && !seen.add(address)) {
                fail(ErrorCode.ADDRESS_MALFORMED, at, "{0} stands twice", address);
            }
            addresses.add(address);
        }
        java.util.Collections.sort(addresses);
        return addresses;
    }

    Set<Service> services(String field, List<String> words) {
        Set<Service> services = new HashSet<>();
        for (int i = 0; i < words.size() && fault == null; i++) {
            Service service = value(field + "[" + i + "]", Service.parse(words.get(i)), Service.DOCUMENT);
            mayUse(field + "[" + i + "]", service);
            services.add(service);
        }
        return words.isEmpty() ? caller.services() : services;
    }

    private void mayUse(String field, Service service) {
        if (fault == null && !caller.mayUse(service)) {
            fail(ErrorCode.SERVICE_NOT_ALLOWED, field, "{0} is not listed for application {1}", service, caller.name());
        }
    }

    private Precedence precedence(String field, lienthong.proto.gateway.v1.Precedence precedence) {
        return switch (precedence) {
            case PRECEDENCE_UNSPECIFIED, PRECEDENCE_ROUTINE -> Precedence.ROUTINE;
            case PRECEDENCE_URGENT -> Precedence.URGENT;
            case PRECEDENCE_VERY_URGENT -> Precedence.VERY_URGENT;
            case PRECEDENCE_FLASH -> Precedence.FLASH;
            case PRECEDENCE_FLASH_TIMED -> Precedence.FLASH_TIMED;
            case UNRECOGNIZED -> {
                fail(ErrorCode.FIELD_MISSING, field, "no such precedence");
                yield Precedence.ROUTINE;
            }
        };
    }

    private SecrecyMark mark(String field, lienthong.proto.gateway.v1.SecrecyMark mark) {
        return switch (mark) {
            case SECRECY_MARK_UNSPECIFIED, SECRECY_MARK_NONE -> SecrecyMark.NONE;
            case SECRECY_MARK_CONFIDENTIAL -> SecrecyMark.CONFIDENTIAL;
            case SECRECY_MARK_SECRET -> SecrecyMark.SECRET;
            case SECRECY_MARK_TOP_SECRET -> SecrecyMark.TOP_SECRET;
            case UNRECOGNIZED -> {
                fail(ErrorCode.FIELD_MISSING, field, "no such secrecy mark");
                yield SecrecyMark.TOP_SECRET;
            }
        };
    }

    /** A clean line; empty when absent. */
    Optional<String> line(String field, String text, int charsMax) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(value(field, CleanText.line(field, text, charsMax), ""));
    }

    private Draft.Part part(String path, PartHeader header, int index, long size) {
        String name = line(path + "name", header.getName(), Limits.PART_NAME_BYTES_MAX)
                .orElse("part-" + (index + 1));
        if (Bytes.utf8(isClean() ? name : "").size() > Limits.PART_NAME_BYTES_MAX) {
            fail(
                    ErrorCode.HEADER_TOO_LARGE,
                    path + "name",
                    "{0} bytes, at most {1}",
                    Bytes.utf8(name).size(),
                    Limits.PART_NAME_BYTES_MAX);
        }
        if (name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
            fail(ErrorCode.FIELD_MISSING, path + "name", "a name of one file, without /");
        }
        String type = line(path + "content_type", header.getContentType(), Limits.CONTENT_TYPE_CHARS_MAX)
                .orElse(DEFAULT_TYPE);
        long declared = header.hasSizeBytes() ? header.getSizeBytes() : size;
        if (declared < 0) {
            fail(ErrorCode.SIZE_MISMATCH, path + "size_bytes", "not negative");
        }
        return new Draft.Part(name, type, Math.max(0, declared), sha256(path + "sha256", header.getSha256()));
    }

    private Optional<Hash> sha256(String field, ByteString bytes) {
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        if (bytes.size() != Hash.SIZE_BYTES) {
            fail(ErrorCode.HASH_MISMATCH, field, "{0} bytes, must be {1}", bytes.size(), Hash.SIZE_BYTES);
            return Optional.empty();
        }
        return Optional.of(new Hash(Bytes.ofOwned(bytes.toByteArray())));
    }

    private void uniqueNames(String path, List<Draft.Part> parts) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < parts.size() && fault == null; i++) {
            if (!names.add(parts.get(i).name())) {
                fail(
                        ErrorCode.FIELD_MISSING,
                        path + "parts[" + i + "].name",
                        "two parts are called {0}",
                        parts.get(i).name());
            }
        }
    }

    private static String path(String prefix) {
        return prefix.endsWith(".") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }
}
