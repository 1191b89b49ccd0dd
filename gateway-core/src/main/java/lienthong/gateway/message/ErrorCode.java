package lienthong.gateway.message;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The one numbered list of errors. Wire, API, command line, both languages' texts and {@code docs/operating/errors.md} come from it, and a
 * test compares them. Numbers are never reused; a text may get better, its meaning may not change.
 */
public enum ErrorCode {
    // ---- LT-1xxx bad input: the same input fails again
    FIELD_MISSING(1001, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    TEXT_NOT_CLEAN(1002, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    TOO_MANY_RECIPIENTS(1003, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    HEADER_TOO_LARGE(1004, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    LIFETIME_OUT_OF_RANGE(1005, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    ID_REUSED(1006, 65, Status.ALREADY_EXISTS, Retry.NEVER),
    SIZE_MISMATCH(1007, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    HASH_MISMATCH(1008, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    LEASE_NOT_HELD(1009, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    PAYLOAD_TOO_LARGE(1010, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    ADDRESS_MALFORMED(1011, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    MESSAGE_UNKNOWN(1012, 65, Status.NOT_FOUND, Retry.NEVER),
    CONTENT_NOT_HERE(1013, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    USAGE(1101, 64, Status.INVALID_ARGUMENT, Retry.NEVER),
    NO_INPUT(1102, 66, Status.INVALID_ARGUMENT, Retry.NEVER),
    OUTPUT_EXISTS(1103, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    KEY_UNKNOWN(1201, 78, Status.INVALID_ARGUMENT, Retry.NEVER),
    TYPE(1202, 78, Status.INVALID_ARGUMENT, Retry.NEVER),
    DUPLICATE(1203, 78, Status.INVALID_ARGUMENT, Retry.NEVER),
    SYNTAX(1204, 78, Status.INVALID_ARGUMENT, Retry.NEVER),
    SECRET_IN_CLEAR(1205, 78, Status.INVALID_ARGUMENT, Retry.NEVER),
    PATH(1206, 78, Status.INVALID_ARGUMENT, Retry.NEVER),
    PATH_TOO_LONG(1207, 78, Status.INVALID_ARGUMENT, Retry.NEVER),
    CIPHER_UNFIT(1208, 78, Status.INVALID_ARGUMENT, Retry.NEVER),
    BUNDLE_DAMAGED(1301, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    BUNDLE_FORBIDDEN(1302, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    EXPANDS_TOO_FAR(1303, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    FRAME_TOO_LARGE(1401, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    UNKNOWN_FRAME(1402, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    PROTOCOL(1403, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    VERSION(1404, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    CREDIT(1405, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    OFFSET(1406, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    SUITE_UNKNOWN(1410, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    RECEIPT_UNKNOWN(1411, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    SMTP_SYNTAX(1501, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    MAIL_MALFORMED(1502, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    SMTP_ORDER(1503, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    MAIL_LOOP(1504, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    NEEDS_SMTPUTF8(1505, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    XML_FORBIDDEN(1506, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    XML_INVALID(1507, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    STATUS_WITHOUT_DOCUMENT(1508, 65, Status.INVALID_ARGUMENT, Retry.NEVER),
    TRANSITION_FORBIDDEN(1509, 65, Status.INVALID_ARGUMENT, Retry.NEVER),

    // ---- LT-2xxx not allowed
    SECRECY_TOO_HIGH(2001, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    SECRECY_NEEDS_CIPHER(2002, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    SENDER_NOT_YOURS(2003, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    NOT_YOUR_ADDRESS(2004, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    RELAYING_DENIED(2005, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    FILE_NOT_READABLE(2006, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    FILE_EXPOSED(2007, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    PRECEDENCE_NOT_ALLOWED(2008, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    SERVICE_NOT_ALLOWED(2009, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    UNKNOWN_RECIPIENT(2101, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    RECIPIENT_CLOSED(2102, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    NOT_ADDRESSED(2103, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    RETURNED_BY_APPLICATION(2104, 77, Status.PERMISSION_DENIED, Retry.NEVER),
    NO_ROUTE(2105, 77, Status.PERMISSION_DENIED, Retry.NEVER),

    // ---- LT-3xxx identity and trust
    WHO_ARE_YOU(3001, 77, Status.UNAUTHENTICATED, Retry.NEVER),
    CERTIFICATE_EXPIRED(3003, 77, Status.UNAUTHENTICATED, Retry.NEVER),
    REVOKED(3004, 77, Status.UNAUTHENTICATED, Retry.NEVER),
    OTHER_NETWORK(3005, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    REVOCATION_TOO_OLD(3006, 77, Status.FAILED_PRECONDITION, Retry.NEVER),
    PASSPHRASE_WRONG(3010, 77, Status.FAILED_PRECONDITION, Retry.NEVER),
    SEAL_INVALID(3101, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    RECEIPT_FORGED(3102, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    SUITE_TOO_LOW(3103, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    SIGNER_MISSING(3104, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    ID_CONFLICT(3105, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    RECEIPT_CONFLICT(3106, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    DIRECTORY_INVALID(3201, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    DIRECTORY_OLD(3202, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    DIRECTORY_EXPIRED(3203, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    DIRECTORY_FORK(3204, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    INVITATION_USED(3205, 77, Status.FAILED_PRECONDITION, Retry.NEVER),
    INVITATION_INVALID(3206, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    KEY_BUNDLE_OLD(3207, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    KEY_NOT_HERE(3208, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    EVIDENCE_INVALID(3211, 65, Status.FAILED_PRECONDITION, Retry.NEVER),
    FINGERPRINT_REJECTED(3212, 77, Status.FAILED_PRECONDITION, Retry.NEVER),

    // ---- LT-4xxx environment: try again, it is safe
    DISK_LOW(4001, 69, Status.UNAVAILABLE, Retry.LATER),
    DATA_IN_USE(4002, 69, Status.UNAVAILABLE, Retry.LATER),
    STOPPING(4003, 69, Status.UNAVAILABLE, Retry.LATER),
    PORT_IN_USE(4004, 69, Status.UNAVAILABLE, Retry.LATER),
    TOO_SLOW(4005, 69, Status.UNAVAILABLE, Retry.LATER),
    NOT_RUNNING(4006, 69, Status.UNAVAILABLE, Retry.LATER),
    NEIGHBOUR_AWAY(4007, 69, Status.UNAVAILABLE, Retry.LATER),
    QUOTA(4008, 69, Status.RESOURCE_EXHAUSTED, Retry.LATER),
    TOKEN_AWAY(4009, 69, Status.UNAVAILABLE, Retry.LATER),
    CLOCK_BEHIND(4010, 69, Status.UNAVAILABLE, Retry.NEVER),
    CLOCK_FAR_AHEAD(4011, 69, Status.UNAVAILABLE, Retry.LATER),
    ADMISSION(4012, 69, Status.UNAVAILABLE, Retry.LATER),
    EXPIRED(4013, 69, Status.UNAVAILABLE, Retry.LATER),
    COMPARING(4014, 69, Status.UNAVAILABLE, Retry.LATER),
    KEYS_ON_THEIR_WAY(4015, 69, Status.UNAVAILABLE, Retry.LATER),

    // ---- LT-5xxx store and damage
    FSYNC_FAILED(5001, 74, Status.UNAVAILABLE, Retry.NEVER),
    DISK_OLDER(5002, 74, Status.UNAVAILABLE, Retry.NEVER),
    STORE_UNREADABLE(5003, 74, Status.UNAVAILABLE, Retry.NEVER),
    RECORD_DAMAGED(5004, 74, Status.DATA_LOSS, Retry.NEVER),
    SPOOL_MISSING(5005, 74, Status.DATA_LOSS, Retry.NEVER),
    SPOOL_ORPHAN(5006, 74, Status.UNAVAILABLE, Retry.NEVER),
    STORE_NEWER(5007, 78, Status.UNAVAILABLE, Retry.NEVER),
    AUDIT_BROKEN(5008, 74, Status.DATA_LOSS, Retry.NEVER),
    NODE_CLONED(5009, 74, Status.UNAVAILABLE, Retry.NEVER),
    WRITE_FAILED(5010, 74, Status.UNAVAILABLE, Retry.NEVER),

    // ---- LT-6xxx our own bug
    INVARIANT(6001, 70, Status.INTERNAL, Retry.UNSAFE),
    UNCAUGHT(6002, 70, Status.INTERNAL, Retry.UNSAFE);

    /** The gRPC status that carries the error when it is not an outcome (names as in gRPC's status codes). */
    public enum Status {
        INVALID_ARGUMENT,
        ALREADY_EXISTS,
        FAILED_PRECONDITION,
        NOT_FOUND,
        PERMISSION_DENIED,
        UNAUTHENTICATED,
        UNAVAILABLE,
        RESOURCE_EXHAUSTED,
        DATA_LOSS,
        INTERNAL
    }

    /** Whether trying again can help. */
    public enum Retry {
        /** The same input fails again. */
        NEVER,
        /** The same id may be sent again later. */
        LATER,
        /** Nobody can say what the first try did. */
        UNSAFE
    }

    private static final Map<Integer, ErrorCode> BY_NUMBER = new HashMap<>();

    static {
        for (ErrorCode code : values()) {
            Invariant.check(BY_NUMBER.put(code.number, code) == null, "error number %d twice", code.number);
        }
    }

    private final int number;
    private final int exitCode;
    private final Status status;
    private final Retry retry;

    ErrorCode(int number, int exitCode, Status status, Retry retry) {
        this.number = number;
        this.exitCode = exitCode;
        this.status = status;
        this.retry = retry;
    }

    /** 1001 to 6999, never reused. */
    public int number() {
        return number;
    }

    /** Exit code of a command that ends with this error (BSD sysexits). */
    public int exitCode() {
        return exitCode;
    }

    public Status status() {
        return status;
    }

    public Retry retry() {
        return retry;
    }

    /** {@code LT-1011 ADDRESS_MALFORMED}. */
    public String label() {
        return String.format(Locale.ROOT, "LT-%04d %s", number, name());
    }

    /** {@code LT-1011}. */
    public String shortLabel() {
        return String.format(Locale.ROOT, "LT-%04d", number);
    }

    /** By number as it stands on the wire or in a record. */
    public static Optional<ErrorCode> ofNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
