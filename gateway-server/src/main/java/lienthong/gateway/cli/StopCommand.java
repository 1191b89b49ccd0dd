package lienthong.gateway.cli;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import lienthong.gateway.message.ErrorCode;
import lienthong.proto.operator.v1.StopRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code stop}: stops the node in an orderly way and waits until it has gone. */
@Command(name = "stop")
final class StopCommand extends GatewayCommand {
    @Option(names = "--grace", paramLabel = "TIME", descriptionKey = "stop.grace")
    private @Nullable String grace;

    @Override
    Json perform(Root root) throws Refused, InterruptedException {
        StopRequest.Builder request = StopRequest.newBuilder();
        long seconds = 10;
        if (grace != null) {
            seconds = Words.seconds("--grace", grace);
            request.setGraceSeconds(seconds);
        }
        long pid;
        Optional<CompletableFuture<ProcessHandle>> gone;
        try (Daemon daemon = Daemon.of(root)) {
            pid = daemon.operator().stop(request.build()).getPid();
            gone = pid == ProcessHandle.current().pid()
                    ? Optional.empty()
                    : ProcessHandle.of(pid).map(ProcessHandle::onExit);
        }
        if (gone.isPresent()) {
            await(gone.get(), seconds);
        }
        root.say("stop.done", pid);
        return Json.object().put("pid", pid);
    }

    private static void await(CompletableFuture<ProcessHandle> gone, long seconds)
            throws Refused, InterruptedException {
        try {
            ProcessHandle unused = gone.get(seconds + 30, TimeUnit.SECONDS);
        } catch (TimeoutException still) {
            throw new Refused(ErrorCode.STOPPING, "it is still stopping after {0} s", seconds + 30);
        } catch (ExecutionException impossible) {
            throw new lienthong.gateway.message.Bug("waiting for the end of a process", impossible);
        }
    }
}
