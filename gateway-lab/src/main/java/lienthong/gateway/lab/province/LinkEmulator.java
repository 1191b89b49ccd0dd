package lienthong.gateway.lab.province;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A bad link between two network namespaces of its own, {@code proof/tools/linkemu} as a child process that obeys lines on its standard input. It
 * takes everything it made away when that input ends, and so also when the lab ends. Used by one thread.
 */
public final class LinkEmulator implements AutoCloseable {
    /** {@code EX_UNAVAILABLE} of sysexits.h. */
    private static final int UNAVAILABLE = 69;

    private static final Duration END_BOUND = Duration.ofSeconds(10);

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;
    private final Map<String, String> made;

    private LinkEmulator(Process process, BufferedReader out, BufferedWriter in, Map<String, String> made) {
        this.process = process;
        this.out = out;
        this.in = in;
        this.made = Map.copyOf(made);
    }

    /** One of the two ends. */
    public enum End {
        A("a"),
        B("b");

        private final String word;

        End(String word) {
            this.word = word;
        }

        /** As the orders say it, for what goes from this end to the other. */
        public String outward() {
            return this == A ? "ab" : "ba";
        }
    }

    /** What a link became, or why there is none. */
    public record Made(Optional<LinkEmulator> link, String unavailable) {}

    /**
     * Makes the link.
     *
     * @param home the checkout
     * @param number of the link, 0 to 255: third number of its addresses
     * @param other a link whose end B is this one's end B too
     * @return without a link where this machine or this user cannot: the reason
     */
    public static Made start(Path home, int number, Optional<LinkEmulator> other, long seed)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                home.resolve("proof").resolve("tools").resolve("linkemu").toString(),
                "--hold",
                "--control",
                "--net",
                Integer.toString(number),
                "--seed",
                Long.toString(seed)));
        other.ifPresent(link -> command.addAll(List.of("--ns-b", link.namespace(End.B))));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        BufferedWriter in =
                new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        String line = String.valueOf(out.readLine());
        if (!line.startsWith("ready ")) {
            in.close();
            int code = process.waitFor();
            if (code == UNAVAILABLE) {
                return new Made(Optional.empty(), line);
            }
            throw new IOException("linkemu ended with " + code + ": " + line);
        }
        Map<String, String> made = new HashMap<>();
        for (String word : line.substring("ready ".length()).split(" ", -1)) {
            String[] split = word.split("=", 2);
            made.put(split[0], split[1]);
        }
        return new Made(Optional.of(new LinkEmulator(process, out, in, made)), "");
    }

    /** The network namespace at one end. */
    public String namespace(End end) {
        return String.valueOf(made.get("ns_" + end.word));
    }

    /** The address at one end, as the other end knows it. */
    public String address(End end) {
        return String.valueOf(made.get(end.word));
    }

    /** Words before a command that make it run at one end; the process id stays the command's. */
    public List<String> inside(End end) {
        return List.of("ip", "netns", "exec", namespace(end));
    }

    /** Gives an order, for instance {@code cut ab}; comes back when it is obeyed. */
    public void order(String words) throws IOException {
        String answer = ask(words);
        if (!answer.equals("done")) {
            throw new IOException("linkemu, told \"" + words + "\", said: " + answer);
        }
    }

    /** What has happened to packets since the start, by name, both directions together. */
    public Map<String, Long> counts() throws IOException {
        JsonObject all = JsonParser.parseString(ask("stats")).getAsJsonObject();
        Map<String, Long> sum = new HashMap<>();
        for (String way : List.of("ab", "ba")) {
            all.getAsJsonObject(way)
                    .entrySet()
                    .forEach(count -> sum.merge(count.getKey(), count.getValue().getAsLong(), Long::sum));
        }
        return sum;
    }

    private String ask(String words) throws IOException {
        in.write(words);
        in.newLine();
        in.flush();
        String answer = out.readLine();
        if (answer == null) {
            throw new IOException("linkemu has ended");
        }
        return answer;
    }

    /** Takes the link and the namespaces that it made away. */
    @Override
    public void close() {
        try {
            in.close();
            if (!process.waitFor(END_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroy();
            }
        } catch (IOException ended) {
            process.destroy();
        } catch (InterruptedException stopped) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
