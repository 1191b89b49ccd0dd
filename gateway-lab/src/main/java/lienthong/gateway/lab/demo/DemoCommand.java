package lienthong.gateway.lab.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import lienthong.gateway.lab.LabOptions;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.process.JavaProcess;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/** {@code demo [--keep DIR] [--json] [--lang vi|en]}. */
public final class DemoCommand {
    /** A promise did not hold; which one stands in the last sentence and in the JSON. Numbered errors end with 64 and more. */
    static final int BROKEN = 1;

    /** Four copies of a large file on their way, and what the nodes keep free. */
    private static final long DISK_BYTES = 3L * 1024 * 1024 * 1024;

    /** Of a Unix socket, by the kernel: 108 with its end. */
    private static final int SOCKET_PATH_BYTES_MAX = 107;

    private final LabOptions options;
    private final PrintStream out;
    private final PrintStream err;
    private final Story story;

    private DemoCommand(LabOptions options, PrintStream out, PrintStream err) {
        this.options = options;
        this.out = out;
        this.err = err;
        this.story = new Story(options.isJson() ? err : out, options.texts(), System::nanoTime);
    }

    /** Runs and gives the exit code: 0 when every promise held. */
    @SuppressWarnings("SystemOut") // this is a command
    public static int run(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        Optional<LabOptions> parsed = LabOptions.parse(arguments, out, err, "keep");
        if (parsed.isEmpty()) {
            return ErrorCode.USAGE.exitCode();
        }
        LabOptions options = parsed.get();
        if (options.isHelp()) {
            return options.help(out, err, options.texts().text("demo.help"));
        }
        DemoCommand command = new DemoCommand(options, out, err);
        if (!options.words().isEmpty()) {
            return command.refuse(
                    ErrorCode.USAGE, Detail.of("demo {0}", options.words().get(0)));
        }
        try {
            Path folder = options.folder("demo");
            return command.play(folder);
        } catch (LabFailed unfit) {
            return command.refuse(ErrorCode.OUTPUT_EXISTS, Detail.technical(unfit));
        } catch (IOException dead) {
            return command.refuse(ErrorCode.WRITE_FAILED, Detail.technical(dead));
        }
    }

    private int refuse(ErrorCode reason, Detail about) {
        return options.refuse(out, err, Refusal.of(reason, about));
    }

    private int play(Path folder) throws IOException {
        int socket = folder.resolve("province/nodes/A08.01.20/run/api.sock")
                .toString()
                .getBytes(StandardCharsets.UTF_8)
                .length;
        if (socket > SOCKET_PATH_BYTES_MAX) {
            options.tidy(folder);
            return refuse(
                    ErrorCode.PATH_TOO_LONG,
                    Detail.of("{0}", options.texts().text("demo.path", folder, socket - SOCKET_PATH_BYTES_MAX)));
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < DISK_BYTES) {
            options.tidy(folder);
            return refuse(
                    ErrorCode.DISK_LOW,
                    Detail.of("{0}", options.texts().text("demo.disk", folder, DISK_BYTES >> 30, free / (1 << 20))));
        }
        AtomicBoolean over = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> broken(folder, over), "demo-tidy"));
        tell(folder);
        try {
            options.tidy(folder);
        } catch (IOException left) {
            story.say("demo.not-tidy", folder, String.valueOf(left.getMessage()));
        }
        if (over.getAndSet(true)) {
            return BROKEN;
        }
        if (options.isKept()) {
            story.say("demo.kept", folder);
        }
        story.summary();
        if (options.isJson()) {
            out.println(story.json());
        }
        return story.allHeld() ? 0 : BROKEN;
    }

    private void tell(Path folder) {
        LabTexts texts = options.texts();
        Path document = LabOptions.home().resolve("samples").resolve("cong-van.pdf");
        try {
            new Demo(story, texts, folder, options.networkFile(), document).run();
        } catch (LabFailed | IOException failed) {
            story.say("demo.stopped", String.valueOf(failed.getMessage()));
            story.promise(Promise.RAN_TO_THE_END, false);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            story.promise(Promise.RAN_TO_THE_END, false);
        }
    }

    /** Ctrl-C or SIGTERM: no process and, unless it is kept, no file stays behind. */
    private void broken(Path folder, AtomicBoolean over) {
        if (over.getAndSet(true)) {
            return;
        }
        story.silence();
        JavaProcess.endAll();
        try {
            options.tidy(folder);
            err.println("lienthong: "
                    + options.texts().text(options.isKept() ? "demo.broken-off-kept" : "demo.broken-off", folder));
        } catch (IOException left) {
            err.println(
                    "lienthong: " + options.texts().text("demo.not-tidy", folder, String.valueOf(left.getMessage())));
        }
    }
}
