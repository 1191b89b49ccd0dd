package lienthong.gateway.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.NoRoom;
import lienthong.gateway.merkle.TreeBuilder;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;

/**
 * Appends events as lines to {@code audit/}, synced in groups: all that wait share one write and one fdatasync. {@link #append} never blocks; what is
 * shown, counted and checkpointed is what is durable. Thread-safe.
 */
public final class AuditLog implements AutoCloseable {
    /** A file ends at this size. */
    private static final long FILE_BYTES = 16L << 20;

    private static final int GROUP_EVENTS_MAX = 1_000;
    private static final long LOOK_MILLIS = 1_000;
    /** A proof reads at most so many entries behind its own. */
    private static final long CHECKPOINT_ENTRIES = 4_096;

    /** A disk that answers has written all that can wait long before. */
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(30);

    private static final Duration CHECKPOINT_AGE = Duration.ofHours(1);
    /** How long before and after a moment the entry of what happened then is looked for: writing waits for the disk, clocks are set. */
    private static final Duration FOUND_WITHIN = Duration.ofHours(1);

    private final Disk disk;
    private final Clock clock;
    private final Executor worker;
    private final Consumer<Refusal> failed;
    private final long fileBytes;

    private final Object lock = new Object();
    private final ArrayDeque<AuditEvent> waiting = new ArrayDeque<>();
    private boolean writing;
    private boolean broken;
    private boolean closed;

    /** Guards file, tree and all below; taken before {@link #lock}, never within it. */
    private final Object writer = new Object();

    private final TreeBuilder tree;
    private final CheckpointFile checkpoints;
    private Instant checkpointAt = Instant.EPOCH;
    private @Nullable Notary notary;
    private Disk.File file;
    private int number;
    private long end;
    private String link;
    private long size;
    private Hash root;

    private AuditLog(
            Disk disk,
            Clock clock,
            Executor worker,
            Consumer<Refusal> failed,
            long fileBytes,
            Disk.File file,
            int number,
            CheckpointFile checkpoints,
            Tail tail) {
        this.disk = disk;
        this.checkpoints = checkpoints;
        this.clock = clock;
        this.worker = worker;
        this.failed = failed;
        this.fileBytes = fileBytes;
        this.file = file;
        this.number = number;
        this.tree = tail.tree;
        this.end = tail.end;
        this.link = tail.link;
        this.size = tail.tree.size();
        this.root = tail.tree.root();
    }

    /** Who signs checkpoints of this log. */
    private record Notary(Hash network, OrganisationId node, Supplier<? extends CheckpointSigner> key) {}

    private record Tail(TreeBuilder tree, String link, long end, boolean cut) {}

    /**
     * Opens the log in {@code audit/}, makes it when absent.
     *
     * @param worker runs the writing: one thread, or in place
     * @param failed told once when the disk fails: nothing is recorded after that, and the process should end
     * @return the log; {@code AUDIT_BROKEN} with the first bad entry when something that a kept checkpoint or a later line covers was changed
     */
    public static Result<AuditLog> open(Disk disk, Clock clock, Executor worker, Consumer<Refusal> failed) {
        return open(disk, clock, worker, failed, FILE_BYTES);
    }

    static Result<AuditLog> open(Disk disk, Clock clock, Executor worker, Consumer<Refusal> failed, long fileBytes) {
        try {
            disk.makeFolder(AuditFiles.FOLDER);
            List<Integer> numbers = AuditFiles.numbers(disk);
            int number = numbers.isEmpty() ? 1 : numbers.get(numbers.size() - 1);
            if (!numbers.isEmpty() && hasTornHead(disk, number)) {
                // Being made when the power went: nothing was ever written after its first line.
                disk.delete(AuditFiles.path(number));
                disk.syncFolder(AuditFiles.FOLDER);
                number = Math.max(1, number - 1);
            }
            Disk.File file = disk.open(AuditFiles.path(number));
            if (file.size() == 0) {
                begin(disk, file, 0, AuditEntry.FIRST_LINK, new TreeBuilder());
            }
            // A killed process may have left lines and names that only the page cache knows.
            file.sync();
            disk.syncFolder(AuditFiles.FOLDER);
            CheckpointFile checkpoints = CheckpointFile.open(disk);
            Result<Tail> tail = readTail(file, checkpoints);
            if (tail instanceof Result.No<Tail> no) {
                file.close();
                return Result.no(no.refusal());
            }
            Tail found = tail.orBug();
            if (found.cut) {
                setAsideCut(disk, file, found);
            }
            AuditLog log = new AuditLog(disk, clock, worker, failed, fileBytes, file, number, checkpoints, found);
            if (found.cut) {
                log.append(AuditEvent.of(
                        "audit-end-cut", "an unfinished end was set aside at index " + found.tree.size()));
            }
            return Result.ok(log);
        } catch (IOException | java.io.UncheckedIOException dead) {
            return Result.no(ErrorCode.WRITE_FAILED, "audit log: {0}", Detail.technical(dead));
        }
    }

    private static void begin(Disk disk, Disk.File file, long first, String link, TreeBuilder tree) throws IOException {
        file.write(0, AuditFiles.head(first, link, tree).asBuffer());
        file.sync();
        disk.syncFolder(AuditFiles.FOLDER);
    }

    private static boolean hasTornHead(Disk disk, int number) throws IOException {
        Walk walk = new Walk(CheckpointFile.open(disk));
        boolean[] whole = new boolean[1];
        try (Disk.File file = disk.openExisting(AuditFiles.path(number)).orElseThrow()) {
            AuditFiles.lines(file, (line, offset) -> {
                whole[0] |= walk.tree == null && !walk.line(line, offset) && Walk.looksWhole(line);
                return walk.tree == null;
            });
        }
        return walk.tree == null && !whole[0];
    }

    private static Result<Tail> readTail(Disk.File file, CheckpointFile checkpoints) throws IOException {
        Walk walk = new Walk(checkpoints);
        AuditFiles.lines(file, walk);
        if (walk.tree == null) {
            return Result.no(ErrorCode.AUDIT_BROKEN, "first line of the last file is damaged");
        }
        if (walk.disagrees) {
            return Result.no(
                    ErrorCode.AUDIT_BROKEN,
                    "the lines up to entry {0} are not those that a kept checkpoint covers",
                    walk.agreedBelow);
        }
        long covered = checkpoints.size();
        TreeBuilder tree = walk.tree;
        if (walk.goodAfterBad) {
            return Result.no(
                    ErrorCode.AUDIT_BROKEN, "entry {0} is the first bad one; entries after it are whole", tree.size());
        }
        if (tree.size() < covered) {
            return Result.no(
                    ErrorCode.AUDIT_BROKEN,
                    "entry {0} is the first bad or missing one; a checkpoint covers {1}",
                    tree.size(),
                    covered);
        }
        return Result.ok(new Tail(tree, walk.link, walk.end, file.size() > walk.end));
    }

    /** Reads a file from its head, entry by entry, and compares it with the checkpoints within it. */
    private static final class Walk implements AuditFiles.LineVisitor {
        private final CheckpointFile checkpoints;
        private Map<Long, Hash> roots = Map.of();
        private boolean disagrees;
        private long agreedBelow;
        private @Nullable TreeBuilder tree;
        private String link = AuditEntry.FIRST_LINK;
        private long end;
        private boolean bad;
        private boolean goodAfterBad;

        Walk(CheckpointFile checkpoints) {
            this.checkpoints = checkpoints;
        }

        private void compare(TreeBuilder grown) {
            Hash root = roots.get(grown.size());
            if (root != null && !root.equals(grown.root()) && !disagrees) {
                disagrees = true;
                agreedBelow = grown.size();
            }
        }

        @Override
        public boolean line(Bytes line, long offset) {
            if (tree == null) {
                AuditFiles.Head head = AuditFiles.parseHead(line);
                if (head == null) {
                    return false;
                }
                tree = head.tree();
                link = head.link();
                end = line.size();
                try {
                    roots = checkpoints.rootsFrom(head.first());
                } catch (IOException dead) {
                    throw new java.io.UncheckedIOException(dead);
                }
                compare(head.tree());
                return true;
            }
            AuditEntry entry = bad ? null : AuditEntry.parse(line, tree.size(), link);
            if (entry != null) {
                tree.append(entry.leafHash());
                compare(tree);
                link = entry.link();
                end = offset + line.size();
            } else if (bad) {
                // Whole lines behind a bad one are no torn write: those end the file.
                goodAfterBad |= looksWhole(line);
            } else {
                bad = true;
            }
            return true;
        }

        private static boolean looksWhole(Bytes line) {
            String text = line.utf8();
            return text.endsWith("\n") && text.matches("[0-9]+ \\| .* \\| [0-9a-f]{16}\n");
        }
    }

    private static void setAsideCut(Disk disk, Disk.File file, Tail tail) throws IOException {
        long length = file.size() - tail.end;
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(length, 1 << 20));
        file.read(tail.end, bytes);
        try (Disk.File kept = disk.open(AuditFiles.FOLDER + "/cut-" + tail.tree.size())) {
            kept.truncate(0);
            kept.write(0, bytes.flip());
            kept.sync();
        }
        file.truncate(tail.end);
        file.sync();
        disk.syncFolder(AuditFiles.FOLDER);
    }

    /**
     * Sets a broken log aside as {@code audit/broken-N-…} and begins a new one, whose first event says so.
     *
     * @param detail who decided it and why
     */
    public static Result<AuditLog> beginAnew(
            Disk disk, Clock clock, Executor worker, Consumer<Refusal> failed, String detail) {
        try {
            long mark = clock.now().toEpochMilli();
            for (String name : disk.list(AuditFiles.FOLDER)) {
                if (name.startsWith("log-") || name.equals("checkpoints")) {
                    disk.rename(AuditFiles.FOLDER + "/" + name, AuditFiles.FOLDER + "/broken-" + mark + "-" + name);
                }
            }
            disk.syncFolder(AuditFiles.FOLDER);
        } catch (IOException dead) {
            return Result.no(ErrorCode.WRITE_FAILED, "audit log: {0}", Detail.technical(dead));
        }
        return open(disk, clock, worker, failed).map(log -> {
            log.append(AuditEvent.of("audit-begun-anew", detail));
            return log;
        });
    }

    // ------------------------------------------------------------------ appending

    /** Queues an event; it gets its index and time when it is written, in order of the calls. */
    public void append(AuditEvent event) {
        synchronized (lock) {
            if (broken || closed) {
                return;
            }
            waiting.add(event);
            if (writing) {
                return;
            }
            writing = true;
        }
        worker.execute(this::writeWaiting);
    }

    private void writeWaiting() {
        while (true) {
            List<AuditEvent> group = new ArrayList<>();
            synchronized (lock) {
                while (!waiting.isEmpty() && group.size() < GROUP_EVENTS_MAX) {
                    group.add(waiting.remove());
                }
                if (group.isEmpty() || broken) {
                    writing = false;
                    lock.notifyAll();
                    return;
                }
            }
            try {
                write(group);
            } catch (NoRoom full) {
                putBack(group);
                continue;
            } catch (IOException dead) {
                breaks(dead);
                continue;
            }
            checkpointIfDue();
        }
    }

    /** A full disk delays the log: its events wait in memory, for as long as it is full or until the process ends. */
    private void putBack(List<AuditEvent> group) {
        synchronized (lock) {
            for (int i = group.size() - 1; i >= 0; i--) {
                waiting.addFirst(group.get(i));
            }
            try {
                for (long until = clock.nanos() + LOOK_MILLIS * 1_000_000; clock.nanos() < until; ) {
                    lock.wait(LOOK_MILLIS);
                }
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
                broken = true;
            }
        }
    }

    private void write(List<AuditEvent> group) throws IOException {
        synchronized (writer) {
            if (end >= fileBytes) {
                Disk.File next = disk.open(AuditFiles.path(number + 1));
                begin(disk, next, tree.size(), link, tree);
                file.close();
                file = next;
                number++;
                end = next.size();
            }
            Bytes[] lines = new Bytes[group.size()];
            int bytes = 0;
            long index = tree.size();
            String before = link;
            List<Hash> leaves = new ArrayList<>();
            for (int i = 0; i < lines.length; i++) {
                AuditEntry entry = AuditEntry.make(index++, clock.now(), group.get(i), before);
                before = entry.link();
                lines[i] = entry.line();
                leaves.add(entry.leafHash());
                bytes += lines[i].size();
            }
            ByteBuffer out = ByteBuffer.allocate(bytes);
            for (Bytes line : lines) {
                out.put(line.asBuffer());
            }
            file.write(end, out.flip());
            file.sync();
            leaves.forEach(tree::append);
            link = before;
            end += bytes;
            size = tree.size();
            root = tree.root();
        }
    }

    private void breaks(IOException dead) {
        synchronized (lock) {
            if (broken) {
                return;
            }
            broken = true;
            waiting.clear();
        }
        failed.accept(Refusal.of(ErrorCode.WRITE_FAILED, "audit log: {0}", Detail.technical(dead)));
    }

    /** Waits until everything appended before the call is durable. Blocks. */
    public void settle() {
        if (!settledBy(Long.MAX_VALUE)) {
            throw new lienthong.gateway.message.Bug("interrupted while the audit log settles");
        }
    }

    /** False when {@code nanos} of the clock came first, or an interruption. */
    private boolean settledBy(long nanos) {
        synchronized (lock) {
            while (writing) {
                long left = nanos == Long.MAX_VALUE ? Long.MAX_VALUE : nanos - clock.nanos();
                if (left <= 0) {
                    return false;
                }
                try {
                    // Told at the end of each group; the clock is looked at now and then.
                    lock.wait(Math.max(1, Math.min(LOOK_MILLIS, left / 1_000_000)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }
    }

    // ------------------------------------------------------------------ asking

    /** Durable events. */
    public long size() {
        synchronized (writer) {
            return size;
        }
    }

    /** RFC 9162 root over them. */
    public Hash root() {
        synchronized (writer) {
            return root;
        }
    }

    // ------------------------------------------------------------------ checkpoints

    /**
     * From now on checkpoints are signed and kept by themselves: after {@value #CHECKPOINT_ENTRIES} entries, with the first entry that comes an hour or
     * more after the last checkpoint, when asked by {@link #checkpoint()}, and at {@link #close}.
     *
     * @param key asked for at each checkpoint, since evidence keys are renewed
     */
    public void signWith(Hash network, OrganisationId node, Supplier<? extends CheckpointSigner> key) {
        synchronized (writer) {
            notary = new Notary(network, node, key);
            checkpointAt = clock.now();
        }
    }

    private void checkpointIfDue() {
        synchronized (writer) {
            Duration age = Duration.between(checkpointAt, clock.now());
            if (size - checkpoints.size() >= CHECKPOINT_ENTRIES || age.compareTo(CHECKPOINT_AGE) >= 0) {
                checkpointNow();
            }
        }
    }

    /** Signs a checkpoint if anything was recorded since the last one. Blocks; a failing disk is told as always; no effect after the end. */
    public void checkpoint() {
        synchronized (lock) {
            if (broken || closed) {
                return;
            }
        }
        checkpointNow();
    }

    private void checkpointNow() {
        try {
            synchronized (writer) {
                checkpointWhereGrown();
            }
        } catch (NoRoom full) {
            // It is due again with the next entry.
        } catch (IOException dead) {
            breaks(dead);
        }
    }

    private void checkpointWhereGrown() throws IOException {
        Notary by = notary;
        if (by == null || size == 0 || size == checkpoints.size()) {
            return;
        }
        Instant at = clock.now().truncatedTo(ChronoUnit.MILLIS);
        CheckpointSigner signer = by.key().get();
        Bytes text = new Checkpoint(by.network(), by.node(), signer.certificate(), size, root, at).text();
        checkpoints.add(new CheckpointFile.Line(size, root, text, signer.sign(text, at)));
        checkpointAt = at;
    }

    /** The newest that is kept. Reads the disk. */
    public Optional<Checkpoint.Signed> newestCheckpoint() {
        synchronized (writer) {
            try {
                return checkpoints.newest().flatMap(this::signed);
            } catch (IOException dead) {
                return Optional.empty();
            }
        }
    }

    /** The first checkpoint behind an entry; signed now where there is none yet. Blocks. */
    public Optional<Checkpoint.Signed> checkpointCovering(long index) {
        synchronized (writer) {
            if (checkpoints.size() <= index) {
                checkpoint();
            }
            try {
                return checkpoints.covering(index).flatMap(this::signed);
            } catch (IOException dead) {
                return Optional.empty();
            }
        }
    }

    private Optional<Checkpoint.Signed> signed(CheckpointFile.Line line) {
        Notary by;
        synchronized (writer) {
            by = notary;
        }
        return by == null
                ? Optional.empty()
                : Checkpoint.parse(line.text(), by.network())
                        .fold(
                                checkpoint -> Optional.of(new Checkpoint.Signed(checkpoint, line.signature())),
                                no -> Optional.empty());
    }

    /** What a checkpoint says of the tree. */
    public record SizeAndRoot(long size, Hash root) {}

    // ------------------------------------------------------------------ reading

    /**
     * The entry of what happened to a message at about this time. Reads a file or two; blocks.
     *
     * @param kinds any of them
     */
    public Result<Optional<AuditEntry>> find(MessageId id, Set<String> kinds, Instant at) {
        String from = StrictText.time(at.minus(FOUND_WITHIN));
        String until = StrictText.time(at.plus(FOUND_WITHIN));
        String message = " | " + id + " | ";
        long[] found = {-1};
        try {
            List<Integer> numbers = AuditFiles.numbers(disk);
            int begin = numbers.size() - 1;
            while (begin > 0 && firstTime(numbers.get(begin)).compareTo(from) > 0) {
                begin--;
            }
            boolean[] over = new boolean[1];
            for (int i = Math.max(0, begin); i < numbers.size() && !over[0]; i++) {
                try (Disk.File open =
                        disk.openExisting(AuditFiles.path(numbers.get(i))).orElseThrow()) {
                    AuditFiles.lines(open, (line, offset) -> {
                        String text = line.utf8();
                        String[] fields = text.split(" \\| ", 4);
                        if (fields.length < 4) {
                            return true;
                        }
                        over[0] = fields[1].compareTo(until) > 0;
                        if (fields[1].compareTo(from) >= 0 && text.contains(message) && kinds.contains(fields[2])) {
                            found[0] = Long.parseLong(fields[0]);
                            over[0] = true;
                        }
                        return !over[0];
                    });
                }
            }
        } catch (IOException | NumberFormatException dead) {
            return Result.no(ErrorCode.AUDIT_BROKEN, "audit log cannot be read: {0}", Detail.technical(dead));
        }
        if (found[0] < 0 || found[0] >= size()) {
            return Result.ok(Optional.empty());
        }
        return page(Optional.of(found[0]), 1)
                .map(page -> page.stream()
                        .filter(entry -> entry.event().message().equals(Optional.of(id)))
                        .findFirst());
    }

    /** Of a file's first entry, as written; empty when there is none. */
    private String firstTime(int number) throws IOException {
        String[] time = {""};
        try (Disk.File open = disk.openExisting(AuditFiles.path(number)).orElseThrow()) {
            AuditFiles.lines(open, (line, offset) -> {
                String[] fields = line.utf8().split(" \\| ", 3);
                time[0] = fields.length == 3 ? fields[1] : "";
                return offset == 0;
            });
        }
        return time[0];
    }

    /**
     * A page of entries. Blocks.
     *
     * @param from first index; absent: the last {@code count}
     * @param count 1 to 1,000
     */
    public Result<List<AuditEntry>> page(Optional<Long> from, int count) {
        Invariant.check(count >= 1 && count <= 1_000, "page of %d", count);
        long durable = size();
        long first = from.orElse(Math.max(0, durable - count));
        List<AuditEntry> entries = new ArrayList<>();
        return read(first, Math.min(durable, first + count), (entry, leaf) -> entries.add(entry))
                .map(done -> entries);
    }

    /**
     * Proof that entry {@code index} stands in the log of {@code treeSize} entries. Reads the file of the entry and what follows up to that size, for
     * what comes before is in that file's first line; blocks.
     */
    public Result<InclusionProof> inclusion(long index, long treeSize) {
        Invariant.check(index >= 0 && index < treeSize && treeSize <= size(), "entry %d of %d", index, treeSize);
        Ranges ranges = Ranges.ofInclusion(index, treeSize);
        List<Bytes> line = new ArrayList<>();
        TreeBuilder[] before = new TreeBuilder[1];
        Verification[] bad = new Verification[1];
        try {
            walk(
                    disk,
                    index,
                    begun -> before[0] = before[0] == null ? begun : before[0],
                    (entry, leaf) -> {
                        if (entry.index() < index) {
                            before[0].append(leaf);
                        } else if (entry.index() == index) {
                            line.add(entry.line());
                        } else {
                            ranges.leaf(entry.index(), leaf);
                        }
                        return entry.index() + 1 < treeSize;
                    },
                    broken -> bad[0] = broken);
        } catch (IOException dead) {
            return Result.no(ErrorCode.AUDIT_BROKEN, "audit log cannot be read: {0}", Detail.technical(dead));
        }
        if (bad[0] instanceof Verification.Broken found && found.firstBad() < treeSize || line.isEmpty()) {
            return Result.no(ErrorCode.AUDIT_BROKEN, "entry {0} cannot be proven, the log is damaged there", index);
        }
        return Result.ok(new InclusionProof(index, line.get(0), treeSize, ranges.roots(before[0])));
    }

    /** RFC 9162 §2.1.4 proof that the log of {@code newSize} continues the one of {@code oldSize}. Reads the whole log up to there; blocks. */
    public Result<List<Hash>> consistency(long oldSize, long newSize) {
        Invariant.check(
                oldSize >= 1 && oldSize <= newSize && newSize <= size(), "log of %d continues %d", newSize, oldSize);
        Ranges ranges = Ranges.ofConsistency(oldSize, newSize);
        return read(0, newSize, (entry, leaf) -> ranges.leaf(entry.index(), leaf))
                .map(done -> ranges.roots());
    }

    @FunctionalInterface
    private interface EntryVisitor {
        void entry(AuditEntry entry, Hash leaf);
    }

    private Result<Long> read(long from, long to, EntryVisitor visitor) {
        Verification[] bad = new Verification[1];
        try {
            long reached = walk(
                    disk,
                    from,
                    (entry, leaf) -> {
                        if (entry.index() >= from && entry.index() < to) {
                            visitor.entry(entry, leaf);
                        }
                        return entry.index() + 1 < to;
                    },
                    broken -> bad[0] = broken);
            if (bad[0] instanceof Verification.Broken found && found.firstBad() < to) {
                return Result.no(ErrorCode.AUDIT_BROKEN, "entry {0}: {1}", found.firstBad(), found.detail());
            }
            return Result.ok(reached);
        } catch (IOException dead) {
            return Result.no(ErrorCode.AUDIT_BROKEN, "audit log cannot be read: {0}", Detail.technical(dead));
        }
    }

    @FunctionalInterface
    private interface Step {
        boolean entry(AuditEntry entry, Hash leaf);
    }

    /** Reads entries from the file that holds {@code from}; gives the index after the last good one. */
    private static long walk(Disk disk, long from, Step step, Consumer<Verification.Broken> broken) throws IOException {
        return walk(disk, from, begun -> {}, step, broken);
    }

    /** As above; {@code begun} gets the tree so far at the beginning of each file, its own copy. */
    private static long walk(
            Disk disk, long from, Consumer<TreeBuilder> begun, Step step, Consumer<Verification.Broken> broken)
            throws IOException {
        List<Integer> numbers = AuditFiles.numbers(disk);
        int begin = 0;
        for (int i = numbers.size() - 1; i > 0; i--) {
            AuditFiles.Head head = headOf(disk, numbers.get(i));
            if (head != null && head.first() <= from) {
                begin = i;
                break;
            }
        }
        TreeBuilder tree = null;
        String link = AuditEntry.FIRST_LINK;
        for (int number : numbers.subList(begin, numbers.size())) {
            FileWalk file = new FileWalk(tree, link, begun, step);
            try (Disk.File opened = disk.openExisting(AuditFiles.path(number)).orElseThrow()) {
                AuditFiles.lines(opened, file);
            }
            long index = file.tree == null ? tree == null ? 0 : tree.size() : file.tree.size();
            if (file.fault != null) {
                broken.accept(new Verification.Broken(index, AuditFiles.path(number) + ": " + file.fault));
            }
            if (file.fault != null || file.stopped) {
                return index;
            }
            tree = file.tree;
            link = file.link;
        }
        return tree == null ? 0 : tree.size();
    }

    private static AuditFiles.@Nullable Head headOf(Disk disk, int number) throws IOException {
        AuditFiles.Head[] head = new AuditFiles.Head[1];
        try (Disk.File file = disk.openExisting(AuditFiles.path(number)).orElseThrow()) {
            AuditFiles.lines(file, (line, offset) -> {
                head[0] = AuditFiles.parseHead(line);
                return false;
            });
        }
        return head[0];
    }

    /** One file, checked against what came before it where that is known. */
    private static final class FileWalk implements AuditFiles.LineVisitor {
        private final @Nullable TreeBuilder before;
        private final Consumer<TreeBuilder> begun;
        private final Step step;
        private @Nullable TreeBuilder tree;
        private String link;
        private @Nullable String fault;
        private boolean stopped;

        FileWalk(@Nullable TreeBuilder before, String link, Consumer<TreeBuilder> begun, Step step) {
            this.before = before;
            this.begun = begun;
            this.link = link;
            this.step = step;
        }

        @Override
        public boolean line(Bytes line, long offset) {
            TreeBuilder growing = tree;
            if (growing == null) {
                AuditFiles.Head head = AuditFiles.parseHead(line);
                if (head == null) {
                    fault = "its first line is damaged";
                    return false;
                }
                if (before != null
                        && (!before.frontier().equals(head.tree().frontier()) || !link.equals(head.link()))) {
                    fault = "it does not continue the file before";
                    return false;
                }
                tree = head.tree();
                link = head.link();
                begun.accept(TreeBuilder.ofFrontier(head.tree().frontier()).orElseThrow());
                return true;
            }
            AuditEntry entry = AuditEntry.parse(line, growing.size(), link);
            if (entry == null) {
                fault = "the line is not what was written";
                return false;
            }
            Hash leaf = entry.leafHash();
            growing.append(leaf);
            link = entry.link();
            stopped = !step.entry(entry, leaf);
            return !stopped;
        }
    }

    // ------------------------------------------------------------------ verifying

    /** Judges a kept checkpoint's signature, which this room cannot. */
    @FunctionalInterface
    public interface CheckpointJudge {
        boolean isSigned(Bytes text, Bytes signature);
    }

    /** Reads this log while it is written, up to what is durable now, and compares it with all kept checkpoints. Blocks. */
    public Result<Verification> verify(CheckpointJudge judge) {
        try {
            List<SizeAndRoot> kept = new ArrayList<>();
            List<Long> unsigned = new ArrayList<>();
            long until = size();
            CheckpointFile.forEach(disk, line -> {
                boolean says = signed(line)
                        .filter(signed -> signed.checkpoint().size() == line.size()
                                && signed.checkpoint().root().equals(line.root()))
                        .isPresent();
                if (line.size() <= until) {
                    kept.add(new SizeAndRoot(line.size(), line.root()));
                    if (!says || !judge.isSigned(line.text(), line.signature())) {
                        unsigned.add(line.size());
                    }
                }
            });
            if (!unsigned.isEmpty()) {
                return Result.ok(new Verification.Broken(
                        unsigned.get(0),
                        "the checkpoint of " + unsigned.get(0) + " entries is not signed by this node"));
            }
            return Result.ok(verify(disk, kept, until));
        } catch (IOException dead) {
            return Result.no(ErrorCode.AUDIT_BROKEN, "audit log cannot be read: {0}", Detail.technical(dead));
        }
    }

    /**
     * Reads the whole log and compares it with checkpoints: those kept beside it and those that neighbours hold. Writes nothing; blocks.
     *
     * @param held from elsewhere, their signatures already checked
     */
    public static Verification verify(Disk disk, List<SizeAndRoot> held) throws IOException {
        List<SizeAndRoot> all = new ArrayList<>(held);
        CheckpointFile.forEach(disk, line -> all.add(new SizeAndRoot(line.size(), line.root())));
        return verify(disk, all, Long.MAX_VALUE);
    }

    private static Verification verify(Disk disk, List<SizeAndRoot> checkpoints, long until) throws IOException {
        List<SizeAndRoot> all = new ArrayList<>(checkpoints);
        all.sort(java.util.Comparator.comparingLong(SizeAndRoot::size));
        TreeBuilder tree = new TreeBuilder();
        Verification[] found = new Verification[1];
        int[] next = new int[1];
        long[] agreed = new long[1];
        agree(all, next, agreed, tree, found);
        long end = until == 0
                ? 0
                : walk(
                        disk,
                        0,
                        (entry, leaf) -> {
                            tree.append(leaf);
                            agree(all, next, agreed, tree, found);
                            return found[0] == null && tree.size() < until;
                        },
                        broken -> found[0] = found[0] == null ? broken : found[0]);
        if (found[0] != null) {
            return found[0];
        }
        if (next[0] < all.size() || until != Long.MAX_VALUE && tree.size() < until) {
            return new Verification.Broken(
                    tree.size(),
                    "entries from here to "
                            + Math.max(
                                    until == Long.MAX_VALUE ? 0 : until,
                                    all.isEmpty() ? 0 : all.get(all.size() - 1).size())
                            + " are missing");
        }
        return new Verification.Intact(end, tree.root(), all.size());
    }

    private static void agree(
            List<SizeAndRoot> all, int[] next, long[] agreed, TreeBuilder tree, @Nullable Verification[] found) {
        while (next[0] < all.size() && all.get(next[0]).size() == tree.size()) {
            if (!all.get(next[0]).root().equals(tree.root())) {
                found[0] = new Verification.Broken(
                        agreed[0],
                        "lines up to " + tree.size() + " are whole but not those of a checkpoint; the one at "
                                + agreed[0] + " agrees");
                return;
            }
            agreed[0] = tree.size();
            next[0]++;
        }
    }

    /** As {@link #end}, and waits half a minute at most. */
    @Override
    public void close() {
        if (!end(CLOSE_WITHIN)) {
            failed.accept(Refusal.of(ErrorCode.WRITE_FAILED, "audit log: its disk did not answer before the end"));
        }
    }

    /**
     * Takes no more, makes durable what was appended before the call, signs a last checkpoint and ends. Blocks.
     *
     * @return false when the disk did not answer within {@code bound}: the last events may be missing, and the file is left to the process's end
     */
    public boolean end(Duration bound) {
        synchronized (lock) {
            if (closed) {
                return !writing;
            }
            closed = true;
        }
        if (!settledBy(clock.nanos() + bound.toNanos())) {
            return false;
        }
        synchronized (lock) {
            if (broken) {
                return true; // told already
            }
        }
        checkpointNow();
        synchronized (writer) {
            try {
                file.close();
            } catch (IOException nothingToLose) {
                // Synced already.
            }
        }
        return true;
    }
}
