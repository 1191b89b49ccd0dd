package lienthong.gateway.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.api.Caller;
import lienthong.gateway.api.ListDoor;
import lienthong.gateway.api.TrackDoor;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.delivery.Progress;
import lienthong.gateway.delivery.Queued;
import lienthong.gateway.delivery.RoutedReceipt;
import lienthong.gateway.delivery.Tracked;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/** Tells applications what became of their messages: once, live, or as a list. State is confined to the loop; doors may be called from anywhere. */
final class TrackDesk implements TrackDoor, ListDoor {
    private static final int QUEUE_PAGE = 1_000;

    private final Loop loop;
    private final Delivery delivery;
    private final OrganisationId me;
    private final Map<MessageId, Set<Following>> following = new HashMap<>();
    private final Set<Following> live = new LinkedHashSet<>();
    private final List<Progress> fresh = new ArrayList<>();

    TrackDesk(Loop loop, Delivery delivery, OrganisationId me) {
        this.loop = loop;
        this.delivery = delivery;
        this.me = me;
    }

    /** One watch. */
    private static final class Following {
        private final Caller caller;
        private final Set<Address> senders;
        private final Watcher watcher;
        private boolean over;

        Following(Caller caller, Set<Address> senders, Watcher watcher) {
            this.caller = caller;
            this.senders = senders;
            this.watcher = watcher;
        }

        boolean wants(Address sender) {
            return caller.mayUse(sender) && (senders.isEmpty() || senders.contains(sender));
        }
    }

    // ---- from delivery

    /** Something happened; told to watchers in one go after the turn's other tasks. */
    void progressed(Progress progress) {
        if (live.isEmpty() && !following.containsKey(progress.id())) {
            return;
        }
        if (fresh.isEmpty()) {
            loop.execute(this::tell);
        }
        fresh.add(progress);
    }

    private void tell() {
        List<Progress> now = List.copyOf(fresh);
        fresh.clear();
        for (Following follower : List.copyOf(live)) {
            List<Event> events = new ArrayList<>();
            for (Progress progress : now) {
                if (follower.wants(progress.sender())) {
                    events.add(event(progress));
                }
            }
            if (!events.isEmpty()) {
                follower.watcher.events(events);
            }
        }
        Set<MessageId> concerned = new LinkedHashSet<>();
        now.forEach(progress -> concerned.add(progress.id()));
        for (MessageId id : concerned) {
            Set<Following> followers = following.get(id);
            if (followers == null) {
                continue;
            }
            List<Event> events = now.stream()
                    .filter(progress -> progress.id().equals(id))
                    .map(this::event)
                    .toList();
            followers.forEach(follower -> follower.watcher.events(events));
            boolean settled = now.stream()
                    .anyMatch(progress -> progress.id().equals(id) && progress.what() == Progress.What.SETTLED);
            if (settled) {
                following.remove(id);
                followers.forEach(follower -> {
                    follower.over = true;
                    follower.watcher.end();
                });
            }
        }
    }

    private Event event(Progress progress) {
        return new Event(
                progress.id(),
                progress.clientId(),
                progress.sender(),
                progress.recipient(),
                State.valueOf(progress.what().name()),
                progress.at(),
                progress.node(),
                progress.reason().map(Refusal::of),
                progress.signer(),
                progress.reported());
    }

    // ---- track

    @Override
    public Watch track(Caller caller, Subject subject, boolean follow, Watcher watcher) {
        Set<Address> senders = subject instanceof Subject.Live wanted ? wanted.senders() : Set.of();
        Following follower = new Following(caller, senders, watcher);
        loop.execute(() -> begin(follower, subject, follow));
        return () -> loop.execute(() -> cancel(follower));
    }

    private void cancel(Following follower) {
        follower.over = true;
        live.remove(follower);
        following.values().forEach(set -> set.remove(follower));
        following.values().removeIf(Set::isEmpty);
    }

    private void begin(Following follower, Subject subject, boolean follow) {
        if (subject instanceof Subject.Live) {
            live.add(follower);
            return;
        }
        Optional<MessageId> id = subject instanceof Subject.OfMessage one
                ? Optional.of(one.id())
                : subject instanceof Subject.OfClientId named
                        ? delivery.find(named.sender(), named.clientId())
                        : Optional.empty();
        if (id.isEmpty()) {
            follower.watcher.refused(Refusal.of(ErrorCode.MESSAGE_UNKNOWN, "no message was sent under this id"));
            return;
        }
        delivery.track(id.get(), found -> {
            if (follower.over) {
                return;
            }
            if (found.isEmpty() || !follower.caller.mayUse(found.get().sender())) {
                follower.watcher.refused(Refusal.of(ErrorCode.MESSAGE_UNKNOWN, "{0}", id.get()));
                return;
            }
            Tracked tracked = found.get();
            follower.watcher.events(history(tracked));
            if (follow && !tracked.settled()) {
                following
                        .computeIfAbsent(tracked.id(), any -> new LinkedHashSet<>())
                        .add(follower);
            } else {
                follower.watcher.end();
            }
        });
    }

    private List<Event> history(Tracked tracked) {
        List<Event> events = new ArrayList<>();
        events.add(own(
                tracked, Optional.empty(), State.ACCEPTED, tracked.acceptedAt(), Optional.of(me), Optional.empty()));
        for (Tracked.Recipient recipient : tracked.recipients()) {
            Optional<Address> who = Optional.of(recipient.address());
            recipient
                    .handedAt()
                    .ifPresent(at ->
                            events.add(own(tracked, who, State.CUSTODY, at, recipient.handedTo(), Optional.empty())));
            if (recipient.state() == Tracked.State.HELD) {
                events.add(own(
                        tracked,
                        who,
                        State.HELD,
                        tracked.acceptedAt(),
                        Optional.of(me),
                        recipient.why().map(Refusal::of)));
            }
            for (RoutedReceipt receipt : recipient.receipts()) {
                Receipt said = receipt.receipt();
                events.add(new Event(
                        tracked.id(),
                        tracked.clientId(),
                        tracked.sender(),
                        who,
                        State.valueOf(said.kind().name()),
                        said.time(),
                        Optional.of(recipient.address().organisation()),
                        said.reason().map(Refusal::of),
                        Optional.of(said.signer()),
                        false));
            }
        }
        events.sort(java.util.Comparator.comparing(Event::at));
        if (tracked.settled()) {
            java.time.Instant last = events.get(events.size() - 1).at();
            events.add(own(tracked, Optional.empty(), State.SETTLED, last, Optional.of(me), Optional.empty()));
        }
        return events;
    }

    private static Event own(
            Tracked tracked,
            Optional<Address> recipient,
            State state,
            java.time.Instant at,
            Optional<OrganisationId> node,
            Optional<Refusal> reason) {
        return new Event(
                tracked.id(),
                tracked.clientId(),
                tracked.sender(),
                recipient,
                state,
                at,
                node,
                reason,
                Optional.empty(),
                false);
    }

    // ---- list

    @Override
    public void list(Caller caller, Query query, java.util.function.Consumer<Result<Page<Summary>>> answer) {
        int skip;
        try {
            skip = query.token().isEmpty() ? 0 : Integer.parseInt(query.token());
        } catch (NumberFormatException notOurs) {
            answer.accept(Result.no(ErrorCode.FIELD_MISSING, "page_token: not one of this node's"));
            return;
        }
        loop.execute(() -> {
            Set<Address> wanted = query.addresses().isEmpty() ? caller.addresses() : query.addresses();
            answer.accept(Result.ok(
                    query.box() == Box.SENT ? sent(wanted, skip, query.size()) : waiting(wanted, skip, query.size())));
        });
    }

    private Page<Summary> sent(Set<Address> senders, int skip, int size) {
        List<Tracked> found = delivery.open(senders, skip, size + 1);
        List<Summary> items = found.stream().limit(size).map(TrackDesk::summary).toList();
        return new Page<>(items, found.size() > size ? Optional.of(Integer.toString(skip + size)) : Optional.empty());
    }

    /** Messages for applications of this node, from the queue's lines that have no neighbour. */
    private Page<Summary> waiting(Set<Address> recipients, int skip, int size) {
        List<Summary> items = new ArrayList<>();
        int at = skip;
        while (items.size() < size) {
            List<Queued> lines = delivery.queue(at, QUEUE_PAGE);
            for (Queued line : lines) {
                if (items.size() == size) {
                    return new Page<>(items, Optional.of(Integer.toString(at)));
                }
                at++;
                boolean ours =
                        recipients.isEmpty() || line.recipients().stream().anyMatch(recipients::contains);
                if (line.neighbour().isEmpty() && ours) {
                    items.add(new Summary(
                            line.id(),
                            Optional.empty(),
                            line.sender(),
                            line.recipients(),
                            line.precedence(),
                            lienthong.gateway.message.SecrecyMark.NONE,
                            line.since(),
                            line.bytes(),
                            line.recipients().stream()
                                    .map(any -> State.DELIVERED)
                                    .toList()));
                }
            }
            if (lines.size() < QUEUE_PAGE) {
                break;
            }
        }
        return new Page<>(items, Optional.empty());
    }

    private static Summary summary(Tracked tracked) {
        return new Summary(
                tracked.id(),
                tracked.clientId(),
                tracked.sender(),
                tracked.recipients().stream().map(Tracked.Recipient::address).toList(),
                tracked.precedence(),
                tracked.mark(),
                tracked.acceptedAt(),
                tracked.bytes(),
                tracked.recipients().stream()
                        .map(recipient -> state(recipient.state()))
                        .toList());
    }

    private static State state(Tracked.State state) {
        return switch (state) {
            case HELD -> State.HELD;
            case QUEUED -> State.ACCEPTED;
            case FORWARDED -> State.CUSTODY;
            case DELIVERED -> State.DELIVERED;
            case CONSUMED -> State.CONSUMED;
            case RETURNED -> State.RETURNED;
            case EXPIRED -> State.EXPIRED;
        };
    }
}
