package lienthong.gateway.lab.process;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A child JVM with the lab's own class path. Its output goes to files. Children still alive when the lab ends are ended with it; no other
 * process is ever signalled.
 */
public final class JavaProcess implements AutoCloseable {
    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();

    private static volatile boolean ending;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(JavaProcess::endAll, "end-children"));
    }

    private final Process process;
    private final Path out;
    private final Path err;

    private JavaProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts {@code mainClass} by itself. */
    public static JavaProcess start(
            String mainClass,
            List<String> jvmOptions,
            List<String> arguments,
            Map<String, String> environment,
            Path logBase)
            throws IOException {
        return start(List.of(), List.of(), mainClass, jvmOptions, arguments, environment, logBase);
    }

    /**
     * Starts {@code mainClass}.
     *
     * @param tracer words before the JVM's, such as those of strace; empty for none. It must leave the JVM the process id.
     * @param beside folders whose jars come behind the lab's own class path, as the launcher's {@code providers/}
     * @param jvmOptions such as {@code -Xmx96m}
     * @param environment added to the lab's own
     * @param logBase output goes to {@code logBase.out} and {@code logBase.err}, appended
     */
    public static JavaProcess start(
            List<String> tracer,
            List<Path> beside,
            String mainClass,
            List<String> jvmOptions,
            List<String> arguments,
            Map<String, String> environment,
            Path logBase)
            throws IOException {
        return start(tracer, List.of(), beside, mainClass, jvmOptions, arguments, environment, logBase);
    }

    /**
     * Likewise.
     *
     * @param before folders of classes that hide the lab's own
     */
    public static JavaProcess start(
            List<String> tracer,
            List<Path> before,
            List<Path> beside,
            String mainClass,
            List<String> jvmOptions,
            List<String> arguments,
            Map<String, String> environment,
            Path logBase)
            throws IOException {
        List<String> command = new ArrayList<>(tracer);
        command.addAll(command(before, beside, mainClass, jvmOptions, arguments));
        JavaProcess started = start(command, environment, logBase);
        started.endInput();
        return started;
    }

    /** As {@link #start(List, List, String, List, List, Map, Path)}; the process's standard input stays open until {@link #endInput}. */
    public static JavaProcess startListening(
            List<String> tracer,
            List<Path> beside,
            String mainClass,
            List<String> jvmOptions,
            List<String> arguments,
            Map<String, String> environment,
            Path logBase)
            throws IOException {
        List<String> command = new ArrayList<>(tracer);
        command.addAll(command(List.of(), beside, mainClass, jvmOptions, arguments));
        return start(command, environment, logBase);
    }

    private static JavaProcess start(List<String> command, Map<String, String> environment, Path logBase)
            throws IOException {
        Path out = Path.of(logBase + ".out");
        Path err = Path.of(logBase + ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()));
        builder.environment().putAll(environment);
        builder.environment().remove("LIENTHONG_DATA");
        Process process;
        synchronized (ALIVE) {
            if (ending) {
                throw new IOException("the lab is ending");
            }
            process = builder.start();
            ALIVE.add(process);
        }
        return new JavaProcess(process, out, err);
    }

    /** The words that start {@code mainClass} with the lab's own class path, for a tool that starts it itself. */
    public static List<String> command(String mainClass, List<String> jvmOptions, List<String> arguments) {
        return command(List.of(), List.of(), mainClass, jvmOptions, arguments);
    }

    /**
     * Likewise.
     *
     * @param before folders of classes that hide the lab's own
     */
    public static List<String> command(
            List<Path> before, String mainClass, List<String> jvmOptions, List<String> arguments) {
        return command(before, List.of(), mainClass, jvmOptions, arguments);
    }

    private static List<String> command(
            List<Path> before, List<Path> beside, String mainClass, List<String> jvmOptions, List<String> arguments) {
        StringBuilder classPath = new StringBuilder();
        before.forEach(folder -> classPath.append(folder).append(File.pathSeparatorChar));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.add("-Dfile.encoding=UTF-8");
        command.add("-cp");
        classPath.append(System.getProperty("java.class.path"));
        beside.forEach(folder -> classPath.append(File.pathSeparatorChar).append(folder.resolve("*")));
        command.add(classPath.toString());
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }

    /** Ends every child by force and waits until they are gone; none is started after this. For the end of the lab itself. */
    public static void endAll() {
        List<Process> children;
        synchronized (ALIVE) {
            ending = true;
            children = List.copyOf(ALIVE);
        }
        children.forEach(Process::destroyForcibly);
        for (Process child : children) {
            boolean unused = gone(child);
        }
    }

    private static boolean gone(Process child) {
        try {
            return child.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Says a line on the process's standard input. */
    public void say(String line) throws IOException {
        OutputStream input = process.getOutputStream();
        input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
    }

    /** Ends the process's standard input. */
    public void endInput() throws IOException {
        process.getOutputStream().close();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Exit code of a process that has ended within {@code bound}; a process still running then is an {@link IllegalStateException}. */
    public int await(Duration bound) throws InterruptedException {
        if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(
                    "process " + pid() + " still runs after " + bound.toSeconds() + " s; see " + err);
        }
        ALIVE.remove(process);
        return process.exitValue();
    }

    /** Exit code; empty when the process still runs after {@code bound}. */
    public OptionalInt awaitEnd(Duration bound) throws InterruptedException {
        if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
            return OptionalInt.empty();
        }
        ALIVE.remove(process);
        return OptionalInt.of(process.exitValue());
    }

    /** SIGKILL, as a power cut would come; returns when the process is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
        ALIVE.remove(process);
    }

    /** SIGTERM; the process ends in its own order. */
    public void terminate() {
        process.destroy();
    }

    public String standardOutput() {
        return read(out);
    }

    public String standardError() {
        return read(err);
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the process in order, by force after ten seconds. */
    @Override
    public void close() {
        terminate();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        ALIVE.remove(process);
    }
}
