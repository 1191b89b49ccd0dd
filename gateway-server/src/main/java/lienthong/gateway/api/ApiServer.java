package lienthong.gateway.api;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API's listeners: a Unix socket for this machine (both APIs, health, reflection), and where configured TLS 1.3 with client certificates for
 * other machines of the office (developers' API and health only).
 *
 * <p>Calls run on the transport's own threads, since every door returns at once: 18 µs a call against 57 with gRPC's pool (measured).
 */
public final class ApiServer {
    /** {@code sun_path} has 108 bytes and a zero at its end. */
    public static final int SOCKET_PATH_BYTES_MAX = 107;

    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final String SERVICE = "lienthong.gateway.v1.GatewayService";
    private static final int THREADS = 2;
    private static final int METADATA_BYTES_MAX = 16 * 1024;
    private static final int WINDOW_BYTES = 1024 * 1024;
    /** With a window and a message each, a connection holds at most 320 MB however it behaves; in practice a few. */
    private static final int CALLS_MAX = 64;
    /** One message of items and its framing. */
    private static final int MESSAGE_BYTES_MAX = Limits.API_MESSAGE_BYTES_MAX + 64 * 1024;

    private final ApiSettings settings;
    private final EventLoopGroup threads;
    private final HealthStatusManager health = new HealthStatusManager();
    private final List<Server> servers = new ArrayList<>();

    private ApiServer(ApiSettings settings) {
        this.settings = settings;
        this.threads = new MultiThreadIoEventLoopGroup(
                THREADS, new DefaultThreadFactory("api", true), EpollIoHandler.newFactory());
    }

    /**
     * Opens the listeners. A stale socket file is replaced: the caller holds the lock of the data folder, so nobody else serves it.
     *
     * @return the running server; or {@code PATH_TOO_LONG}, {@code PORT_IN_USE}, {@code FILE_EXPOSED} when the socket's folder is not the
     *     owner's alone
     * @throws IOException when the folder or socket cannot be made
     */
    public static Result<ApiServer> start(ApiSettings settings, Doors doors) throws IOException {
        Path socket = settings.socket();
        int bytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > SOCKET_PATH_BYTES_MAX) {
            return Result.no(
                    ErrorCode.PATH_TOO_LONG,
                    "{0}: {1} bytes, at most {2} for a socket",
                    socket,
                    bytes,
                    SOCKET_PATH_BYTES_MAX);
        }
        ApiServer server = new ApiServer(settings);
        boolean running = false;
        try {
            Optional<Refusal> refused = server.listen(doors);
            if (refused.isPresent()) {
                return Result.no(refused.get());
            }
            running = true;
            return Result.ok(server);
        } finally {
            if (!running) {
                server.stop(Duration.ZERO);
            }
        }
    }

    private Optional<Refusal> listen(Doors doors) throws IOException {
        Optional<Refusal> exposed = prepareFolder();
        if (exposed.isPresent()) {
            return exposed;
        }
        int ownUid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        Gatekeeper gatekeeper = new Gatekeeper(settings.applications(), ownUid);
        DoorInterceptor interceptor = new DoorInterceptor(gatekeeper, doors, new BadInputLog());
        ServerServiceDefinition gateway =
                StrictMarshaller.strict(new GatewayCalls(doors, settings.node(), settings.version()).bindService());
        ServerServiceDefinition operator = StrictMarshaller.strict(new OperatorCalls(doors, settings).bindService());
        Files.deleteIfExists(settings.socket());
        Server local = common(NettyServerBuilder.forAddress(
                                new DomainSocketAddress(settings.socket().toFile()),
                                InternalNettyServerCredentials.create(new PeerNegotiator()))
                        .channelType(EpollServerDomainSocketChannel.class))
                .intercept(interceptor)
                .addService(gateway)
                .addService(operator)
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .build();
        Optional<Refusal> taken = start(local, settings.socket().toString());
        if (taken.isPresent()) {
            return taken;
        }
        Files.setPosixFilePermissions(
                settings.socket(),
                PosixFilePermissions.fromString(settings.socketForGroup() ? "rw-rw----" : "rw-------"));
        if (settings.tls().isPresent()) {
            taken = listenTls(settings.tls().get(), interceptor, gateway);
            if (taken.isPresent()) {
                return taken;
            }
        }
        serving(doors.notServing());
        doors.watchServing(this::serving);
        return Optional.empty();
    }

    private Optional<Refusal> prepareFolder() throws IOException {
        Path folder = Objects.requireNonNull(settings.socket().getParent(), "an absolute path has a folder");
        String mode = settings.socketForGroup() ? "rwxr-x---" : "rwx------";
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(
                    Refusal.of(ErrorCode.FILE_EXPOSED, "{0} is not a folder; remove it: rm {1}", folder, folder));
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
        return Optional.empty();
    }

    private Optional<Refusal> listenTls(
            ApiSettings.Tls tls, DoorInterceptor interceptor, ServerServiceDefinition gateway) throws IOException {
        SslContextBuilder context = GrpcSslContexts.configure(
                        SslContextBuilder.forServer(tls.key(), tls.chain().toArray(X509Certificate[]::new)),
                        SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .clientAuth(ClientAuth.REQUIRE)
                .trustManager(new AnyCertificate())
                .option(OpenSslContextOption.GROUPS, new String[] {"X25519MLKEM768", "X25519", "P-256"});
        Server remote = common(NettyServerBuilder.forAddress(new InetSocketAddress(tls.host(), tls.port()))
                        .channelType(EpollServerSocketChannel.class)
                        .sslContext(context.build()))
                .intercept(interceptor)
                .addService(gateway)
                .addService(health.getHealthService())
                .build();
        return start(remote, tls.host() + ":" + tls.port());
    }

    private NettyServerBuilder common(NettyServerBuilder builder) {
        return builder.bossEventLoopGroup(threads)
                .workerEventLoopGroup(threads)
                .directExecutor()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .maxInboundMetadataSize(METADATA_BYTES_MAX)
                .maxConcurrentCallsPerConnection(CALLS_MAX)
                .flowControlWindow(WINDOW_BYTES)
                .permitKeepAliveWithoutCalls(true)
                .permitKeepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTime(30, TimeUnit.SECONDS);
    }

    private Optional<Refusal> start(Server server, String place) throws IOException {
        try {
            servers.add(server.start());
            LOG.info("{}", Detail.of("the API listens on {0}", place));
            return Optional.empty();
        } catch (IOException failed) {
            for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
                if (cause instanceof BindException
                        || String.valueOf(cause.getMessage()).contains("in use")) {
                    return Optional.of(Refusal.of(ErrorCode.PORT_IN_USE, "{0}", place));
                }
            }
            throw failed;
        }
    }

    private void serving(Optional<Refusal> fault) {
        ServingStatus status = fault.isEmpty() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
        health.setStatus(SERVICE, status);
    }

    /** The port of the TLS listener, if there is one. */
    public Optional<Integer> tlsPort() {
        return servers.size() > 1 ? Optional.of(servers.get(1).getPort()) : Optional.empty();
    }

    /** Takes no new calls, lets open ones end for {@code grace}, then closes everything and removes the socket. */
    public void stop(Duration grace) {
        health.enterTerminalState();
        servers.forEach(Server::shutdown);
        boolean interrupted = false;
        for (Server server : servers) {
            try {
                if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                    server.shutdownNow();
                    boolean ended = server.awaitTermination(1, TimeUnit.SECONDS);
                    LOG.debug("API listener ended: {}", ended);
                }
            } catch (InterruptedException stopNow) {
                interrupted = true;
                server.shutdownNow();
            }
        }
        var unused = threads.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        try {
            Files.deleteIfExists(settings.socket());
        } catch (IOException left) {
            LOG.debug("socket file stays", left);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Takes any certificate whose key the peer has shown to hold: who it is and whether it may come in is judged by its hash, with a numbered
     * answer, in {@link Gatekeeper}.
     */
    private static final class AnyCertificate extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.@Nullable Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.@Nullable Socket socket) {
            throw new UnsupportedOperationException("this side is the server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine) {
            throw new UnsupportedOperationException("this side is the server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("this side is the server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
