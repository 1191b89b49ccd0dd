package lienthong.gateway.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.Draft;
import lienthong.gateway.api.SendDoor;
import lienthong.gateway.api.Submission;
import lienthong.gateway.delivery.AcceptedEnvelope;
import lienthong.gateway.delivery.ClientClaim;
import lienthong.gateway.delivery.ClientRequest;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.delivery.LocalSlot;
import lienthong.gateway.delivery.Reservation;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.LargeSealing;
import lienthong.gateway.envelope.MessageHead;
import lienthong.gateway.envelope.SealPlan;
import lienthong.gateway.envelope.SealedPayload;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;

/**
 * Takes messages from applications, seals them in rounds and has them kept. What waits when a round begins forms its bundles and shares one
 * signature; nothing ever waits for a round to fill. Confined to the loop; door methods may be called from anywhere.
 */
final class SendDesk implements SendDoor {
    /** Two rounds at once: one is sealed while the other is written. */
    private static final int ROUNDS_MAX = 2;
    /** Payload of one bundle: with manifests and padding it still rides whole in one frame. */
    private static final int BUNDLE_PAYLOAD_BYTES = 128 * 1024;

    private static final int ROUND_ENVELOPES_MAX = 256;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private final Loop loop;
    private final Clock clock;
    private final NeighbourClocks clocks;
    private final Randomness randomness;
    private final OrganisationId me;
    private final Incarnation incarnation;
    private final Delivery delivery;
    private final MessageStore store;
    private final DirectoryDesk directory;
    private final SealDesk seals;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private int rounds;
    private boolean roundDue;
    private long lanes = 1L << 45;

    SendDesk(
            Loop loop,
            Clock clock,
            NeighbourClocks clocks,
            Randomness randomness,
            OrganisationId me,
            Incarnation incarnation,
            Delivery delivery,
            MessageStore store,
            DirectoryDesk directory,
            SealDesk seals) {
        this.loop = loop;
        this.clock = clock;
        this.clocks = clocks;
        this.randomness = randomness;
        this.me = me;
        this.incarnation = incarnation;
        this.delivery = delivery;
        this.store = store;
        this.directory = directory;
        this.seals = seals;
    }

    /** What must be equal for messages to share an envelope. */
    private record Kind(
            Address sender,
            List<Address> recipients,
            Precedence precedence,
            SecrecyMark mark,
            Lifetime lifetime,
            Optional<String> ordering,
            Optional<Service> shown) {}

    /** A message that waits for its round. */
    private record Pending(Draft.Whole message, Kind kind, ClientRequest request, Consumer<Submission> answer) {
        long bytes() {
            long sum = 0;
            for (Bytes content : message.contents()) {
                sum += content.size();
            }
            return sum;
        }
    }

    // ---- small messages

    @Override
    public void submit(Caller caller, List<Draft.Whole> messages, Consumer<List<Submission>> answers) {
        Submission[] results = new Submission[messages.size()];
        loop.execute(() -> {
            int[] open = {messages.size()};
            for (int i = 0; i < messages.size(); i++) {
                int place = i;
                take(messages.get(i), answer -> {
                    results[place] = answer;
                    if (--open[0] == 0) {
                        answers.accept(List.of(results));
                    }
                });
            }
        });
    }

    private void take(Draft.Whole message, Consumer<Submission> answer) {
        Draft draft = message.draft();
        long bytes = message.contents().stream().mapToLong(Bytes::size).sum();
        if (bytes > Limits.BUNDLE_BYTES_MAX) {
            // It would be sealed in memory beside others: that is what the stream is not needed for.
            answer.accept(new Submission.Refused(Refusal.of(
                    ErrorCode.PAYLOAD_TOO_LARGE,
                    "{0} bytes as a whole, at most {1}; more goes as start, chunk, end",
                    bytes,
                    Limits.BUNDLE_BYTES_MAX)));
            return;
        }
        Optional<Submission> no = judge(draft, bytes);
        if (no.isPresent()) {
            answer.accept(no.get());
            return;
        }
        List<Hash> hashes = message.contents().stream().map(Hash::of).toList();
        ClientRequest request = new ClientRequest(draft.clientId(), draft.fingerprint(message.parts(), hashes));
        delivery.claim(draft.sender(), request, claim -> {
            if (claim instanceof ClientClaim.Before before) {
                answer.accept(new Submission.Accepted(before.id(), before.acceptedAt(), true));
            } else if (claim instanceof ClientClaim.Reused reused) {
                answer.accept(new Submission.Refused(reused.why()));
            } else {
                pending.add(new Pending(message, kind(draft), request, answer));
                roundSoon();
            }
        });
    }

    private Kind kind(Draft draft) {
        boolean shown = directory.view().directory().policy().serviceVisible();
        return new Kind(
                draft.sender(),
                draft.recipients(),
                draft.precedence(),
                draft.mark(),
                draft.lifetime(),
                draft.ordering(),
                shown ? Optional.of(draft.service()) : Optional.empty());
    }

    /** Everything that can be refused before a byte is read: recipients, secrecy, disk, keys. */
    private Optional<Submission> judge(Draft draft, long bytes) {
        Optional<Refusal> refusal =
                delivery.mayAccept(draft.sender(), draft.recipients(), draft.mark(), draft.precedence(), bytes);
        if (refusal.isEmpty()) {
            refusal = clocks.farAheadOfParent();
        }
        if (refusal.isEmpty()) {
            refusal = seals.maySeal(directory.view(), draft.sender(), draft.recipients(), draft.mark(), clock.now());
        }
        return refusal.map(why -> why.reason().retry() == ErrorCode.Retry.LATER
                ? new Submission.Busy(why, RETRY_AFTER)
                : new Submission.Refused(why));
    }

    private void roundSoon() {
        if (!roundDue && rounds < ROUNDS_MAX) {
            roundDue = true;
            loop.execute(() -> {
                roundDue = false;
                round();
            });
        }
    }

    /** Bundles what waits, reserves numbers, seals outside the loop, has it kept, answers. */
    private void round() {
        if (rounds == ROUNDS_MAX || pending.isEmpty()) {
            return;
        }
        DirectoryView view = directory.view();
        Instant now = clock.now();
        List<Job> jobs = new ArrayList<>();
        Map<Kind, Job> open = new LinkedHashMap<>();
        while (!pending.isEmpty()) {
            Pending next = pending.peek();
            Job job = open.get(next.kind());
            if (job == null || !job.hasRoomFor(next)) {
                if (jobs.size() == ROUND_ENVELOPES_MAX) {
                    break;
                }
                job = new Job(next.kind());
                jobs.add(job);
                open.put(next.kind(), job);
            }
            job.messages.add(next);
            job.bytes += next.bytes();
            pending.remove();
        }
        List<SealDesk.Work> works = new ArrayList<>();
        List<Job> planned = new ArrayList<>();
        for (Job job : jobs) {
            Result<SealPlan> plan = plan(view, job, now);
            if (plan instanceof Result.Ok<SealPlan> ok) {
                Reservation reservation = delivery.reserve(
                        job.kind.sender(),
                        incarnation,
                        job.kind.recipients(),
                        ok.value().coreHash(),
                        job.messages.size(),
                        job.kind.ordering());
                job.reservation = Optional.of(reservation);
                works.add(new SealDesk.Work(
                        ok.value(),
                        Optional.of(job.messages.stream()
                                .map(one -> one.message().contents())
                                .toList()),
                        Optional.empty(),
                        reservation));
                planned.add(job);
            } else {
                job.answerAll(refused(plan.refusal()));
            }
        }
        if (planned.isEmpty()) {
            roundSoon();
            return;
        }
        rounds++;
        loop.offload(0, () -> seals.seal(view, works, now), results -> {
            keep(planned, results);
            rounds--;
            roundSoon();
        });
        roundSoon();
    }

    private static Submission refused(Refusal why) {
        return why.reason().retry() == ErrorCode.Retry.LATER
                ? new Submission.Busy(why, RETRY_AFTER)
                : new Submission.Refused(why);
    }

    /** An envelope in the making. */
    private final class Job {
        private final Kind kind;
        private final List<Pending> messages = new ArrayList<>();
        private long bytes;
        private Optional<Reservation> reservation = Optional.empty();

        Job(Kind kind) {
            this.kind = kind;
        }

        boolean hasRoomFor(Pending next) {
            return messages.size() < Limits.BUNDLE_MESSAGES_MAX && bytes + next.bytes() <= BUNDLE_PAYLOAD_BYTES;
        }

        void answerAll(Submission answer) {
            for (Pending message : messages) {
                delivery.release(kind.sender(), message.request());
                message.answer().accept(answer);
            }
        }
    }

    private Result<SealPlan> plan(DirectoryView view, Job job, Instant now) {
        List<MessageHead> heads = new ArrayList<>();
        for (Pending message : job.messages) {
            Draft draft = message.message().draft();
            List<MessageHead.Part> parts = new ArrayList<>();
            for (int i = 0; i < message.message().parts().size(); i++) {
                Draft.Part part = message.message().parts().get(i);
                parts.add(new MessageHead.Part(
                        part.name(),
                        part.contentType(),
                        message.message().contents().get(i).size(),
                        part.sha256()));
            }
            heads.add(head(draft, parts, now));
        }
        return seals.plan(view, header(view, job.kind, heads, now), heads);
    }

    private MessageHead head(Draft draft, List<MessageHead.Part> parts, Instant now) {
        return new MessageHead(
                MessageId.mint(now, randomness.bytes(10)),
                draft.service(),
                draft.subject(),
                draft.contentType(),
                draft.correlation(),
                draft.ordering(),
                parts);
    }

    private SealDesk.HeaderFor header(DirectoryView view, Kind kind, List<MessageHead> heads, Instant now) {
        return new SealDesk.HeaderFor(
                heads.stream().map(MessageHead::id).toList(),
                kind.sender(),
                kind.recipients(),
                kind.shown(),
                kind.precedence(),
                kind.mark(),
                now,
                kind.lifetime(),
                view.version(),
                kind.ordering().isPresent() ? List.of(Header.Flag.ORDERED) : List.of());
    }

    private void keep(List<Job> jobs, List<Result<SealDesk.Sealed>> sealed) {
        List<AcceptedEnvelope> envelopes = new ArrayList<>();
        List<Job> kept = new ArrayList<>();
        for (int i = 0; i < jobs.size(); i++) {
            Job job = jobs.get(i);
            Reservation reservation = job.reservation.orElseThrow();
            if (sealed.get(i) instanceof Result.Ok<SealDesk.Sealed> ok) {
                envelopes.add(new AcceptedEnvelope(
                        ok.value().envelope(),
                        ok.value().facts(),
                        job.messages.stream()
                                .map(message -> Optional.of(message.request()))
                                .toList(),
                        Optional.of(reservation),
                        localSlots(reservation),
                        ok.value().manifests()));
                kept.add(job);
            } else {
                Refusal why = sealed.get(i).refusal();
                delivery.abandon(reservation, why.reason());
                job.answerAll(refused(why));
            }
        }
        if (!envelopes.isEmpty()) {
            delivery.accepted(envelopes, (position, answer) -> answered(kept.get(position), answer));
        }
    }

    private void answered(Job job, lienthong.gateway.delivery.Submission answer) {
        if (answer instanceof lienthong.gateway.delivery.Submission.Accepted accepted) {
            for (int i = 0; i < job.messages.size(); i++) {
                job.messages
                        .get(i)
                        .answer()
                        .accept(new Submission.Accepted(accepted.ids().get(i), accepted.at(), false));
            }
        } else {
            Submission no = no(answer);
            job.messages.forEach(message -> message.answer().accept(no));
        }
    }

    private static Submission no(lienthong.gateway.delivery.Submission answer) {
        return answer.fold(
                accepted -> new Submission.Refused(Refusal.of(ErrorCode.INVARIANT)),
                refused -> new Submission.Refused(refused.why()),
                busy -> new Submission.Busy(busy.why(), busy.retryAfter()));
    }

    /** What stands in the slots of recipients on this very node: written a moment ago, so nothing need be opened to know it. */
    private Map<Address, LocalSlot> localSlots(Reservation reservation) {
        Map<Address, LocalSlot> local = new LinkedHashMap<>();
        DirectoryView view = directory.view();
        for (Reservation.Numbered numbered : reservation.numbers()) {
            if (view.directory()
                    .nodeServing(numbered.recipient())
                    .filter(me::equals)
                    .isPresent()) {
                local.put(
                        numbered.recipient(),
                        seals.holdsKeysOf(view.identityOf(numbered.recipient()))
                                ? new LocalSlot.Opened(
                                        reservation.incarnation(),
                                        numbered.first(),
                                        numbered.previousCore(),
                                        reservation.orderingKey(),
                                        numbered.keyPredecessor())
                                : new LocalSlot.Opaque());
            }
        }
        return local;
    }

    // ---- large messages

    @Override
    public void begin(Caller caller, Draft draft, List<Draft.Part> parts, Consumer<Opening> answer) {
        loop.execute(() -> {
            long bytes = parts.stream().mapToLong(Draft.Part::size).sum();
            Optional<Submission> no = judge(draft, bytes);
            if (no.isPresent()) {
                answer.accept(new Opening.Answered(no.get()));
                return;
            }
            DirectoryView view = directory.view();
            Instant now = clock.now();
            List<MessageHead.Part> declared = parts.stream()
                    .map(part -> new MessageHead.Part(part.name(), part.contentType(), part.size(), part.sha256()))
                    .toList();
            MessageHead head = head(draft, declared, now);
            Kind kind = kind(draft);
            Result<SealPlan> plan = seals.plan(view, header(view, kind, List.of(head), now), List.of(head));
            if (!(plan instanceof Result.Ok<SealPlan> ok)) {
                answer.accept(new Opening.Answered(refused(plan.refusal())));
                return;
            }
            Incoming incoming = new Incoming(draft, parts, kind, ok.value(), view, lanes++);
            loop.offload(
                    incoming.lane,
                    incoming::open,
                    fault -> answer.accept(fault.<Opening>map(why -> new Opening.Answered(refused(why)))
                            .orElseGet(() -> new Opening.Open(incoming))));
        });
    }

    /** One large message on its way in: sealed as it comes, into the spool, in one pass. */
    private final class Incoming implements Upload {
        private final Draft draft;
        private final List<Draft.Part> parts;
        private final Kind kind;
        private final SealPlan plan;
        private final DirectoryView view;
        private final long lane;
        private final List<Hash> hashes = new ArrayList<>();
        private final MessageDigest digest = Hash.digest();
        private long inPart;
        private Optional<Refusal> fault = Optional.empty();
        private Optional<Spool.Writer> file = Optional.empty();
        private Optional<LargeSealing> sealing = Optional.empty();

        Incoming(Draft draft, List<Draft.Part> parts, Kind kind, SealPlan plan, DirectoryView view, long lane) {
            this.draft = draft;
            this.parts = parts;
            this.kind = kind;
            this.plan = plan;
            this.view = view;
            this.lane = lane;
        }

        Optional<Refusal> open() throws IOException {
            Result<Spool.Writer> opened = store.spool().begin();
            if (!(opened instanceof Result.Ok<Spool.Writer> ok)) {
                return Optional.of(opened.refusal());
            }
            Spool.Writer writer = ok.value();
            file = Optional.of(writer);
            sealing = Optional.of(seals.large(plan, (bytes, offset, length) -> {
                Result<Long> written = writer.write(writer.size(), ByteBuffer.wrap(bytes, offset, length));
                if (!written.isOk() && fault.isEmpty()) {
                    fault = Optional.of(written.refusal());
                }
            }));
            return Optional.empty();
        }

        @Override
        public void write(ByteBuffer chunk, TakenCallback taken) {
            loop.offload(
                    lane,
                    () -> {
                        byte[] bytes = new byte[chunk.remaining()];
                        chunk.get(bytes);
                        count(bytes);
                        Optional<Refusal> wrong = sealing.orElseThrow().write(bytes, 0, bytes.length);
                        if (fault.isEmpty()) {
                            fault = wrong;
                        }
                        return fault.isEmpty();
                    },
                    taken::taken);
        }

        /** The hash of each part, for the request's fingerprint; a chunk never spans two parts. */
        private void count(byte[] bytes) {
            skipEmptyParts();
            digest.update(bytes);
            inPart += bytes.length;
            if (hashes.size() < parts.size()
                    && inPart == parts.get(hashes.size()).size()) {
                hashes.add(new Hash(Bytes.ofOwned(digest.digest())));
                inPart = 0;
            }
        }

        private void skipEmptyParts() {
            while (inPart == 0
                    && hashes.size() < parts.size()
                    && parts.get(hashes.size()).size() == 0) {
                hashes.add(Hash.of(Bytes.empty()));
            }
        }

        @Override
        public void end(Consumer<Submission> answer) {
            loop.offload(lane, this::finish, finished -> {
                if (!(finished instanceof Result.Ok<Finished> ok)) {
                    drop();
                    answer.accept(refused(finished.refusal()));
                    return;
                }
                ClientRequest request = new ClientRequest(draft.clientId(), draft.fingerprint(parts, hashes));
                delivery.claim(draft.sender(), request, claim -> {
                    if (claim instanceof ClientClaim.Before before) {
                        store.spool().discard(ok.value().spool());
                        answer.accept(new Submission.Accepted(before.id(), before.acceptedAt(), true));
                    } else if (claim instanceof ClientClaim.Reused reused) {
                        store.spool().discard(ok.value().spool());
                        answer.accept(new Submission.Refused(reused.why()));
                    } else {
                        seal(ok.value(), request, answer);
                    }
                });
            });
        }

        private record Finished(SealedPayload payload, SpoolId spool) {}

        private Result<Finished> finish() throws IOException {
            skipEmptyParts();
            if (fault.isPresent()) {
                return Result.no(fault.get());
            }
            Result<SealedPayload> payload = sealing.orElseThrow().finish(0);
            if (!(payload instanceof Result.Ok<SealedPayload> sealed)) {
                return Result.no(payload.refusal());
            }
            if (fault.isPresent()) {
                return Result.no(fault.get());
            }
            Result<SpoolId> spool = file.orElseThrow().finish();
            return spool.map(id -> new Finished(sealed.value(), id));
        }

        private void seal(Finished finished, ClientRequest request, Consumer<Submission> answer) {
            Reservation reservation = delivery.reserve(
                    draft.sender(), incarnation, draft.recipients(), plan.coreHash(), 1, draft.ordering());
            SealDesk.Work work =
                    new SealDesk.Work(plan, Optional.empty(), Optional.of(finished.payload()), reservation);
            Job job = new Job(kind);
            job.reservation = Optional.of(reservation);
            job.messages.add(new Pending(new Draft.Whole(draft, List.of(), List.of()), kind, request, submission -> {
                if (!(submission instanceof Submission.Accepted)) {
                    store.spool().discard(finished.spool());
                }
                answer.accept(submission);
            }));
            loop.offload(
                    0,
                    () -> seals.seal(view, List.of(work), clock.now()),
                    results -> keep(
                            List.of(job), List.of(results.get(0).map(one -> one.at(place(finished, one.envelope()))))));
        }

        private SealedEnvelope.Ciphertext place(Finished finished, SealedEnvelope envelope) {
            return new SealedEnvelope.Ciphertext.Spooled(
                    finished.spool().value(), envelope.ciphertext().length());
        }

        @Override
        public void cancel() {
            drop();
        }

        private void drop() {
            loop.offload(
                    lane,
                    () -> {
                        sealing.ifPresent(LargeSealing::abandon);
                        file.ifPresent(Spool.Writer::discard);
                        return true;
                    },
                    done -> {});
        }
    }
}
