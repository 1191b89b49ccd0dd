package lienthong.gateway.lab.proof.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import lienthong.gateway.message.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Judges disks that faults have left. With {@code --serve}: lines {@code DATA TAB LEDGER} on standard input, an answer each, {@code ok} or what
 * is wrong. Without: {@code $PROOF_DATA} and {@code $PROOF_LEDGER} once; exit code 0 when all is well. An end of the life by itself must be
 * one of the store's own exit codes.
 */
public final class StoreJudgeMain {
    /** 128 and SIGKILL. */
    private static final int KILLED = 137;

    private StoreJudgeMain() {}

    @SuppressWarnings({"SystemExitOutsideMain", "SystemOut"}) // the process is this class
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1 && arguments[0].equals("--serve")) {
            serve();
            System.exit(0);
        }
        Optional<String> wrong = ending(
                        System.getenv("PROOF_EXIT"), System.getenv("PROOF_CALL"), System.getenv("PROOF_HIT"))
                .or(() ->
                        StoreJudge.judge(Path.of(System.getenv("PROOF_DATA")), Path.of(System.getenv("PROOF_LEDGER"))));
        wrong.ifPresent(why -> System.out.println(oneLine(why)));
        System.exit(wrong.isEmpty() ? 0 : 1);
    }

    /** What is wrong with how the life ended: a code that is none of the product's, or success although an fsync had failed. */
    static Optional<String> ending(@Nullable String exit, @Nullable String call, @Nullable String hit) {
        if (exit == null || !"1".equals(hit)) {
            return Optional.empty();
        }
        int code = Integer.parseInt(exit);
        boolean synced = "fsync".equals(call) || "fdatasync".equals(call);
        if (code == 0) {
            return synced ? Optional.of("went on after " + call + " had failed") : Optional.empty();
        }
        boolean ours = code == KILLED || Stream.of(ErrorCode.values()).anyMatch(known -> known.exitCode() == code);
        return ours ? Optional.empty() : Optional.of("ended with " + code + ", which is no code of the product");
    }

    @SuppressWarnings("SystemOut")
    private static void serve() throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] folders = line.split("\t", -1);
            Optional<String> wrong;
            try {
                wrong = StoreJudge.judge(Path.of(folders[0]), Path.of(folders[1]));
            } catch (RuntimeException thrown) {
                wrong = Optional.of("threw " + thrown);
            }
            System.out.println(wrong.map(StoreJudgeMain::oneLine).orElse("ok"));
            System.out.flush();
        }
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
