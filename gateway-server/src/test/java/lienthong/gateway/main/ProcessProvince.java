package lienthong.gateway.main;

import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.cli.Cli;
import lienthong.gateway.cli.NodeRunner;
import lienthong.gateway.cli.Surroundings;
import lienthong.gateway.config.HostPort;
import lienthong.gateway.config.NodeConfig;
import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.directory.KeyBundleRecord;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.DialAddress;
import lienthong.gateway.identity.DirectoryFolder;
import lienthong.gateway.identity.Join;
import lienthong.gateway.identity.NetworkPlan;
import lienthong.gateway.identity.NodeKeys;
import lienthong.gateway.identity.Protection;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;

/** A hub and a district as they run in their processes, with sockets, TLS and folders, but in this one; asked and told by commands. */
final class ProcessProvince implements AutoCloseable {
    static final OrganisationId HUB = new OrganisationId("A08");
    static final OrganisationId DISTRICT = new OrganisationId("A08.02");
    static final char[] PASSPHRASE = "đồng bằng".toCharArray();

    final Path folder;
    final Authority authority;
    /** Of all processes; ahead of the machine's by what a test says. */
    final MovedClock clock = new MovedClock();

    private final Map<OrganisationId, NodeKeys> keys = new LinkedHashMap<>();
    private final Map<OrganisationId, Run> running = new LinkedHashMap<>();

    /** Runs with the machine's. */
    static final class MovedClock implements Clock {
        private final Clock real = Clock.real();
        private volatile Duration ahead = Duration.ZERO;

        void move(Duration by) {
            ahead = ahead.plus(by);
        }

        @Override
        public Instant now() {
            return real.now().plus(ahead);
        }

        @Override
        public long nanos() {
            return real.nanos() + ahead.toNanos();
        }
    }

    private record Run(CompletableFuture<NodeRunner.Ready> ready, CompletableFuture<Optional<Refusal>> ended) {}

    ProcessProvince(Path folder) throws Exception {
        this.folder = folder;
        authority = Authority.create(
                        "Tỉnh thử",
                        NetworkPlan.of(List.of(
                                NetworkPlan.Office.of(
                                        HUB, "Tỉnh ủy", Optional.of("cấp ủy"), Optional.empty(), List.of()),
                                NetworkPlan.Office.of(
                                        DISTRICT, "Huyện ủy", Optional.of("cấp ủy"), Optional.of(HUB), List.of()))),
                        PASSPHRASE.clone(),
                        PassphraseBox.Cost.FOR_TESTS,
                        RealDisk.at(Files.createDirectory(folder.resolve("authority"))),
                        Randomness.real(),
                        Clock.real())
                .orBug();
        join(HUB);
        join(DISTRICT);
    }

    private void join(OrganisationId office) throws Exception {
        Files.createDirectory(
                data(office), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Authority.Invited invited = authority
                .invite(office, List.of(new DialAddress("hub.example", 7443)), 14, Optional.empty())
                .orBug();
        Join.Joined joined = Join.join(
                        Join.Request.of(
                                invited.file(),
                                invited.code(),
                                String.join(" ", authority.root().words()),
                                Protection.fileModes()),
                        RealDisk.at(data(office)),
                        Randomness.real(),
                        Clock.real())
                .orBug();
        keys.put(office, joined.keys());
        DirectoryFolder.of(RealDisk.at(data(office))).save(Optional.of(joined.directory()), joined.records());
    }

    /** A stopped node's disk is gone; the office is invited and joins anew, and the hub hears of it. */
    void loseDiskAndJoinAgain(OrganisationId office) throws Exception {
        keys.remove(office).close();
        Files.move(data(office), folder.resolve(office + "-lost"));
        join(office);
        Path newer = folder.resolve("directory-" + office);
        Files.write(newer, authority.directory().signed().toBytes().toArray());
        command(HUB, "directory", "import", newer.toString());
    }

    /** Number of the newest key bundle of an office that the directory on another's disk has. */
    Optional<Long> bundle(OrganisationId at, OrganisationId office) {
        return DirectoryFolder.of(RealDisk.at(data(at)))
                .load(authority.root(), clock.now())
                .book()
                .view()
                .bundle(Address.of(office))
                .map(KeyBundleRecord::number);
    }

    Path data(OrganisationId office) {
        return folder.resolve(office.text());
    }

    NodeKeys keys(OrganisationId office) {
        return keys.get(office);
    }

    /** Starts the hub, which listens, or the district, which dials it; returns when it serves. */
    void start(OrganisationId office) throws Exception {
        List<HostPort> dial = office.equals(HUB)
                ? List.of()
                : List.of(HostPort.parse(running.get(HUB).ready().get().listen().orElseThrow())
                        .orBug());
        NodeConfig config = new NodeConfig(
                office,
                data(office),
                dial,
                office.equals(HUB) ? Optional.of(HostPort.parse("127.0.0.1:0").orBug()) : Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                NodeConfig.KEEP_DELIVERED_DAYS,
                false);
        Run run = new Run(new CompletableFuture<>(), new CompletableFuture<>());
        running.put(office, run);
        Thread process = new Thread(
                () -> {
                    Optional<Refusal> end = new NodeProcess(clock, Randomness.real())
                            .run(config, Optional.empty(), "0.1.0", run.ready()::complete);
                    run.ready().completeExceptionally(new AssertionError("ended: " + end));
                    run.ended().complete(end);
                },
                "process-" + office);
        process.setDaemon(true);
        process.start();
        run.ready().get(60, TimeUnit.SECONDS);
    }

    /** What the process ended with, after an orderly stop. */
    Optional<Refusal> stop(OrganisationId office) throws Exception {
        command(office, "stop");
        return running.remove(office).ended().get(60, TimeUnit.SECONDS);
    }

    /** What the process ended with by itself. */
    Optional<Refusal> ended(OrganisationId office) throws Exception {
        return running.remove(office).ended().get(60, TimeUnit.SECONDS);
    }

    /** How a command ended. */
    record Ended(int code, String out, String err) {}

    /** A command for machines. */
    Ended run(OrganisationId office, String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--data", data(office).toString(), "--json"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Cli.run(all.toArray(String[]::new), surroundings("C.UTF-8", out, err));
        return new Ended(code, out.toString(), err.toString());
    }

    /** What a command prints for machines: its last line. */
    String command(OrganisationId office, String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--data", data(office).toString(), "--json"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Cli.run(all.toArray(String[]::new), surroundings("C.UTF-8", out, err));
        String[] lines = (out.toString().isBlank() ? err.toString() : out.toString())
                .strip()
                .split("\n");
        return lines[lines.length - 1];
    }

    /** What a command prints for people. */
    String words(String language, OrganisationId office, String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--data", data(office).toString()));
        StringWriter out = new StringWriter();
        Cli.run(all.toArray(String[]::new), surroundings(language, out, out));
        return out.toString();
    }

    private Surroundings surroundings(String language, StringWriter out, StringWriter err) {
        return new Surroundings(
                language,
                Optional.empty(),
                folder.toAbsolutePath(),
                InputStream.nullInputStream(),
                new PrintWriter(out),
                new PrintWriter(err),
                Optional.empty(),
                Clock.real(),
                Randomness.real(),
                (config, passphrase, version, ready) -> Optional.empty(),
                new FolderDesk(Clock.real(), Randomness.real()),
                "0.1.0");
    }

    @Override
    public void close() {
        for (OrganisationId office : List.copyOf(running.keySet())) {
            command(office, "stop");
            running.remove(office).ended().orTimeout(60, TimeUnit.SECONDS).join();
        }
        keys.values().forEach(NodeKeys::close);
        authority.close();
    }
}
