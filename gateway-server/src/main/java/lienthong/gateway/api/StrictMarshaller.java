package lienthong.gateway.api;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request; bytes that are no message of its type (also text that is not UTF-8) become one marked instance instead of gRPC's INTERNAL,
 * which would blame us for what the caller sent.
 */
final class StrictMarshaller<T> implements MethodDescriptor.PrototypeMarshaller<T> {
    private final MethodDescriptor.PrototypeMarshaller<T> inner;
    private final T malformed;

    @SuppressWarnings("unchecked") // A builder of T builds a T.
    private StrictMarshaller(MethodDescriptor.PrototypeMarshaller<T> inner) {
        this.inner = inner;
        MessageLite prototype = (MessageLite) java.util.Objects.requireNonNull(inner.getMessagePrototype());
        this.malformed = (T) prototype.newBuilderForType().build();
    }

    @Override
    public InputStream stream(T value) {
        return inner.stream(value);
    }

    @Override
    public T parse(InputStream stream) {
        try {
            return inner.parse(stream);
        } catch (StatusRuntimeException notOfThisType) {
            if (notOfThisType.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
                throw notOfThisType;
            }
            return malformed;
        }
    }

    @Override
    public @Nullable T getMessagePrototype() {
        return inner.getMessagePrototype();
    }

    @Override
    public Class<T> getMessageClass() {
        return inner.getMessageClass();
    }

    /** Whether {@code message} is what a {@link StrictMarshaller} of this method gave for unreadable bytes. */
    static boolean isMalformed(MethodDescriptor<?, ?> method, Object message) {
        return method.getRequestMarshaller() instanceof StrictMarshaller<?> strict && strict.malformed == message;
    }

    /** The same service reading its requests strictly. */
    static ServerServiceDefinition strict(ServerServiceDefinition service) {
        ServerServiceDefinition.Builder strict =
                ServerServiceDefinition.builder(service.getServiceDescriptor().getName());
        for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
            add(strict, method);
        }
        return strict.build();
    }

    private static <Q, A> void add(ServerServiceDefinition.Builder builder, ServerMethodDefinition<Q, A> method) {
        MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
        if (descriptor.getRequestMarshaller() instanceof MethodDescriptor.PrototypeMarshaller<Q> inner) {
            descriptor = descriptor.toBuilder()
                    .setRequestMarshaller(new StrictMarshaller<>(inner))
                    .build();
        }
        builder.addMethod(descriptor, method.getServerCallHandler());
    }
}
