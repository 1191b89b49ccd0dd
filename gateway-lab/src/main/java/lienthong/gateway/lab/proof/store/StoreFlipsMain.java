package lienthong.gateway.lab.proof.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;

/**
 * {@code SEED FLIPS FOLDER}: flips so often and prints what did not end as it must, then {@code {"cycles":N,"failed":N}}. A process of its own, so that
 * the store that is struck may be another than the lab's.
 */
public final class StoreFlipsMain {
    private StoreFlipsMain() {}

    @SuppressWarnings("SystemOut") // read by the proof
    public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
        StoreFlips.Outcome outcome =
                StoreFlips.run(Long.parseLong(arguments[0]), Long.parseLong(arguments[1]), Path.of(arguments[2]));
        outcome.said().forEach(System.out::println);
        System.out.println("{\"cycles\":" + outcome.struck() + ",\"failed\":"
                + outcome.said().size() + "}");
    }
}
