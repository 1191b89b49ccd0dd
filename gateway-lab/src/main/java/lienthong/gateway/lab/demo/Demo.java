package lienthong.gateway.lab.demo;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import lienthong.gateway.lab.LabTexts;
import lienthong.gateway.lab.forger.Forger;
import lienthong.gateway.lab.forger.Outcome;
import lienthong.gateway.lab.outside.OutsideCheck;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.province.Commands;
import lienthong.gateway.lab.province.LabFailed;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.text.Catalogue;

/** The demonstration, chapter by chapter. Everything an office does goes through the commands an office has. */
final class Demo {
    private static final String HUB = "A08";
    private static final String DISTRICT = "A08.01";
    private static final String OTHER_DISTRICT = "A08.02";
    private static final String COMMUNE = "A08.01.20";
    private static final List<Province.Office> OFFICES = List.of(
            new Province.Office(HUB, ""),
            new Province.Office(DISTRICT, HUB),
            new Province.Office(OTHER_DISTRICT, HUB),
            new Province.Office(COMMUNE, DISTRICT));

    private static final long LARGE_BYTES = 210L * 1024 * 1024;
    private static final long KILL_AT_BYTES = 64L * 1024 * 1024;
    /** Not without the second compiler, as short commands: ciphers and hashes have their machine instructions there only. */
    private static final List<String> NODE_OPTIONS = DaemonOptions.withMemory(256);

    private static final long BOUND_NANOS = TimeUnit.MINUTES.toNanos(3);
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long TRY_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final String SUBJECT = "Công văn số 36-CV/TU về gửi, nhận văn bản qua mạng";
    private static final String LARGE_SUBJECT = "Bản đồ số toàn tỉnh";

    private final Story story;
    private final LabTexts texts;
    private final Path folder;
    private final Path networkFile;
    private final Path document;
    private final Path large;
    private final ExecutorService aside = Executors.newFixedThreadPool(4, task -> {
        Thread thread = new Thread(task, "demo-aside");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param folder empty
     * @param networkFile the offices
     * @param document what the commune sends
     */
    Demo(Story story, LabTexts texts, Path folder, Path networkFile, Path document) {
        this.story = story;
        this.texts = texts;
        this.folder = folder;
        this.networkFile = networkFile;
        this.document = document;
        this.large = folder.resolve("ban-do-so.bin");
    }

    /** Plays all chapters; a {@link LabFailed} when one cannot be played. */
    void run() throws IOException, InterruptedException {
        Future<String> generated = aside.submit(() -> generate(large));
        story.chapter("demo.chapter.join");
        try (Province province = Province.create(folder.resolve("province"), networkFile, texts.language())) {
            join(province);
            String id = sendDocument(province);
            receiveDocument(province, id);
            track(province, id);
            String largeHash = get(generated);
            Plaintext plaintext = Plaintext.of(
                    List.of(document, large),
                    SUBJECT,
                    LARGE_SUBJECT,
                    String.valueOf(document.getFileName()),
                    String.valueOf(large.getFileName()));
            largeTransfer(province, largeHash, plaintext);
            relaysCannotRead(province, plaintext);
            evidence(province, id);
            refusals(province);
            story.promise(Promise.RAN_TO_THE_END, true);
        } finally {
            List<Runnable> unused = aside.shutdownNow();
        }
    }

    private static <T> T get(Future<T> work) throws InterruptedException, IOException {
        try {
            return work.get(BOUND_NANOS, TimeUnit.NANOSECONDS);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof IOException io) {
                throw io;
            }
            if (cause instanceof LabFailed lab) {
                throw lab;
            }
            throw new LabFailed(String.valueOf(cause), failed);
        } catch (java.util.concurrent.TimeoutException late) {
            throw new LabFailed("no end within " + TimeUnit.NANOSECONDS.toSeconds(BOUND_NANOS) + " s", late);
        }
    }

    // ---- a province is founded

    private void join(Province province) throws IOException, InterruptedException {
        story.say("demo.authority", province.words());
        province.joinAll(OFFICES, NODE_OPTIONS, node -> {
            node.start();
            story.say("demo.joined", name(node.code()), node.pid());
        });
        for (LabNode node : province.nodes()) {
            var unused = node.awaitServing();
        }
        story.say("demo.serving");
    }

    private String name(String office) {
        return texts.text("office." + office) + " (" + office + ")";
    }

    // ---- a document

    private String sendDocument(Province province) throws IOException, InterruptedException {
        story.chapter("demo.chapter.document");
        Commands.Answer sent = acceptedOnceKeysAreThere(
                province,
                "send",
                document.toString(),
                "--data",
                data(province, COMMUNE),
                "--to",
                HUB + "," + OTHER_DISTRICT,
                "--precedence",
                "khan",
                "--subject",
                SUBJECT,
                "--service",
                "document");
        String id = sent.text("message_id");
        story.say("demo.accepted", id);
        return id;
    }

    /** Keys of offices that have only just joined are on their way over the links: until they come, sending is refused, with the reason. */
    private static Commands.Answer acceptedOnceKeysAreThere(Province province, String... words)
            throws IOException, InterruptedException {
        long until = System.nanoTime() + BOUND_NANOS;
        while (true) {
            Commands.Answer answer = province.commands().run(words);
            if (answer.exitCode() == 0) {
                return answer;
            }
            if (System.nanoTime() > until) {
                throw new LabFailed(answer.sentence());
            }
            LockSupport.parkNanos(TRY_EVERY_NANOS);
        }
    }

    private void receiveDocument(Province province, String id) throws IOException, InterruptedException {
        String wanted = hashOf(document);
        List<String> offices = List.of(HUB, OTHER_DISTRICT);
        List<Future<Boolean>> all = offices.stream()
                .map(office -> aside.submit(() -> received(province, office, id, wanted)))
                .toList();
        boolean intact = true;
        for (Future<Boolean> one : all) {
            intact &= get(one);
        }
        story.promise(Promise.ARRIVED_INTACT, intact);
    }

    private boolean received(Province province, String office, String id, String wanted)
            throws IOException, InterruptedException {
        Path inbox = folder.resolve("inbox-" + office);
        JsonObject message = only(receive(province, office, inbox, 1, "2m"));
        Path file = onlyFile(Path.of(text(message, "folder")));
        boolean same =
                hashOf(file).equals(wanted) && text(message, "message_id").equals(id);
        story.say(same ? "demo.received" : "demo.received-other", name(office), file.getFileName());
        return same;
    }

    private static Commands.Answer receive(Province province, String office, Path inbox, int most, String wait)
            throws IOException, InterruptedException {
        Files.createDirectories(inbox);
        return province.commands()
                .must(
                        "receive",
                        "--data",
                        data(province, office),
                        "--out",
                        inbox.toString(),
                        "--max",
                        Integer.toString(most),
                        "--wait",
                        wait);
    }

    private static JsonObject only(Commands.Answer received) {
        var messages = received.json().getAsJsonArray("messages");
        if (messages.size() != 1) {
            throw new LabFailed(messages.size() + " messages where one was due: " + received.json());
        }
        return messages.get(0).getAsJsonObject();
    }

    private static Path onlyFile(Path messageFolder) throws IOException {
        try (Stream<Path> files = Files.walk(messageFolder)) {
            List<Path> all = files.filter(Files::isRegularFile)
                    .filter(file -> !String.valueOf(file.getFileName()).equals("message.json"))
                    .toList();
            if (all.size() != 1) {
                throw new LabFailed(all.size() + " files in " + messageFolder + " where one was due");
            }
            return all.get(0);
        }
    }

    private static String hashOf(Path file) throws IOException {
        MessageDigest digest = Hash.digest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return new Hash(Bytes.ofOwned(digest.digest())).hex();
    }

    // ---- receipts

    private void track(Province province, String id) throws InterruptedException, IOException {
        story.chapter("demo.chapter.receipts");
        Commands.Answer tracked = consumed(province, id, 2);
        // With --json the words for people are on standard error.
        tracked.error().strip().lines().forEach(story::quote);
        JsonObject json = tracked.json();
        story.promise(Promise.RECEIPTS_HOME, count(json, "consumed") == 2 && count(json, "delivered") == 2);
        boolean timed = true;
        for (JsonElement event : json.getAsJsonArray("events")) {
            timed &= !text(event.getAsJsonObject(), "at").isEmpty();
        }
        story.promise(
                Promise.PATH_TRACKED,
                timed
                        && count(json, "accepted") > 0
                        && isAt(json, "custody", DISTRICT)
                        && isAt(json, "delivered", HUB)
                        && isAt(json, "delivered", OTHER_DISTRICT));
    }

    private static boolean isAt(JsonObject tracked, String state, String node) {
        for (JsonElement event : tracked.getAsJsonArray("events")) {
            JsonObject one = event.getAsJsonObject();
            if (text(one, "state").equals(state)
                    && (text(one, "node").equals(node) || text(one, "recipient").equals(node))) {
                return true;
            }
        }
        return false;
    }

    private static String text(JsonObject object, String name) {
        return object.has(name) && !object.get(name).isJsonNull()
                ? object.get(name).getAsString()
                : "";
    }

    private static Commands.Answer consumed(Province province, String id, int recipients)
            throws IOException, InterruptedException {
        long until = System.nanoTime() + BOUND_NANOS;
        while (true) {
            Commands.Answer tracked = province.commands().must("track", id, "--data", data(province, COMMUNE));
            if (count(tracked.json(), "consumed") >= recipients || System.nanoTime() > until) {
                return tracked;
            }
            LockSupport.parkNanos(TRY_EVERY_NANOS);
        }
    }

    private static long count(JsonObject tracked, String state) {
        long count = 0;
        for (JsonElement event : tracked.getAsJsonArray("events")) {
            if (text(event.getAsJsonObject(), "state").equals(state)) {
                count++;
            }
        }
        return count;
    }

    // ---- a large transfer

    private void largeTransfer(Province province, String wanted, Plaintext plaintext)
            throws IOException, InterruptedException {
        story.chapter("demo.chapter.large", megabytes(LARGE_BYTES));
        Callable<Commands.Answer> send = () -> province.commands()
                .must(
                        "send",
                        large.toString(),
                        "--data",
                        data(province, COMMUNE),
                        "--to",
                        OTHER_DISTRICT,
                        "--subject",
                        LARGE_SUBJECT,
                        "--service",
                        "document");
        Future<Commands.Answer> sending = aside.submit(send);
        Path inbox = folder.resolve("inbox-large");
        Future<Commands.Answer> receiving = aside.submit(() -> receive(province, OTHER_DISTRICT, inbox, 1, "3m"));
        LabNode hub = province.node(HUB);
        long reached = awaitPartial(hub);
        hub.kill();
        story.say("demo.killed", hub.pid(), megabytes(reached), megabytes(LARGE_BYTES));
        boolean blind = search(hub, plaintext);
        hub.start();
        var unused = hub.awaitServing();
        story.say("demo.back", hub.pid());
        String id = get(sending).text("message_id");
        boolean intact =
                hashOf(onlyFile(Path.of(text(only(get(receiving)), "folder")))).equals(wanted);
        long resumed = hub.counter("resumed_bytes");
        story.say("demo.resumed", megabytes(resumed), megabytes(LARGE_BYTES));
        story.say(intact ? "demo.large-arrived" : "demo.large-damaged", name(OTHER_DISTRICT));
        story.promise(Promise.RESUMES_AFTER_KILL, resumed > 0 && resumed <= reached && intact);
        story.promise(Promise.RECEIPTS_HOME, count(consumed(province, id, 1).json(), "consumed") == 1);
        story.promise(Promise.RELAYS_CANNOT_READ, blind);
    }

    private static long megabytes(long bytes) {
        return bytes / 1_000_000;
    }

    /** Bytes that no compression shrinks; gives their SHA-256. */
    private static String generate(Path file) throws IOException {
        Random random = new Random(20_200_903);
        byte[] piece = new byte[1 << 20];
        MessageDigest digest = Hash.digest();
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long at = 0; at < LARGE_BYTES; at += piece.length) {
                random.nextBytes(piece);
                digest.update(piece);
                out.write(piece);
            }
        }
        return new Hash(Bytes.ofOwned(digest.digest())).hex();
    }

    /** Waits until so much of the transfer lies in the hub's spool that some of it is durable; gives how much. */
    private long awaitPartial(LabNode hub) throws IOException {
        long until = System.nanoTime() + BOUND_NANOS;
        while (System.nanoTime() < until) {
            long most = largestPartial(hub.data().resolve("spool"));
            if (most >= KILL_AT_BYTES) {
                return most;
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
        throw new LabFailed(texts.text("demo.large-never"));
    }

    private static long largestPartial(Path spool) throws IOException {
        if (!Files.isDirectory(spool)) {
            return 0;
        }
        long most = 0;
        try (Stream<Path> files = Files.list(spool)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".part")).toList()) {
                most = Math.max(most, Files.size(file));
            }
        } catch (UncheckedIOException | NoSuchFileException renamedMeanwhile) {
            return most;
        }
        return most;
    }

    // ---- relays

    private void relaysCannotRead(Province province, Plaintext plaintext) throws IOException {
        story.chapter("demo.chapter.relays", plaintext.needles());
        boolean blind = search(province.node(DISTRICT), plaintext);
        blind &= search(province.node(HUB), plaintext);
        // A search that cannot find proves nothing: where the documents are, it finds them.
        Plaintext.Found control = plaintext.searchIn(folder.resolve("inbox-" + OTHER_DISTRICT));
        boolean finds = !control.hits().isEmpty();
        story.say(finds ? "demo.control" : "demo.control-blind", name(OTHER_DISTRICT));
        story.promise(Promise.RELAYS_CANNOT_READ, blind && finds);
    }

    private boolean search(LabNode relay, Plaintext plaintext) throws IOException {
        Plaintext.Found found = plaintext.searchIn(relay.data());
        if (found.hits().isEmpty()) {
            story.say("demo.nothing-found", name(relay.code()), found.files(), megabytes(found.bytes()));
        } else {
            story.say("demo.found", name(relay.code()), String.join(", ", found.hits()));
        }
        return found.hits().isEmpty() && found.files() > 0;
    }

    // ---- evidence

    private void evidence(Province province, String id) throws IOException, InterruptedException {
        story.chapter("demo.chapter.evidence");
        Path zip = folder.resolve("evidence.zip");
        Commands.Answer exported = province.commands()
                .run("evidence", "export", id, "--data", data(province, COMMUNE), "--out", zip.toString());
        if (exported.exitCode() != 0) {
            story.quote(exported.sentence());
            story.promise(Promise.EVIDENCE_VERIFIES, false);
            story.promise(Promise.ALTERED_EVIDENCE_FOUND, false);
            return;
        }
        story.say("demo.exported", zip.getFileName());
        OutsideCheck.Outcome good = OutsideCheck.run(zip, folder.resolve("evidence"), province.fingerprint());
        good.lines().forEach(story::quote);
        // The sealed content went when the last recipient had taken it; the manifest says which document it was.
        String sum = OutsideCheck.sha256sum(document);
        boolean named = Files.readAllLines(folder.resolve("evidence/message/manifest.txt")).stream()
                .anyMatch(line -> line.endsWith(" " + sum));
        story.say(named ? "demo.same-document" : "demo.other-document", document.getFileName(), sum);
        story.promise(Promise.EVIDENCE_VERIFIES, good.exitCode() == 0 && named);
        OutsideCheck.Outcome bad = OutsideCheck.runAltered(
                folder.resolve("evidence"), folder.resolve("evidence-altered"), province.fingerprint());
        story.say("demo.altered");
        bad.failure().ifPresent(story::quote);
        story.promise(Promise.ALTERED_EVIDENCE_FOUND, bad.exitCode() == 1);
    }

    // ---- refusals

    private void refusals(Province province) throws IOException, InterruptedException {
        story.chapter("demo.chapter.refusals");
        story.say("demo.secret");
        Commands.Answer secret = province.commands()
                .run(
                        "send",
                        document.toString(),
                        "--data",
                        data(province, COMMUNE),
                        "--to",
                        HUB,
                        "--mark",
                        "toi-mat",
                        "--subject",
                        "Thử");
        story.quote(secret.sentence());
        story.promise(
                Promise.TOO_SECRET_REFUSED,
                secret.exitCode() == ErrorCode.SECRECY_TOO_HIGH.exitCode()
                        && secret.isRefusedWith(ErrorCode.SECRECY_TOO_HIGH.name()));
        LabNode victim = province.node(DISTRICT);
        province.node(COMMUNE).close();
        story.say("demo.thief", name(COMMUNE), name(DISTRICT));
        try (Forger forger = Forger.with(province.node(COMMUNE).data(), victim.listen())) {
            story.say("demo.forged");
            Outcome forged = forger.sendForged(DISTRICT);
            quote(forged);
            story.promise(Promise.FORGED_REFUSED, forged.isRefusedWith(ErrorCode.SEAL_INVALID));
            replay(province, victim, forger);
        }
    }

    private void replay(Province province, LabNode victim, Forger forger) throws IOException, InterruptedException {
        Path inbox = folder.resolve("inbox-replay");
        story.say("demo.genuine");
        Outcome first = forger.sendGenuine(DISTRICT);
        quote(first);
        int once = messages(receive(province, DISTRICT, inbox, 1, "20s"));
        long duplicates = victim.counter("duplicates");
        story.say("demo.replayed");
        Outcome again = forger.sendAgain();
        quote(again);
        long recognised = victim.counter("duplicates") - duplicates;
        int twice = messages(receive(province, DISTRICT, inbox, 1, "1s"));
        story.say("demo.handed-over", name(DISTRICT), once + twice, recognised);
        story.promise(
                Promise.REPLAY_REFUSED,
                first.isTaken() && again.isKnown() && recognised == 1 && once == 1 && twice == 0);
    }

    private static int messages(Commands.Answer received) {
        return received.json().getAsJsonArray("messages").size();
    }

    private void quote(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            story.quote(Catalogue.in(texts.language()).sentence(refused.why()));
        } else if (outcome instanceof Outcome.Lost lost) {
            story.quote(lost.detail());
        } else {
            story.quote(texts.text(outcome.isTaken() ? "demo.outcome.taken" : "demo.outcome.known"));
        }
    }

    private static String data(Province province, String code) {
        return province.node(code).data().toString();
    }
}
