package lienthong.gateway.lab.proof.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.environment.RealLoop;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Result;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;
import lienthong.gateway.store.StoreEvents;
import lienthong.gateway.store.log.LogMessageStore;

/**
 * Opens what a struck life left and says what is wrong: the store must hold exactly what stood after some step, not before the last that was
 * {@code done} and not after the last that was {@code tried}; every value and spool file bit for bit; and it must live on from there.
 */
final class StoreJudge {
    private static final int FURTHER_STEPS = 3;

    private StoreJudge() {}

    /** What the ledger says. */
    private record Ledger(long seed, long tried, long done) {
        static Ledger read(Path file) throws IOException {
            long seed = 0;
            long tried = 0;
            long done = 0;
            if (Files.exists(file)) {
                String text = Files.readString(file, StandardCharsets.UTF_8);
                // A last line without its end is what a killed writer leaves.
                for (String line :
                        text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                    String[] words = line.split(" ", -1);
                    long number = Long.parseLong(words[1]);
                    switch (words[0]) {
                        case "seed" -> seed = number;
                        case "tried" -> tried = Math.max(tried, number);
                        case "done" -> done = Math.max(done, number);
                        default -> throw new IOException("a ledger line says " + line);
                    }
                }
            }
            return new Ledger(seed, tried, done);
        }
    }

    private static Ledger read(Path file) {
        try {
            return Ledger.read(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Empty when all is well. */
    static Optional<String> judge(Path data, Path ledgerFolder) {
        Ledger ledger = read(ledgerFolder.resolve(StoreLifeMain.LEDGER));
        try (RealLoop loop = StoreFolder.loop()) {
            Result<LogMessageStore> opened = StoreFolder.open(data, loop, StoreEvents.IGNORED);
            if (!opened.isOk()) {
                return Optional.of("does not open: " + opened.refusal());
            }
            long at;
            try (LogMessageStore store = opened.orBug()) {
                NavigableMap<Long, Bytes> found = all(store);
                Optional<Long> step = stepOf(found, ledger);
                if (step.isEmpty()) {
                    return Optional.of(difference(found, ledger));
                }
                at = step.get();
                Optional<String> wrong = values(store, found, Life.heldAfter(ledger.seed(), at));
                if (wrong.isPresent()) {
                    return wrong;
                }
                Optional<String> stuck = liveOn(store, ledger.seed(), at);
                if (stuck.isPresent()) {
                    return stuck;
                }
            }
            Result<LogMessageStore> again = StoreFolder.open(data, loop, StoreEvents.IGNORED);
            if (!again.isOk()) {
                return Optional.of("does not open a second time: " + again.refusal());
            }
            try (LogMessageStore store = again.orBug()) {
                return values(store, all(store), Life.heldAfter(ledger.seed(), at + FURTHER_STEPS))
                        .map(why -> "after living on: " + why);
            }
        }
    }

    private static NavigableMap<Long, Bytes> all(MessageStore store) {
        NavigableMap<Long, Bytes> found = new TreeMap<>();
        store.forEach(StoreFolder.KIND, found::put);
        return found;
    }

    /** After which step exactly these keys were held, put by these steps. */
    private static Optional<Long> stepOf(NavigableMap<Long, Bytes> found, Ledger ledger) {
        TreeMap<Long, Long> puts = new TreeMap<>();
        found.forEach((key, value) -> puts.put(key, Life.Step.numberOf(value)));
        Life life = new Life(ledger.seed());
        while (life.last() < ledger.done()) {
            Life.Step unused = life.next();
        }
        while (true) {
            TreeMap<Long, Long> held = new TreeMap<>();
            life.held().forEach((key, step) -> held.put(key, step.number()));
            if (held.equals(puts)) {
                return Optional.of(life.last());
            }
            if (life.last() >= ledger.tried()) {
                return Optional.empty();
            }
            Life.Step unused = life.next();
        }
    }

    private static String difference(NavigableMap<Long, Bytes> found, Ledger ledger) {
        NavigableMap<Long, Life.Step> held = Life.heldAfter(ledger.seed(), ledger.done());
        List<String> differences = new ArrayList<>();
        held.forEach((key, step) -> {
            Bytes value = found.get(key);
            if (value == null) {
                differences.add("key " + key + " of step " + step.number() + " is missing");
            } else if (Life.Step.numberOf(value) != step.number()) {
                differences.add(
                        "key " + key + " is of step " + Life.Step.numberOf(value) + " and not of " + step.number());
            }
        });
        found.keySet().stream()
                .filter(key -> !held.containsKey(key))
                .forEach(key -> differences.add("key " + key + " should not be there"));
        return "holds what stood after no step from " + ledger.done() + " to " + ledger.tried() + "; against step "
                + ledger.done() + ": " + String.join(", ", differences.subList(0, Math.min(5, differences.size())));
    }

    private static Optional<String> values(
            MessageStore store, NavigableMap<Long, Bytes> found, NavigableMap<Long, Life.Step> held) {
        if (!found.keySet().equals(held.keySet())) {
            return Optional.of("holds keys " + found.keySet() + " instead of " + held.keySet());
        }
        for (Map.Entry<Long, Life.Step> entry : held.entrySet()) {
            Life.Step step = entry.getValue();
            Bytes value = found.getOrDefault(entry.getKey(), Bytes.empty());
            if (!step.isValue(value)) {
                return Optional.of("key " + entry.getKey() + " holds other bytes than step " + step.number() + " put");
            }
            if (!Optional.of(value).equals(store.read(StoreFolder.KIND, entry.getKey()))) {
                return Optional.of("key " + entry.getKey() + " reads otherwise than it was shown at the start");
            }
            if (step.spoolLength() > 0) {
                Optional<String> wrong = spooled(store, step, new SpoolId(Life.Step.spoolId(value)));
                if (wrong.isPresent()) {
                    return wrong;
                }
            }
        }
        return Optional.empty();
    }

    static Optional<String> spooled(MessageStore store, Life.Step step, SpoolId id) {
        Result<Spool.Reader> opened = store.spool().open(id);
        if (!opened.isOk()) {
            return Optional.of("spool file of step " + step.number() + ": " + opened.refusal());
        }
        try (Spool.Reader reader = opened.orBug()) {
            byte[] wanted = step.spooled();
            if (reader.size() != wanted.length) {
                return Optional.of("spool file of step " + step.number() + " has " + reader.size() + " bytes");
            }
            ByteBuffer bytes = ByteBuffer.allocate(wanted.length);
            while (bytes.hasRemaining()) {
                Result<Integer> more = reader.read(bytes.position(), bytes);
                if (!more.isOk() || more.orBug() == 0) {
                    return Optional.of("spool file of step " + step.number() + " ends at " + bytes.position());
                }
            }
            return java.util.Arrays.equals(bytes.array(), wanted)
                    ? Optional.empty()
                    : Optional.of("spool file of step " + step.number() + " holds other bytes");
        }
    }

    private static Optional<String> liveOn(MessageStore store, long seed, long from) {
        Life life = new Life(seed);
        while (life.last() < from) {
            Life.Step unused = life.next();
        }
        CountDownLatch durable = new CountDownLatch(FURTHER_STEPS);
        for (int i = 0; i < FURTHER_STEPS; i++) {
            Result<Long> taken = StoreFolder.perform(store, life.next(), durable::countDown);
            if (!taken.isOk()) {
                return Optional.of("takes nothing more: " + taken.refusal());
            }
        }
        try {
            return durable.await(30, TimeUnit.SECONDS) ? Optional.empty() : Optional.of("makes nothing more durable");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }
}
