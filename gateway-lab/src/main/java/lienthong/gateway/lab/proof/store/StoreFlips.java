package lienthong.gateway.lab.proof.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.Damage;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.log.LogMessageStore;

/**
 * One to eight bits of a store at rest are other than they were written; it is opened again. At most the record that was hit may be missing, and
 * what is missing must have been said: never a value of other bytes, never silence.
 */
public final class StoreFlips {
    private static final int STEPS = 200;
    private static final int BITS_MAX = 8;
    private static final int HEADER_BYTES = 4096;

    private StoreFlips() {}

    /**
     * What came of it.
     *
     * @param struck flips made
     * @param said of each that did not end as it must, with the place
     */
    public record Outcome(long struck, List<String> said) {
        public Outcome {
            said = List.copyOf(said);
        }
    }

    /**
     * Flips so often, each time in a fresh copy of one life's folder.
     *
     * @param folder new or empty
     */
    public static Outcome run(long seed, long flips, Path folder)
            throws IOException, InterruptedException, ExecutionException {
        Path base = Files.createDirectories(folder.resolve("base"));
        Path ledger = folder.resolve(StoreLifeMain.LEDGER);
        int code = StoreLifeMain.live(seed, STEPS, base, ledger);
        if (code != 0) {
            throw new IOException("the life ended with " + code + " before anything was flipped");
        }
        List<Path> files;
        try (Stream<Path> tree = Files.walk(base)) {
            files = tree.filter(file -> Files.isRegularFile(file) && isData(base.relativize(file)))
                    .sorted()
                    .toList();
        }
        NavigableMap<Long, Life.Step> held = Life.heldAfter(seed, STEPS);
        Random random = new Random(seed);
        List<String> said = new ArrayList<>();
        for (long n = 1; n <= flips; n++) {
            Path copy = folder.resolve("copy");
            copy(base, copy);
            Path file = copy.resolve(base.relativize(files.get(random.nextInt(files.size()))));
            Flip flip = Flip.draw(file, random);
            flip.strike();
            Optional<String> wrong = judge(copy, flip, held);
            String place = "seed " + seed + " flip " + n + ", " + copy.relativize(file) + " at " + flip.at() + ": ";
            wrong.ifPresent(why -> said.add(place + why));
            remove(copy);
        }
        return new Outcome(flips, said);
    }

    /** What holds data; the lock and the process id of whoever holds it say nothing of messages. */
    private static boolean isData(Path file) {
        return file.getNameCount() > 1 || file.toString().equals("store.txt");
    }

    /** Some bits of two neighbouring bytes, the mask's lower byte first. */
    private record Flip(Path file, long at, int mask) {
        static Flip draw(Path file, Random random) throws IOException {
            int mask = 0;
            for (int bits = 1 + random.nextInt(BITS_MAX); bits > 0; bits--) {
                mask |= 1 << random.nextInt(Short.SIZE);
            }
            return new Flip(file, (long) (random.nextDouble() * Math.max(1, Files.size(file) - Short.BYTES)), mask);
        }

        void strike() throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            for (int i = 0; i < Short.BYTES && at + i < bytes.length; i++) {
                bytes[(int) at + i] ^= (byte) (mask >>> 8 * i);
            }
            Files.write(file, bytes);
        }
    }

    private static Optional<String> judge(Path data, Flip flip, NavigableMap<Long, Life.Step> held) {
        Heard heard = new Heard();
        try (RealLoop loop = StoreFolder.loop()) {
            Result<LogMessageStore> opened = StoreFolder.open(data, loop, heard);
            if (!opened.isOk()) {
                // A segment whose header is gone may belong to anybody: the store asks a person instead of guessing.
                boolean header =
                        flip.at() < HEADER_BYTES && flip.file().toString().endsWith(".log");
                return header && opened.refusal().reason() == ErrorCode.STORE_UNREADABLE
                        ? Optional.empty()
                        : Optional.of("does not open: " + opened.refusal());
            }
            try (LogMessageStore store = opened.orBug()) {
                NavigableMap<Long, Bytes> found = new TreeMap<>();
                store.forEach(StoreFolder.KIND, found::put);
                return compare(store, found, held, heard);
            }
        } catch (RuntimeException thrown) {
            // Damage on a disk is nothing that may surprise a store.
            return Optional.of("threw " + thrown);
        }
    }

    private static Optional<String> compare(
            LogMessageStore store, NavigableMap<Long, Bytes> found, NavigableMap<Long, Life.Step> held, Heard heard) {
        TreeSet<Long> other = new TreeSet<>();
        for (long key : held.keySet()) {
            Bytes value = found.get(key);
            Life.Step step = held.get(key);
            if (value == null || step == null) {
                other.add(key);
            } else if (Life.Step.numberOf(value) != step.number()) {
                other.add(key);
            } else if (!step.isValue(value)) {
                return Optional.of("key " + key + " holds other bytes than were put");
            } else if (step.spoolLength() > 0) {
                Optional<String> wrong = StoreJudge.spooled(store, step, new SpoolId(Life.Step.spoolId(value)));
                if (wrong.isPresent() && wrong.get().contains("holds other bytes")) {
                    // The ciphertext's own tree finds that before anything is opened; the store does not hash payloads.
                    heard.said.add("payload");
                } else if (wrong.isPresent() && heard.said.isEmpty()) {
                    return Optional.of("nothing was said of: " + wrong.get());
                }
            }
        }
        for (long key : found.keySet()) {
            if (!held.containsKey(key)) {
                other.add(key);
            }
        }
        if (other.size() > 1) {
            return Optional.of("one place was hit and keys " + other + " are others; said: " + heard.said);
        }
        if (other.size() == 1 && heard.said.isEmpty()) {
            return Optional.of("nothing was said of key " + other.first());
        }
        return Optional.empty();
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> all;
        try (Stream<Path> tree = Files.walk(from)) {
            all = tree.toList();
        }
        for (Path one : all) {
            Path target = to.resolve(from.relativize(one).toString());
            if (Files.isDirectory(one)) {
                Files.createDirectories(target);
            } else {
                Files.copy(one, target);
            }
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path one : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        } catch (IOException stuck) {
            throw new UncheckedIOException(stuck);
        }
    }

    /** What the store said. */
    private static final class Heard implements StoreEvents {
        private final ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();

        @Override
        public void failed(ErrorCode reason, String detail) {
            said.add(reason + " " + detail);
        }

        @Override
        public void recordDamaged(Damage damage) {
            said.add("damaged " + damage);
        }

        @Override
        public void spoolMissing(SpoolId id, Kind kind, long key) {
            said.add("spool file of " + key + " is missing");
        }

        @Override
        public void spoolOrphans(int files, long bytes) {}

        @Override
        public void segmentMissing(long segment) {
            said.add("segment " + segment + " is missing");
        }

        @Override
        public void rebuilding(String what, String why) {}
    }
}
