package lienthong.gateway.api;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every call passes: authenticate (who is it), authorise (may he use this service at all), serve (has the node stopped), and on the way out
 * conform (no status without one of our reasons, no stack trace, nothing after a close). Rights to addresses are judged where addresses are
 * read, in {@link MessageReader}.
 */
final class DoorInterceptor implements ServerInterceptor {
    /** Who calls. */
    static final Context.Key<Caller> CALLER = Context.key("lienthong.caller");

    private static final Logger LOG = LoggerFactory.getLogger(DoorInterceptor.class);
    private static final String HEALTH = "grpc.health.v1.Health";
    private static final String GATEWAY = "lienthong.gateway.v1.GatewayService";
    private static final String OPERATOR = "lienthong.operator.v1.OperatorService";
    /** What an operator may still do with a node that has stopped serving. */
    private static final Set<String> WHILE_STOPPED = Set.of(
            "Status", "Diagnose", "Stop", "Queue", "ShowAudit", "ShowDirectory", "ExportDirectory", "ExportEvidence");

    private final Gatekeeper gatekeeper;
    private final Doors doors;
    private final BadInputLog log;
    /** Calls of callers known by a certificate, while they are open. */
    private final Set<Guarded> open = ConcurrentHashMap.newKeySet();

    DoorInterceptor(Gatekeeper gatekeeper, Doors doors, BadInputLog log) {
        this.gatekeeper = gatekeeper;
        this.doors = doors;
        this.log = log;
        doors.watchRevocations(() -> open.forEach(Guarded::endIfRevoked));
    }

    /** An open call, and what it stands on. */
    private interface Guarded {
        void endIfRevoked();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> raw, Metadata headers, ServerCallHandler<Q, A> next) {
        ConformingCall<Q, A> call = new ConformingCall<>(raw);
        String service = String.valueOf(raw.getMethodDescriptor().getServiceName());
        if (service.equals(HEALTH)) {
            return conform(call, next.startCall(call, headers));
        }
        Result<Caller> admitted = gatekeeper.admit(raw.getAttributes(), doors.now());
        if (!(admitted instanceof Result.Ok<Caller> known)) {
            return refuse(call, admitted.refusal());
        }
        Optional<Bytes> certificate = Gatekeeper.certificateOf(raw.getAttributes());
        Optional<Refusal> revoked = certificate.flatMap(doors::revoked);
        if (revoked.isPresent()) {
            return refuse(call, revoked.get());
        }
        Caller caller = known.value();
        if (service.equals(OPERATOR) && !caller.operator()) {
            return refuse(
                    call,
                    Refusal.of(ErrorCode.SERVICE_NOT_ALLOWED, "operators' calls are for the user the node runs as"));
        }
        boolean stoppable = service.equals(GATEWAY) || service.equals(OPERATOR) && !WHILE_STOPPED.contains(method(raw));
        Optional<Refusal> stopped = stoppable ? doors.notServing() : Optional.empty();
        if (stopped.isPresent()) {
            return refuse(call, stopped.get());
        }
        Context context = Context.current().withValue(CALLER, caller);
        Conforming<Q> listener = conform(call, Contexts.interceptCall(context, call, headers, next));
        certificate.ifPresent(held -> call.guard(() -> doors.revoked(held).ifPresent(listener::abandonAs)));
        return listener;
    }

    private static String method(ServerCall<?, ?> call) {
        return String.valueOf(call.getMethodDescriptor().getBareMethodName());
    }

    private <Q, A> ServerCall.Listener<Q> refuse(ConformingCall<Q, A> call, Refusal why) {
        StatusRuntimeException error = ApiErrors.exception(why);
        call.close(error.getStatus(), trailers(error));
        return new ServerCall.Listener<>() {};
    }

    private static Metadata trailers(StatusRuntimeException error) {
        Metadata trailers = error.getTrailers();
        return trailers == null ? new Metadata() : trailers;
    }

    /** A listener that can be told to end its call. */
    private abstract static class Conforming<Q>
            extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
        Conforming(ServerCall.Listener<Q> listener) {
            super(listener);
        }

        abstract void abandonAs(Refusal why);
    }

    private <Q, A> Conforming<Q> conform(ConformingCall<Q, A> call, ServerCall.Listener<Q> listener) {
        return new Conforming<>(listener) {
            @Override
            void abandonAs(Refusal why) {
                abandon(ApiErrors.exception(why));
            }

            @Override
            public void onCancel() {
                call.over();
                super.onCancel();
            }

            @Override
            public void onMessage(Q message) {
                if (StrictMarshaller.isMalformed(call.getMethodDescriptor(), message)) {
                    StatusRuntimeException error = ApiErrors.exception(Refusal.of(
                            ErrorCode.TEXT_NOT_CLEAN,
                            "the bytes are not a {0} request: not protobuf, or a text in it is not UTF-8",
                            call.getMethodDescriptor().getFullMethodName()));
                    abandon(error);
                    return;
                }
                guard(() -> super.onMessage(message));
            }

            @Override
            public void onHalfClose() {
                guard(super::onHalfClose);
            }

            @Override
            public void onReady() {
                guard(super::onReady);
            }

            private void guard(Runnable step) {
                if (call.isClosed()) {
                    return;
                }
                try {
                    step.run();
                } catch (RuntimeException bug) {
                    if (bug instanceof StatusRuntimeException status) {
                        abandon(status);
                        return;
                    }
                    LOG.error("{} failed", call.getMethodDescriptor().getFullMethodName(), bug);
                    abandon(ApiErrors.uncaught());
                }
            }

            /** Ends the call; whoever serves it hears of a cancelled one and lets go of what it holds. */
            private void abandon(StatusRuntimeException error) {
                call.close(error.getStatus(), trailers(error));
                try {
                    super.onCancel();
                } catch (RuntimeException bug) {
                    LOG.error(
                            "{} failed while ending", call.getMethodDescriptor().getFullMethodName(), bug);
                }
            }
        };
    }

    /** Closes once, and only with a status that conforms. */
    private final class ConformingCall<Q, A> extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
        private final AtomicBoolean closed = new AtomicBoolean();
        private final AtomicReference<Guarded> guarded = new AtomicReference<>();

        private ConformingCall(ServerCall<Q, A> inner) {
            super(inner);
        }

        private boolean isClosed() {
            return closed.get();
        }

        /** A revocation that comes between admission and here is found by looking once more. */
        private void guard(Guarded call) {
            guarded.set(call);
            open.add(call);
            if (isClosed()) {
                over();
            } else {
                call.endIfRevoked();
            }
        }

        private void over() {
            Guarded call = guarded.getAndSet(null);
            if (call != null) {
                open.remove(call);
            }
        }

        @Override
        public void sendMessage(A message) {
            // A call may be ended from another thread than the one that answers it.
            synchronized (closed) {
                if (!isClosed()) {
                    super.sendMessage(message);
                }
            }
        }

        @Override
        public void close(Status status, Metadata trailers) {
            synchronized (closed) {
                if (!closed.compareAndSet(false, true)) {
                    return;
                }
            }
            over();
            String who = Gatekeeper.describe(getAttributes());
            if (!status.isOk() && !ApiErrors.isOurs(trailers) && isOurSlip(status)) {
                LOG.error(
                        "{} closed with {}, which has no reason of ours",
                        getMethodDescriptor().getFullMethodName(),
                        status.getCode(),
                        status.getCause());
                StatusRuntimeException error = ApiErrors.uncaught();
                super.close(error.getStatus(), DoorInterceptor.trailers(error));
                return;
            }
            if (!status.isOk() && ApiErrors.isOurs(trailers)) {
                report(ApiErrors.refusal(status.asRuntimeException(trailers)), who);
            }
            super.close(status, trailers);
        }

        /** Statuses gRPC itself or the health and reflection services make are theirs; UNKNOWN and INTERNAL are always our mistake. */
        private static boolean isOurSlip(Status status) {
            return status.getCode() == Status.Code.UNKNOWN || status.getCode() == Status.Code.INTERNAL;
        }

        private void report(Refusal why, String who) {
            log.warn(getMethodDescriptor().getFullMethodName(), who, why, doors.now());
            switch (why.reason()) {
                case WHO_ARE_YOU, NOT_YOUR_ADDRESS, SERVICE_NOT_ALLOWED, CERTIFICATE_EXPIRED, REVOKED ->
                    doors.denied(who, why);
                default -> {}
            }
        }
    }
}
