package lienthong.gateway.lab.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One terminal: a bash that is given what a reader of a page would type. Whatever it started is ended with it. Needs the launcher's build, which
 * the package phase has made.
 */
final class Shell implements AutoCloseable {
    private static final String MARK = "@@ended ";

    private final Process bash;
    private final BufferedReader out;
    private final ExecutorService reader = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "terminal");
        thread.setDaemon(true);
        return thread;
    });

    private Shell(Process bash) {
        this.bash = bash;
        this.out = new BufferedReader(new InputStreamReader(bash.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The checkout. */
    static Path root() {
        return Path.of(System.getProperty("lienthong.root")).toAbsolutePath().normalize();
    }

    /** @param home stands for the reader's home folder, empty */
    static Shell at(Path folder, Path home) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", "--noprofile", "--norc")
                .directory(folder.toFile())
                .redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("LC_") || name.startsWith("LIENTHONG_"));
        environment.put("HOME", home.toString());
        environment.put("LANG", "C.UTF-8");
        environment.put("TZ", "Asia/Ho_Chi_Minh");
        Path java = Path.of(System.getProperty("java.home"));
        environment.put("JAVA_HOME", java.toString());
        environment.merge("PATH", java.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        return new Shell(builder.start());
    }

    /** What the commands printed, and the exit code of the last one. */
    record Said(String text, int code) {}

    Said type(String commands, Duration atMost) throws IOException, InterruptedException {
        OutputStream in = bash.getOutputStream();
        in.write((commands + "\nprintf '\\n" + MARK + "%s\\n' $?\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        try {
            return reader.submit(this::listen).get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw new AssertionError("not done within " + atMost + ":\n" + commands, slow);
        } catch (ExecutionException failed) {
            throw new AssertionError(commands, failed.getCause());
        }
    }

    private Said listen() {
        StringBuilder text = new StringBuilder();
        try {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(MARK)) {
                    return new Said(
                            text.toString().strip(),
                            Integer.parseInt(line.substring(MARK.length()).strip()));
                }
                text.append(line).append('\n');
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        throw new AssertionError("the shell ended after: " + text);
    }

    /** Ends it and all it has started. */
    @Override
    public void close() {
        bash.descendants().forEach(ProcessHandle::destroyForcibly);
        bash.destroyForcibly();
        Process ended =
                bash.onExit().completeOnTimeout(bash, 20, TimeUnit.SECONDS).join();
        assertThat(ended.isAlive()).isFalse();
        reader.shutdownNow();
    }
}
