package lienthong.gateway.lab.province;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import lienthong.gateway.lab.channel.LocalChannel;
import lienthong.gateway.lab.process.JavaProcess;
import lienthong.proto.gateway.v1.GatewayServiceGrpc;
import lienthong.proto.operator.v1.OperatorServiceGrpc;
import lienthong.proto.operator.v1.StatusRequest;
import lienthong.proto.operator.v1.StatusResponse;
import org.jspecify.annotations.Nullable;

/** One joined node: its folder, its process while it runs, and a channel to its API. Used by one thread at a time. */
public final class LabNode implements AutoCloseable {
    private static final Duration START_BOUND = Duration.ofMinutes(3);
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String code;
    private final Path data;
    private final Path log;
    private final Place place;
    private final int port;
    private final List<String> jvmOptions;
    private List<Path> providers = List.of();
    private List<Path> hiding = List.of();
    private Map<String, String> environment = Map.of();
    private @Nullable JavaProcess process;
    private @Nullable ManagedChannel channel;

    LabNode(String code, Path data, Path log, Place place, int port, List<String> jvmOptions) {
        this.code = code;
        this.data = data;
        this.log = log;
        this.place = place;
        this.port = port;
        this.jvmOptions = List.copyOf(jvmOptions);
    }

    public String code() {
        return code;
    }

    /** The node's data folder. */
    public Path data() {
        return data;
    }

    /** Where the node listens for links, host and port. */
    public String listen() {
        return place.listen() + ":" + port;
    }

    /** From the next start on the jars of this folder lie beside the program, as in the launcher's {@code providers/}. */
    public void provide(Path folder) {
        providers = List.of(folder);
    }

    /** From the next start on the classes of these folders hide the program's own: a product with a deliberate bug. */
    public void hide(List<Path> classes) {
        hiding = List.copyOf(classes);
    }

    /** From the next start on the process has these variables besides those of the lab. */
    public void setEnvironment(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** Starts the process; {@link #awaitServing} says when it answers. */
    public void start() throws IOException {
        startUnder(List.of());
    }

    /** Starts the process under a tracer that leaves it its process id, such as {@code strace -D}. */
    public void startUnder(List<String> tracer) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("LC_ALL", "C.UTF-8");
        List<String> before = new ArrayList<>(place.launcher());
        before.addAll(tracer);
        process = JavaProcess.start(
                before,
                hiding,
                providers,
                "lienthong.gateway.main.Main",
                jvmOptions,
                List.of("run", "--data", data.toString(), "--json"),
                all,
                log);
    }

    /** Waits until the node answers; gives its status. */
    public StatusResponse awaitServing() throws InterruptedException {
        JavaProcess running = running();
        String ready = "\"pid\":" + running.pid() + ",";
        long until = System.nanoTime() + START_BOUND.toNanos();
        while (System.nanoTime() < until) {
            if (!running.isAlive()) {
                throw new LabFailed(code + " ended with " + running.await(Duration.ofSeconds(1)) + ": "
                        + running.standardError().strip());
            }
            if (running.standardOutput().contains(ready)) {
                try {
                    return status();
                } catch (StatusRuntimeException notYet) {
                    closeChannel();
                }
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
        throw new LabFailed(code + " does not serve after " + START_BOUND.toSeconds() + " s: "
                + running.standardError().strip());
    }

    /** The node's own account of itself. */
    public StatusResponse status() {
        return OperatorServiceGrpc.newBlockingStub(channel())
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .status(StatusRequest.getDefaultInstance());
    }

    /** One of the node's counters by name; zero while it never counted. */
    public long counter(String name) {
        return status().getCountersMap().getOrDefault(name, 0L);
    }

    public GatewayServiceGrpc.GatewayServiceStub gateway() {
        return GatewayServiceGrpc.newStub(channel());
    }

    public GatewayServiceGrpc.GatewayServiceBlockingStub gatewayBlocking() {
        return GatewayServiceGrpc.newBlockingStub(channel()).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    /** To the node's local socket; closed with the node. */
    public ManagedChannel channel() {
        ManagedChannel open = channel;
        if (open == null) {
            open = LocalChannel.open(data);
            channel = open;
        }
        return open;
    }

    private JavaProcess running() {
        JavaProcess running = process;
        if (running == null) {
            throw new LabFailed(code + " was not started");
        }
        return running;
    }

    /** Process id of the node as last started. */
    public long pid() {
        return running().pid();
    }

    /** What the node wrote on standard error since it joined. */
    public String log() {
        return running().standardError();
    }

    /** Of the process last started, which has ended. */
    public int exitCode() throws InterruptedException {
        closeChannel();
        return running().await(Duration.ofSeconds(1));
    }

    /** Whether the process last started still runs. */
    public boolean isAlive() {
        return running().isAlive();
    }

    /** Exit code of a process that must end by itself; empty when it still runs after {@code bound}. */
    public OptionalInt awaitEnd(Duration bound) throws InterruptedException {
        OptionalInt code = running().awaitEnd(bound);
        if (code.isPresent()) {
            closeChannel();
        }
        return code;
    }

    /** SIGKILL: what the node had not made durable is gone. */
    public void kill() throws InterruptedException {
        running().kill();
        closeChannel();
    }

    private void closeChannel() {
        ManagedChannel open = channel;
        if (open != null) {
            var unused = open.shutdownNow();
            channel = null;
        }
    }

    /** Stops the node in order; it can be started again. */
    @Override
    public void close() {
        closeChannel();
        JavaProcess running = process;
        if (running != null) {
            running.close();
            process = null;
        }
    }
}
