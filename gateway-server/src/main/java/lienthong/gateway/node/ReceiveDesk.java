package lienthong.gateway.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.delivery.ConsumerId;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.delivery.GiveBack;
import lienthong.gateway.delivery.LeasedMessage;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * Hands messages to applications. One attachment to delivery per address, however many applications share it; messages are opened outside the
 * loop and handed in order to whoever has credit and wants the service. Confined to the loop; door methods may be called from anywhere.
 */
final class ReceiveDesk implements ReceiveDoor {
    private static final Duration NODE_LEASE = Duration.ofSeconds(60);
    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(20).toNanos();
    private static final long PRODUCT_RETRY_NANOS = Duration.ofSeconds(30).toNanos();
    /** Opened and in memory although nobody attached wants them; beyond it nothing more is leased for that address. */
    private static final int UNWANTED_MAX = 256;

    private static final int LEASE_ITEMS_MAX = 1_024;
    private static final long LEASE_BYTES_MAX = 8L * 1024 * 1024;

    private final Loop loop;
    private final Clock clock;
    private final Delivery delivery;
    private final OpenDesk opening;
    private final DirectoryDesk directory;
    private final NodeWatch watch;
    private final PayloadGuard payloads;
    private final lienthong.gateway.message.OrganisationId me;
    private final Map<Address, Counter> counters = new HashMap<>();
    private long lanes = 1L << 40;

    ReceiveDesk(
            Loop loop,
            Clock clock,
            Delivery delivery,
            OpenDesk opening,
            DirectoryDesk directory,
            lienthong.gateway.message.OrganisationId me,
            PayloadGuard payloads,
            NodeWatch watch) {
        this.loop = loop;
        this.payloads = payloads;
        this.clock = clock;
        this.delivery = delivery;
        this.opening = opening;
        this.directory = directory;
        this.me = me;
        this.watch = watch;
    }

    @Override
    public void attach(Caller caller, Attachment attachment, Receiver receiver, Consumer<Result<Receiving>> answer) {
        loop.execute(() -> {
            Address address = attachment.address();
            if (!directory
                    .view()
                    .directory()
                    .nodeServing(address)
                    .filter(me::equals)
                    .isPresent()) {
                answer.accept(Result.no(ErrorCode.NOT_YOUR_ADDRESS, "{0} is not on this node", address));
                return;
            }
            Counter counter = counters.computeIfAbsent(address, Counter::new);
            Reader reader = new Reader(counter, caller, attachment, receiver, delivery.waiting(address));
            counter.readers.add(reader);
            answer.accept(Result.ok(reader));
        });
    }

    /** Delivery says that something waits. */
    void available(Address address) {
        Counter counter = counters.get(address);
        if (counter != null) {
            loop.execute(counter::pump);
        }
    }

    /** A lease of delivery's ended by itself. */
    void lapsed(ConsumerId consumer, long lease) {
        for (Counter counter : counters.values()) {
            if (counter.consumer.equals(consumer)) {
                counter.lapsed(lease);
            }
        }
    }

    /** One address: what is leased from delivery for it, and who reads. */
    private final class Counter {
        private final Address address;
        private final ConsumerId consumer;
        private final long lane = lanes++;
        private final List<Reader> readers = new ArrayList<>();
        private final Deque<HandOver> opened = new ArrayDeque<>();
        private final Map<Long, Reader> holders = new HashMap<>();
        /** By lease: what the State cipher service's product has to open, and cannot now. */
        private final Map<Long, LeasedMessage> asleep = new LinkedHashMap<>();

        private boolean waking;
        private final Map<Long, Loop.Cancellation> deadlines = new HashMap<>();
        private int beingOpened;
        private int turn;
        private Loop.Cancellation heartbeat = () -> {};

        Counter(Address address) {
            this.address = address;
            this.consumer = delivery.attach(address, NODE_LEASE);
            beat();
        }

        private void beat() {
            heartbeat = loop.schedule(HEARTBEAT_NANOS, () -> {
                delivery.heartbeat(consumer);
                beat();
            });
        }

        /** Of a service that nobody attached now asks for: it may wait, but what comes behind it is not kept from its readers. */
        private boolean isUnwanted(HandOver message) {
            return readers.stream().noneMatch(reader -> reader.wants(message));
        }

        /** Leases as much as the readers have credit for. */
        void pump() {
            long unwanted = opened.stream().filter(this::isUnwanted).count();
            long credit = readers.stream().mapToLong(reader -> reader.credit).sum()
                    - (opened.size() - unwanted)
                    - beingOpened;
            if (credit <= 0 || unwanted + asleep.size() >= UNWANTED_MAX) {
                return;
            }
            List<LeasedMessage> leased =
                    delivery.lease(consumer, (int) Math.min(credit, LEASE_ITEMS_MAX), LEASE_BYTES_MAX);
            if (leased.isEmpty()) {
                return;
            }
            open(leased);
        }

        private void open(List<LeasedMessage> leased) {
            beingOpened += leased.size();
            DirectoryView view = directory.view();
            loop.offload(lane, () -> opening.open(leased, view), batch -> {
                beingOpened -= batch.messages().size();
                batch.manifests().forEach(delivery::found);
                for (OpenDesk.Opening result : batch.messages()) {
                    if (result.opened().isPresent()) {
                        asleep.remove(result.leased().lease());
                        opened.add(result.opened().get());
                    } else {
                        cannotOpen(result.leased(), result.refusal().orElseThrow());
                    }
                }
                dispatch();
                pump();
            });
        }

        /** Whatever the reason, the sender hears that it could not be opened here; the finer reason stops at the counter. */
        private void cannotOpen(LeasedMessage leased, Refusal why) {
            if (why.reason() == ErrorCode.SUITE_UNKNOWN || why.reason() == ErrorCode.TOKEN_AWAY) {
                sleep(leased, why);
                return;
            }
            asleep.remove(leased.lease());
            if (why.reason() == ErrorCode.RECORD_DAMAGED) {
                // Lost here, and whole at its origin: no end for anybody. Where this is its origin the lease is left,
                // and the
                // message stays, in the end as a dead letter.
                payloads.lost(leased.sealed().ciphertext(), leased.facts(), why);
                delivery.giveBack(consumer, leased.lease(), new GiveBack.Later(), Optional.empty(), refusal -> {});
                return;
            }
            if (why.reason() == ErrorCode.SPOOL_MISSING) {
                // Nothing is known of the message itself: it stays here, in the end as a dead letter, and ends for
                // nobody.
                watch.damaged(why);
                delivery.giveBack(consumer, leased.lease(), new GiveBack.Later(), Optional.empty(), refusal -> {});
                return;
            }
            watch.badInput("open", why);
            delivery.giveBack(
                    consumer,
                    leased.lease(),
                    new GiveBack.ForGood(ErrorCode.NOT_ADDRESSED),
                    Optional.empty(),
                    refusal -> {});
        }

        /**
         * It only lacks the State cipher service's product, which may answer soon, or be installed at the next start: its lease is kept, so that the
         * tries count for nothing and it never becomes a dead letter.
         */
        private void sleep(LeasedMessage leased, Refusal why) {
            if (asleep.put(leased.lease(), leased) == null) {
                watch.badInput("open", why);
            }
            if (!waking) {
                waking = true;
                loop.schedule(PRODUCT_RETRY_NANOS, this::wake);
            }
        }

        private void wake() {
            waking = false;
            List<LeasedMessage> again = List.copyOf(asleep.values());
            if (!again.isEmpty()) {
                open(again);
            }
        }

        private void dispatch() {
            for (Iterator<HandOver> waiting = opened.iterator(); waiting.hasNext(); ) {
                HandOver next = waiting.next();
                Reader reader = readerFor(next);
                if (reader != null) {
                    waiting.remove();
                    handOver(reader, next);
                }
            }
        }

        private @org.jspecify.annotations.Nullable Reader readerFor(HandOver message) {
            for (int i = 0; i < readers.size(); i++) {
                Reader reader = readers.get(Math.floorMod(turn + i, readers.size()));
                if (reader.credit > 0 && reader.wants(message)) {
                    turn += i + 1;
                    return reader;
                }
            }
            return null;
        }

        private void handOver(Reader reader, HandOver message) {
            long lease = message.leased().lease();
            reader.credit--;
            holders.put(lease, reader);
            Duration time = reader.attachment.leaseFor();
            Instant until = clock.now().plus(time);
            deadline(lease, time);
            Header header = message.leased().facts().header();
            reader.receiver.lease(new Lease(
                    lease,
                    new Received(
                            message.leased().id(),
                            header.sender(),
                            header.recipients(),
                            address,
                            message.service(),
                            message.subject(),
                            header.precedence(),
                            header.mark(),
                            header.created(),
                            header.lifetime(),
                            message.contentType(),
                            message.correlation(),
                            message.ordering(),
                            message.leased().arrived(),
                            message.leased().facts().leaf()),
                    message.parts(),
                    message.leased().deliveryCount(),
                    message.leased().redelivered(),
                    until,
                    message.content()));
        }

        private void deadline(long lease, Duration time) {
            Loop.Cancellation before = deadlines.put(lease, loop.schedule(time.toNanos(), () -> {
                Reader reader = ended(lease);
                if (reader != null) {
                    reader.receiver.lost(lease, Refusal.of(ErrorCode.LEASE_NOT_HELD, "the time of the lease is over"));
                    delivery.giveBack(consumer, lease, new GiveBack.Later(), Optional.empty(), refusal -> pump());
                }
            }));
            if (before != null) {
                before.cancel();
            }
        }

        private @org.jspecify.annotations.Nullable Reader ended(long lease) {
            Loop.Cancellation deadline = deadlines.remove(lease);
            if (deadline != null) {
                deadline.cancel();
            }
            return holders.remove(lease);
        }

        void lapsed(long lease) {
            asleep.remove(lease);
            opened.removeIf(message -> message.leased().lease() == lease);
            Reader reader = ended(lease);
            if (reader != null) {
                reader.receiver.lost(lease, Refusal.of(ErrorCode.LEASE_NOT_HELD, "the lease ended at the node"));
            }
        }

        void leave(Reader reader) {
            readers.remove(reader);
            List<Long> held = new ArrayList<>();
            holders.forEach((lease, holder) -> {
                if (holder == reader) {
                    held.add(lease);
                }
            });
            // Whatever made it go is likely what it had longest; those behind that must not become dead letters with
            // it.
            Collections.sort(held);
            GiveBack why = new GiveBack.Later();
            for (long lease : held) {
                if (ended(lease) != null) {
                    delivery.giveBack(consumer, lease, why, Optional.empty(), refusal -> {});
                    why = new GiveBack.Unread();
                }
            }
            if (readers.isEmpty()) {
                heartbeat.cancel();
                asleep.clear();
                counters.remove(address);
                delivery.detach(consumer);
            } else {
                dispatch();
                pump();
            }
        }
    }

    /** One application's attachment. */
    private final class Reader implements Receiving {
        private final Counter counter;
        private final Caller caller;
        private final Attachment attachment;
        private final Receiver receiver;
        private final long waiting;
        private long credit;
        private boolean detached;

        Reader(Counter counter, Caller caller, Attachment attachment, Receiver receiver, long waiting) {
            this.counter = counter;
            this.caller = caller;
            this.attachment = attachment;
            this.receiver = receiver;
            this.waiting = waiting;
        }

        boolean wants(HandOver message) {
            return caller.mayUse(message.service())
                    && (attachment.services().isEmpty() || attachment.services().contains(message.service()));
        }

        @Override
        public Address address() {
            return attachment.address();
        }

        @Override
        public long waiting() {
            return waiting;
        }

        @Override
        public void credit(int messages) {
            loop.execute(() -> {
                credit += messages;
                counter.dispatch();
                counter.pump();
            });
        }

        @Override
        public void acknowledge(long lease, Consumer<Optional<Refusal>> done) {
            loop.execute(() -> {
                if (take(lease, done)) {
                    delivery.acknowledge(counter.consumer, lease, Optional.empty(), done);
                }
            });
        }

        @Override
        public void giveBack(long lease, String reason, Consumer<Optional<Refusal>> done) {
            loop.execute(() -> {
                if (take(lease, done)) {
                    delivery.giveBack(
                            counter.consumer,
                            lease,
                            new GiveBack.ForGood(ErrorCode.RETURNED_BY_APPLICATION),
                            Optional.empty(),
                            done);
                }
            });
        }

        @Override
        public void release(long lease, Consumer<Optional<Refusal>> done) {
            loop.execute(() -> {
                if (take(lease, done)) {
                    delivery.giveBack(counter.consumer, lease, new GiveBack.Later(), Optional.empty(), refusal -> {
                        done.accept(refusal);
                        counter.pump();
                    });
                }
            });
        }

        @Override
        public void extend(long lease, Duration time, Consumer<Optional<Refusal>> done) {
            loop.execute(() -> {
                if (counter.holders.get(lease) != this) {
                    done.accept(Optional.of(Refusal.of(ErrorCode.LEASE_NOT_HELD, "lease {0}", lease)));
                    return;
                }
                counter.deadline(lease, time);
                done.accept(Optional.empty());
            });
        }

        private boolean take(long lease, Consumer<Optional<Refusal>> done) {
            if (counter.holders.get(lease) != this) {
                done.accept(Optional.of(Refusal.of(ErrorCode.LEASE_NOT_HELD, "lease {0}", lease)));
                return false;
            }
            return counter.ended(lease) != null;
        }

        @Override
        public void detach() {
            loop.execute(() -> {
                if (!detached) {
                    detached = true;
                    counter.leave(this);
                }
            });
        }
    }
}
