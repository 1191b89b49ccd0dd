package lienthong.gateway.lab.proof;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.province.LabFailed;

/**
 * A tool of {@code proof/tools} that lives as long as the run and is steered by lines: each is answered with one, {@code ok …} or
 * {@code error …}. It unmakes all it made when its input ends, also when the lab dies. Used by one thread.
 */
final class Steered implements AutoCloseable {
    private static final String OK = "ok";
    private static final String UNAVAILABLE = "unavailable ";
    private static final int END_SECONDS = 30;

    private final String name;
    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;

    private Steered(String name, Process process) {
        this.name = name;
        this.process = process;
        this.in = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts the tool and waits until it has looked whether it can work on this machine. */
    static Means<Steered> start(Path home, String name, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(home.resolve("proof").resolve("tools").resolve(name).toString()));
        command.addAll(arguments);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException absent) {
            return new Means.Missing<>("python3: " + absent.getMessage());
        }
        Steered tool = new Steered(name, process);
        String first = tool.out.readLine();
        if (first != null && first.startsWith(OK)) {
            return new Means.Here<>(tool);
        }
        tool.close();
        if (first != null && first.startsWith(UNAVAILABLE)) {
            return new Means.Missing<>(first.substring(UNAVAILABLE.length()));
        }
        throw new LabFailed(name + " does not start: " + first);
    }

    /** Says one line and gives what the tool answers; an error is a failed run. */
    String say(String line) throws IOException {
        in.write(line + "\n");
        in.flush();
        String answer = out.readLine();
        if (answer == null || !answer.startsWith(OK)) {
            throw new LabFailed(name + ": " + line + ": " + answer);
        }
        return answer.substring(OK.length()).strip();
    }

    /** Ends the tool, which unmakes first what it made. */
    @Override
    public void close() {
        try (in;
                out) {
            in.flush();
        } catch (IOException dead) {
            // It has ended before.
        }
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroy();
            }
        } catch (InterruptedException stopped) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
