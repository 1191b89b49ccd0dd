package lienthong.gateway.lab.province;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import lienthong.gateway.lab.process.FreePort;
import lienthong.gateway.text.Language;

/** An authority's folder and the nodes that joined its network, all under one folder. Thread-safe. */
public final class Province implements AutoCloseable {
    private static final String PASSPHRASE = "lab only: eight plain words nobody would choose twice";

    private final Path folder;
    private final Commands commands;
    private final Map<String, LabNode> nodes = new ConcurrentSkipListMap<>();
    private final Map<String, Integer> ports = new ConcurrentHashMap<>();
    private final Path passphrase;
    private final String words;
    private final String fingerprint;
    private volatile BiFunction<String, Path, Path> places = (code, usual) -> usual;

    private Province(Path folder, Commands commands, Path passphrase, String words, String fingerprint) {
        this.folder = folder;
        this.commands = commands;
        this.passphrase = passphrase;
        this.words = words;
        this.fingerprint = fingerprint;
    }

    /**
     * Makes the authority: {@code network init --from FILE}.
     *
     * @param folder new or empty
     * @param networkFile offices in the form of {@code samples/network}
     * @param language of what the commands say
     */
    public static Province create(Path folder, Path networkFile, Language language)
            throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("logs"));
        Files.createDirectories(folder.resolve("nodes"));
        Commands commands = new Commands(folder.resolve("logs"), language);
        Path passphrase = secret(folder.resolve("authority.passphrase"), PASSPHRASE);
        Commands.Answer made = commands.must(
                "network",
                "init",
                "--from",
                networkFile.toString(),
                "--dir",
                folder.resolve("authority").toString(),
                "--passphrase-file",
                passphrase.toString());
        return new Province(folder, commands, passphrase, made.text("words"), made.text("fingerprint"));
    }

    /** As {@link #create(Path, Path, Language)}, in English. */
    public static Province create(Path folder, Path networkFile) throws IOException, InterruptedException {
        return create(folder, networkFile, Language.ENGLISH);
    }

    private static Path secret(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text + "\n", StandardCharsets.UTF_8);
    }

    /**
     * Says where the data folders of the nodes that join from now on lie.
     *
     * @param places gives it for an office's code and the place where it lies otherwise
     */
    public void place(BiFunction<String, Path, Path> places) {
        this.places = places;
    }

    public Commands commands() {
        return commands;
    }

    public Path folder() {
        return folder;
    }

    /** The network's fingerprint as it is read aloud. */
    public String words() {
        return words;
    }

    /** The network's fingerprint, 64 hexadecimal digits. */
    public String fingerprint() {
        return fingerprint;
    }

    /**
     * An office that joins.
     *
     * @param code of the organisation
     * @param parent code of the node it dials, empty for the hub
     * @param place where its node runs
     */
    public record Office(String code, String parent, Place place) {
        /** With its node on the loopback address. */
        public Office(String code, String parent) {
            this(code, parent, Place.local());
        }
    }

    /** Told about each node that has joined, in the thread that joined it. */
    public interface Joined {
        void node(LabNode node) throws IOException;
    }

    /**
     * Invites the offices one after the other, for the authority has one folder; each joins as soon as it holds its invitation, beside the others.
     * Comes back when all have joined.
     */
    public void joinAll(List<Office> offices, List<String> jvmOptions, Joined joined)
            throws IOException, InterruptedException {
        ExecutorService joining = Executors.newFixedThreadPool(offices.size());
        try {
            List<Future<LabNode>> all = new ArrayList<>();
            for (Office office : offices) {
                Callable<LabNode> join = invite(office, jvmOptions);
                all.add(joining.submit(() -> {
                    LabNode node = join.call();
                    joined.node(node);
                    return node;
                }));
            }
            for (Future<LabNode> one : all) {
                LabNode unused = one.get();
            }
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            throw new LabFailed(String.valueOf(cause == null ? failed.getMessage() : cause.getMessage()), failed);
        } finally {
            List<Runnable> unused = joining.shutdownNow();
        }
    }

    /**
     * Invites an office and has it join in its own data folder.
     *
     * @param parent code of the node it dials, empty for the hub
     * @param jvmOptions of its process
     */
    public LabNode join(String code, String parent, List<String> jvmOptions) throws IOException, InterruptedException {
        return join(new Office(code, parent), jvmOptions);
    }

    /** Likewise, with its node where the office says. */
    public LabNode join(Office office, List<String> jvmOptions) throws IOException, InterruptedException {
        try {
            return invite(office, jvmOptions).call();
        } catch (IOException | InterruptedException | RuntimeException thrown) {
            throw thrown;
        } catch (Exception never) {
            throw new LabFailed(String.valueOf(never.getMessage()), never);
        }
    }

    private Callable<LabNode> invite(Office office, List<String> jvmOptions) throws IOException, InterruptedException {
        String code = office.code();
        Path invitation = folder.resolve(code + ".invitation");
        // An office that has lost its disk gets a new one; the old one is used up.
        Files.deleteIfExists(invitation);
        List<String> invite = new ArrayList<>(List.of(
                "invite",
                code,
                "--dir",
                folder.resolve("authority").toString(),
                "--passphrase-file",
                passphrase.toString(),
                "--out",
                invitation.toString()));
        if (!office.parent().isEmpty()) {
            invite.addAll(List.of("--dial", office.place().dial() + ":" + port(office.parent())));
        }
        Commands.Answer invited = commands.must(invite.toArray(String[]::new));
        Path codeFile = secret(folder.resolve(code + ".code"), invited.text("code"));
        return () -> join(office, invitation, codeFile, jvmOptions);
    }

    private LabNode join(Office office, Path invitation, Path codeFile, List<String> jvmOptions)
            throws IOException, InterruptedException {
        String code = office.code();
        Path data = places.apply(code, folder.resolve("nodes").resolve(code));
        Path wordsFile = secret(folder.resolve(code + ".words"), words);
        Commands.Answer unused = commands.must(
                "join",
                invitation.toString(),
                "--data",
                data.toString(),
                "--code-file",
                codeFile.toString(),
                "--fingerprint-file",
                wordsFile.toString(),
                "--listen",
                office.place().listen() + ":" + port(code));
        Files.delete(codeFile);
        Files.delete(wordsFile);
        LabNode node =
                new LabNode(code, data, folder.resolve("logs").resolve(code), office.place(), port(code), jvmOptions);
        nodes.put(code, node);
        return node;
    }

    /** A port nobody listens on now; the same for one office always. */
    private synchronized int port(String code) throws IOException {
        Integer known = ports.get(code);
        if (known != null) {
            return known;
        }
        int port = FreePort.take();
        ports.put(code, port);
        return port;
    }

    public LabNode node(String code) {
        LabNode node = nodes.get(code);
        if (node == null) {
            throw new LabFailed(code + " has not joined");
        }
        return node;
    }

    /** Those that have joined, by code. */
    public List<LabNode> nodes() {
        return List.copyOf(nodes.values());
    }

    /** Stops every node in order, all at once. */
    @Override
    public void close() {
        nodes.values().parallelStream().forEach(LabNode::close);
    }
}
