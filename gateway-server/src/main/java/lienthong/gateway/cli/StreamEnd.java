package lienthong.gateway.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.message.Bug;
import org.jspecify.annotations.Nullable;

/** The client's end of a bidirectional stream for a command, which waits: for replies, for room to send, for the end. */
final class StreamEnd<Q, A> implements ClientResponseObserver<Q, A> {
    /** What the transport brought; the end comes last. */
    private sealed interface Event<A> {
        record Reply<A>(A message) implements Event<A> {}

        record End<A>(Optional<Throwable> error) implements Event<A> {}
    }

    private final LinkedBlockingQueue<Event<A>> events = new LinkedBlockingQueue<>();
    private volatile boolean over;
    private @Nullable ClientCallStreamObserver<Q> call;

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> start) {
        call = start;
        // One reply at a time: what the node sends ahead waits in the transport, not here.
        start.disableAutoRequestWithInitial(1);
        start.setOnReadyHandler(this::wake);
    }

    private synchronized void wake() {
        notifyAll();
    }

    @Override
    public void onNext(A reply) {
        events.add(new Event.Reply<>(reply));
    }

    @Override
    public void onError(Throwable failed) {
        end(Optional.of(failed));
    }

    @Override
    public void onCompleted() {
        end(Optional.empty());
    }

    private void end(Optional<Throwable> error) {
        over = true;
        events.add(new Event.End<>(error));
        wake();
    }

    private ClientCallStreamObserver<Q> call() {
        ClientCallStreamObserver<Q> started = call;
        if (started == null) {
            throw new Bug("the call has not begun");
        }
        return started;
    }

    /** Sends when the transport has room; gives false when the node has ended the stream meanwhile. */
    boolean send(Q request) throws InterruptedException {
        synchronized (this) {
            while (!over && !call().isReady()) {
                wait();
            }
        }
        if (over) {
            return false;
        }
        call().onNext(request);
        return true;
    }

    void halfClose() {
        call().onCompleted();
    }

    void cancel() {
        call().cancel("the command has ended", null);
    }

    /** The next reply, waiting at most {@code millis}; empty when none came in time or the stream has ended well. A status is thrown. */
    Optional<A> next(long millis) throws InterruptedException {
        Event<A> event = events.poll(millis, TimeUnit.MILLISECONDS);
        if (event instanceof Event.Reply<A> reply) {
            call().request(1);
            return Optional.of(reply.message());
        }
        if (event instanceof Event.End<A> end) {
            // Whoever asks again gets the same answer.
            events.add(event);
            if (end.error().isPresent()) {
                throw end.error().get() instanceof StatusRuntimeException status
                        ? status
                        : Status.fromThrowable(end.error().get()).asRuntimeException();
            }
        }
        return Optional.empty();
    }

    /** Nothing more will come. */
    boolean isOver() {
        return over
                && (events.isEmpty()
                        || events.peek() instanceof Event.End<A> end
                                && end.error().isEmpty());
    }
}
