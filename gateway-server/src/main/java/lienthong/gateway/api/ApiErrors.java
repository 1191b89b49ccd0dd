package lienthong.gateway.api;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/** Numbered errors as gRPC statuses: {@code google.rpc.Status} in the trailers with our reason in it. */
public final class ApiErrors {
    /** Domain of every {@code ErrorInfo} of ours. */
    public static final String DOMAIN = "lienthong";

    private static final int RETRY_SECONDS = 1;

    private ApiErrors() {}

    /** The gRPC code of an error that is not an outcome. */
    public static Status.Code code(ErrorCode reason) {
        return switch (reason.status()) {
            case INVALID_ARGUMENT -> Status.Code.INVALID_ARGUMENT;
            case ALREADY_EXISTS -> Status.Code.ALREADY_EXISTS;
            case FAILED_PRECONDITION -> Status.Code.FAILED_PRECONDITION;
            case NOT_FOUND -> Status.Code.NOT_FOUND;
            case PERMISSION_DENIED -> Status.Code.PERMISSION_DENIED;
            case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
            case UNAVAILABLE -> Status.Code.UNAVAILABLE;
            case RESOURCE_EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
            case DATA_LOSS -> Status.Code.DATA_LOSS;
            case INTERNAL -> Status.Code.INTERNAL;
        };
    }

    /**
     * Whether a submission refused for this reason is answered in the response (well-formed, not possible) and not by a status (malformed, no
     * right, node damaged).
     */
    static boolean isOutcome(ErrorCode reason) {
        return switch (reason) {
            case NOT_YOUR_ADDRESS, SERVICE_NOT_ALLOWED, WHO_ARE_YOU, CLOCK_BEHIND -> false;
            // Well-formed for this door: another way to hand it over, or a product at the recipient, makes it possible.
            case PAYLOAD_TOO_LARGE, SUITE_UNKNOWN -> true;
            default -> reason.number() >= 2000 && reason.number() < 5000;
        };
    }

    static StatusRuntimeException exception(Fault fault) {
        ErrorCode reason = fault.why().reason();
        ErrorInfo.Builder info = ErrorInfo.newBuilder()
                .setReason(reason.name())
                .setDomain(DOMAIN)
                .putMetadata("number", Integer.toString(reason.number()));
        if (!fault.field().isEmpty()) {
            info.putMetadata("field", fault.field());
        }
        com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
                .setCode(code(reason).value())
                .setMessage(fault.why().toString())
                .addDetails(Any.pack(info.build()));
        if (reason.retry() == ErrorCode.Retry.LATER) {
            status.addDetails(Any.pack(RetryInfo.newBuilder()
                    .setRetryDelay(Duration.newBuilder().setSeconds(RETRY_SECONDS))
                    .build()));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }

    static StatusRuntimeException exception(Refusal why) {
        return exception(Fault.of(why));
    }

    /** Our own failure: no stack trace and no detail leaves the process, both are in its log. */
    static StatusRuntimeException uncaught() {
        return exception(Refusal.of(ErrorCode.UNCAUGHT, "an error of the gateway itself; see its log"));
    }

    /** Whether a status carries one of our reasons. */
    static boolean isOurs(Metadata trailers) {
        return trailers.containsKey(Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER));
    }

    /**
     * The refusal in a status received from a node, for clients of our own; {@code UNCAUGHT} with the status' own words when it is none of
     * ours, {@code NOT_RUNNING} when nobody answered.
     */
    public static Refusal refusal(StatusRuntimeException error) {
        com.google.rpc.Status status = StatusProto.fromThrowable(error);
        if (status != null) {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    try {
                        ErrorInfo info = detail.unpack(ErrorInfo.class);
                        ErrorCode reason = ErrorCode.ofNumber(
                                        Integer.parseInt(info.getMetadataOrDefault("number", "0")))
                                .orElse(ErrorCode.UNCAUGHT);
                        String text = status.getMessage();
                        String label = reason.label();
                        String rest = text.startsWith(label) ? text.substring(label.length()) : text;
                        return Refusal.technical(reason, rest.startsWith(": ") ? rest.substring(2) : rest);
                    } catch (com.google.protobuf.InvalidProtocolBufferException | NumberFormatException notOurs) {
                        break;
                    }
                }
            }
        }
        String words = error.getStatus().getDescription();
        return switch (error.getStatus().getCode()) {
            case UNAVAILABLE -> Refusal.of(ErrorCode.NOT_RUNNING);
            default ->
                Refusal.of(
                        ErrorCode.UNCAUGHT,
                        Detail.technical(error.getStatus().getCode().name() + (words == null ? "" : ": " + words)));
        };
    }
}
