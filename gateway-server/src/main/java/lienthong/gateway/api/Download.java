package lienthong.gateway.api;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.Function;
import lienthong.gateway.message.Result;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file to the caller, a piece at a time as the transport takes it. Confined to its mailbox. */
final class Download<A> {
    private static final Logger LOG = LoggerFactory.getLogger(Download.class);

    private final ServerCallStreamObserver<A> out;
    private final Function<ByteString, A> response;
    private final Mailbox mailbox = new Mailbox(this::proceed, this::uncaught);
    private @Nullable ContentStream file;
    private boolean fetching;
    private boolean over;

    /** Takes over the call's flow control; before the service method returns. */
    Download(ServerCallStreamObserver<A> out, Function<ByteString, A> response) {
        this.out = out;
        this.response = response;
        out.setOnReadyHandler(() -> mailbox.execute(() -> {}));
        out.setOnCancelHandler(() -> mailbox.execute(this::cut));
    }

    /** Begins with the node's answer. */
    void begin(Result<ContentStream> answer) {
        mailbox.execute(() -> {
            if (answer instanceof Result.Ok<ContentStream> ok) {
                file = ok.value();
                if (over) {
                    file.close();
                }
            } else if (!over) {
                over = true;
                out.onError(ApiErrors.exception(answer.refusal()));
            }
        });
    }

    private void proceed() {
        if (over || fetching || file == null || !out.isReady()) {
            return;
        }
        fetching = true;
        file.next(piece -> mailbox.execute(() -> {
            fetching = false;
            if (over) {
                close();
            } else if (piece instanceof ContentStream.Piece.Chunk chunk) {
                out.onNext(response.apply(MessageWriter.bytes(chunk.bytes())));
            } else if (piece instanceof ContentStream.Piece.Failed failed) {
                over = true;
                out.onError(ApiErrors.exception(failed.why()));
            } else {
                over = true;
                out.onCompleted();
            }
        }));
    }

    private void cut() {
        over = true;
        if (!fetching) {
            close();
        }
    }

    private void close() {
        if (file != null) {
            file.close();
        }
    }

    private void uncaught(Throwable bug) {
        LOG.error("download failed", bug);
        if (!over) {
            cut();
            out.onError(ApiErrors.uncaught());
        }
    }
}
