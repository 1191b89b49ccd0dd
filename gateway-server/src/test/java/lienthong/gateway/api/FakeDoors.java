package lienthong.gateway.api;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;

/** A node in memory behind one thread, as a real one is behind its loop. */
public final class FakeDoors implements Doors, AutoCloseable {
    static final Instant NOW = Instant.parse("2026-11-23T08:00:00Z");
    public static final Address HERE = Address.parse("A08.01").orBug();

    final ExecutorService loop = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "fake-loop");
        thread.setDaemon(true);
        return thread;
    });
    final Set<Address> known =
            Set.of(HERE, Address.parse("A08").orBug(), Address.parse("A08.02").orBug());
    final Map<String, Accepted> accepted = new HashMap<>();
    /** Certificates by their hash. */
    final java.util.Set<Hash> revoked = java.util.concurrent.ConcurrentHashMap.newKeySet();

    final List<Runnable> revocationWatchers = new CopyOnWriteArrayList<>();
    final List<String> denied = new CopyOnWriteArrayList<>();
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<Consumer<Optional<Refusal>>> watchers = new CopyOnWriteArrayList<>();
    final Deque<ReceiveDoor.Lease> waiting = new ArrayDeque<>();
    volatile Optional<Refusal> stopped = Optional.empty();
    volatile boolean diskLow;
    volatile boolean throwsOnLookup;
    final java.util.concurrent.atomic.AtomicLong bytesWritten = new java.util.concurrent.atomic.AtomicLong();
    volatile int maxOutstandingWrites;
    volatile Hash lastUpload = Hash.of(Bytes.empty());
    private long ids;

    record Accepted(Hash fingerprint, MessageId id) {}

    /** Bytes of large messages taken so far. */
    public long bytesWritten() {
        return bytesWritten.get();
    }

    public void setDiskLow(boolean low) {
        diskLow = low;
    }

    /** What was done, in words. */
    public List<String> events() {
        return events;
    }

    /** A message that waits for the address. */
    public void offer(long id, ReceiveDoor.Content content, long size) {
        waiting.add(lease(id, content, size));
    }

    @Override
    public void close() {
        loop.shutdownNow();
    }

    void stop(Refusal why) {
        stopped = Optional.of(why);
        watchers.forEach(watcher -> watcher.accept(stopped));
    }

    @Override
    public SendDoor send() {
        return new Sending();
    }

    @Override
    public ReceiveDoor receive() {
        return (caller, attachment, receiver, answer) -> loop.execute(() -> {
            if (!attachment.address().equals(HERE)) {
                answer.accept(
                        Result.no(ErrorCode.NOT_YOUR_ADDRESS, "{0}", attachment.address() + " is not on this node"));
                return;
            }
            answer.accept(Result.ok(new Receiving(receiver)));
        });
    }

    @Override
    public TrackDoor track() {
        return (caller, subject, follow, watcher) -> {
            loop.execute(() -> {
                if (subject instanceof TrackDoor.Subject.OfMessage one
                        && accepted.values().stream().noneMatch(a -> a.id().equals(one.id()))) {
                    watcher.refused(Refusal.of(
                            ErrorCode.MESSAGE_UNKNOWN, "{0}", one.id().toString()));
                    return;
                }
                if (subject instanceof TrackDoor.Subject.OfMessage one) {
                    watcher.events(List.of(
                            event(one.id(), TrackDoor.State.ACCEPTED), event(one.id(), TrackDoor.State.DELIVERED)));
                    watcher.end();
                }
            });
            return () -> events.add("track cancelled");
        };
    }

    private static TrackDoor.Event event(MessageId id, TrackDoor.State state) {
        return new TrackDoor.Event(
                id,
                Optional.empty(),
                HERE,
                Optional.empty(),
                state,
                NOW,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    @Override
    public ListDoor list() {
        return (caller, query, answer) ->
                loop.execute(() -> answer.accept(Result.ok(new ListDoor.Page<>(List.of(), Optional.empty()))));
    }

    @Override
    public DirectoryDoor directory() {
        return (query, limit, answer) -> {
            if (throwsOnLookup) {
                throw new IllegalStateException("secret inner words");
            }
            Optional<String> nearest = query.startsWith("A") ? Optional.of("A08.02") : Optional.empty();
            loop.execute(() -> answer.accept(new DirectoryDoor.Found(List.of(), nearest, 7)));
        };
    }

    @Override
    public OperatorDoor operator() {
        return new Operating();
    }

    @Override
    public Optional<Refusal> notServing() {
        return stopped;
    }

    @Override
    public void watchServing(Consumer<Optional<Refusal>> watcher) {
        watchers.add(watcher);
    }

    @Override
    public Optional<Refusal> revoked(Bytes certificate) {
        return revoked.contains(Hash.of(certificate))
                ? Optional.of(Refusal.of(ErrorCode.REVOKED, "revoked by its own office"))
                : Optional.empty();
    }

    @Override
    public void watchRevocations(Runnable watcher) {
        revocationWatchers.add(watcher);
    }

    @Override
    public void denied(String who, Refusal why) {
        denied.add(who + " " + why.reason());
    }

    @Override
    public Instant now() {
        return NOW;
    }

    private MessageId mint() {
        return MessageId.mint(NOW.plusMillis(++ids), new byte[10]);
    }

    private Optional<Submission> judge(Draft draft) {
        for (Address recipient : draft.recipients()) {
            if (!known.contains(recipient)) {
                return Optional.of(new Submission.Refused(
                        Refusal.of(ErrorCode.UNKNOWN_RECIPIENT, "{0}: the nearest known is {1}", recipient, "A08.02")));
            }
        }
        if (draft.mark() == SecrecyMark.SECRET || draft.mark() == SecrecyMark.TOP_SECRET) {
            return Optional.of(new Submission.Refused(Refusal.of(ErrorCode.SECRECY_TOO_HIGH)));
        }
        if (draft.mark() == SecrecyMark.CONFIDENTIAL) {
            return Optional.of(new Submission.Refused(Refusal.of(ErrorCode.SECRECY_NEEDS_CIPHER)));
        }
        return diskLow
                ? Optional.of(new Submission.Busy(Refusal.of(ErrorCode.DISK_LOW), Duration.ofSeconds(30)))
                : Optional.empty();
    }

    private Submission accept(Draft draft, Hash fingerprint) {
        Accepted before = accepted.get(draft.clientId().text());
        if (before != null) {
            return before.fingerprint().equals(fingerprint)
                    ? new Submission.Accepted(before.id(), NOW, true)
                    : new Submission.Refused(Refusal.of(
                            ErrorCode.ID_REUSED,
                            "client id {0} was used for message {1} with other content",
                            draft.clientId(),
                            MessageId.parse("01890000000070008000000000000001").orBug()));
        }
        MessageId id = mint();
        accepted.put(draft.clientId().text(), new Accepted(fingerprint, id));
        return new Submission.Accepted(id, NOW, false);
    }

    private final class Sending implements SendDoor {
        @Override
        public void submit(Caller caller, List<Draft.Whole> messages, Consumer<List<Submission>> answers) {
            loop.execute(() -> {
                events.add("submit " + messages.size());
                List<Submission> all = new ArrayList<>();
                for (Draft.Whole message : messages) {
                    List<Hash> hashes =
                            message.contents().stream().map(Hash::of).toList();
                    all.add(judge(message.draft())
                            .orElseGet(() ->
                                    accept(message.draft(), message.draft().fingerprint(message.parts(), hashes))));
                }
                answers.accept(all);
            });
        }

        @Override
        public void begin(Caller caller, Draft draft, List<Draft.Part> parts, Consumer<Opening> answer) {
            loop.execute(() -> {
                Optional<Submission> refused = judge(draft);
                events.add("begin " + refused.isEmpty());
                answer.accept(
                        refused.isPresent()
                                ? new Opening.Answered(refused.get())
                                : new Opening.Open(new Uploading(draft)));
            });
        }
    }

    private final class Uploading implements SendDoor.Upload {
        private final Draft draft;
        private final java.security.MessageDigest digest = Hash.digest();
        private int outstanding;

        private Uploading(Draft draft) {
            this.draft = draft;
        }

        @Override
        public void write(ByteBuffer chunk, SendDoor.TakenCallback taken) {
            synchronized (this) {
                outstanding++;
                maxOutstandingWrites = Math.max(maxOutstandingWrites, outstanding);
            }
            loop.execute(() -> {
                bytesWritten.addAndGet(chunk.remaining());
                digest.update(chunk);
                synchronized (this) {
                    outstanding--;
                }
                taken.taken(true);
            });
        }

        @Override
        public void end(Consumer<Submission> answer) {
            loop.execute(() -> {
                lastUpload = new Hash(Bytes.ofOwned(digest.digest()));
                answer.accept(accept(draft, lastUpload));
            });
        }

        @Override
        public void cancel() {
            loop.execute(() -> events.add("cancelled " + draft.clientId()));
        }
    }

    ReceiveDoor.Lease lease(long id, ReceiveDoor.Content content, long size) {
        return new ReceiveDoor.Lease(
                id,
                new ReceiveDoor.Received(
                        mint(),
                        Address.parse("A08").orBug(),
                        List.of(HERE),
                        HERE,
                        Service.DOCUMENT,
                        Optional.of("Công văn"),
                        Precedence.URGENT,
                        SecrecyMark.NONE,
                        NOW,
                        Lifetime.DEFAULT,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        NOW,
                        Hash.of(Bytes.utf8("leaf"))),
                List.of(new Draft.Part("a.bin", "application/octet-stream", size, Optional.empty())),
                1,
                false,
                NOW.plusSeconds(300),
                content);
    }

    private final class Receiving implements ReceiveDoor.Receiving {
        private final ReceiveDoor.Receiver receiver;
        private final Set<Long> held = java.util.concurrent.ConcurrentHashMap.newKeySet();

        private Receiving(ReceiveDoor.Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public Address address() {
            return HERE;
        }

        @Override
        public long waiting() {
            return waiting.size();
        }

        @Override
        public void credit(int messages) {
            loop.execute(() -> {
                for (int i = 0; i < messages && !waiting.isEmpty(); i++) {
                    ReceiveDoor.Lease lease = waiting.remove();
                    held.add(lease.id());
                    receiver.lease(lease);
                }
            });
        }

        private void end(String what, long lease, Consumer<Optional<Refusal>> done) {
            loop.execute(() -> {
                events.add(what + " " + lease);
                done.accept(
                        held.remove(lease) && lease != 13
                                ? Optional.empty()
                                : Optional.of(
                                        Refusal.of(ErrorCode.LEASE_NOT_HELD, "{0}", "lease " + lease + " has ended")));
            });
        }

        @Override
        public void acknowledge(long lease, Consumer<Optional<Refusal>> done) {
            end("acknowledge", lease, done);
        }

        @Override
        public void giveBack(long lease, String reason, Consumer<Optional<Refusal>> done) {
            end("return", lease, done);
        }

        @Override
        public void release(long lease, Consumer<Optional<Refusal>> done) {
            end("release", lease, done);
        }

        @Override
        public void extend(long lease, Duration time, Consumer<Optional<Refusal>> done) {
            loop.execute(() -> done.accept(Optional.empty()));
        }

        @Override
        public void detach() {
            loop.execute(() -> events.add("detach"));
        }
    }

    private final class Operating implements OperatorDoor {
        @Override
        public void status(Consumer<Status> answer) {
            loop.execute(() -> answer.accept(new Status(
                    HERE.organisation(),
                    List.of(HERE),
                    Condition.GREEN,
                    List.of(),
                    "thu-nghiem",
                    Hash.of(Bytes.empty()),
                    new DirectoryVersion(7, Hash.of(Bytes.empty())),
                    NOW,
                    NOW,
                    0,
                    0,
                    List.of(new Neighbour(OrganisationId.parse("A08").orBug(), true, NOW, 0, 0)),
                    Optional.empty(),
                    List.of("hub:7878"),
                    1,
                    2,
                    Optional.empty(),
                    Map.of("accepted", (long) accepted.size()),
                    Optional.empty())));
        }

        @Override
        public void snapshot(Consumer<Result<Snapshot>> answer) {
            loop.execute(() -> answer.accept(Result.no(ErrorCode.DISK_LOW, "{0}", "full")));
        }

        @Override
        public void diagnose(Consumer<List<Finding>> answer) {
            loop.execute(() -> answer.accept(List.of(
                    Finding.good(Topic.NODE, lienthong.gateway.message.Detail.none()),
                    Finding.soon(
                            Topic.LINK, ErrorCode.NEIGHBOUR_AWAY, lienthong.gateway.message.Detail.of("{0}", "A08")))));
        }

        @Override
        public void queue(QueueQuery query, Consumer<Result<QueuePage>> answer) {
            loop.execute(() ->
                    answer.accept(Result.ok(new QueuePage(new ListDoor.Page<>(List.of(), Optional.empty()), 0))));
        }

        @Override
        public void evidence(MessageId id, boolean withContent, Consumer<Result<ContentStream>> answer) {
            loop.execute(() -> answer.accept(Result.ok(pieces(3, 1000))));
        }

        @Override
        public void stop(Duration grace, Runnable answer) {
            events.add("stop " + grace.toSeconds());
            loop.execute(answer);
        }

        @Override
        public void importDirectory(Bytes file, Consumer<Result<DirectoryFacts>> answer) {
            loop.execute(() -> answer.accept(Result.no(ErrorCode.DIRECTORY_OLD, "{0}", file.size() + " bytes")));
        }

        @Override
        public void showDirectory(int size, String token, Consumer<Result<DirectoryPage>> answer) {
            loop.execute(() -> answer.accept(Result.no(ErrorCode.FIELD_MISSING, "no such page")));
        }

        @Override
        public void exportDirectory(Consumer<Result<ContentStream>> answer) {
            loop.execute(() -> answer.accept(Result.ok(pieces(1, 10))));
        }

        @Override
        public void inviteClient(Address address, List<String> dial, Consumer<Result<ClientInvitation>> answer) {
            loop.execute(() -> answer.accept(Result.ok(new ClientInvitation(Bytes.utf8("file"), "code", NOW))));
        }

        @Override
        public void revokeClients(Address address, Consumer<Result<ClientRevocation>> answer) {
            loop.execute(() -> answer.accept(Result.ok(new ClientRevocation(2, 0))));
        }

        @Override
        public void verifyAudit(Consumer<Result<AuditCheck>> answer) {
            loop.execute(
                    () -> answer.accept(Result.ok(new AuditCheck(0, Hash.of(Bytes.empty()), 0, Optional.empty(), ""))));
        }

        @Override
        public void audit(Optional<Long> from, int count, Consumer<AuditPage> answer) {
            loop.execute(() -> answer.accept(new AuditPage(List.of(), 0, Hash.of(Bytes.empty()), Optional.empty())));
        }
    }

    /** {@code count} pieces of {@code size} zeros, given by the loop. */
    public ContentStream pieces(int count, int size) {
        return new ContentStream() {
            private int left = count;

            @Override
            public void next(Consumer<Piece> then) {
                loop.execute(() ->
                        then.accept(left-- > 0 ? new Piece.Chunk(0, Bytes.copyOf(new byte[size])) : new Piece.End()));
            }

            @Override
            public void close() {
                events.add("content closed");
            }
        };
    }
}
