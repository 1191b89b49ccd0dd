package lienthong.gateway.delivery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import lienthong.gateway.delivery.DeliveryEvent.What;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.SpoolId;
import org.jspecify.annotations.Nullable;

/** Everything in custody here, found by key, leaf, message id and place under its seal; and the bytes last used, so that a busy relay need not read back. */
final class CustodyTable {
    private static final long RECENT_BYTES_MAX = 16L * 1024 * 1024;

    private final Desks desks;
    private final TreeMap<Long, Held> byKey = new TreeMap<>();
    private final Map<Hash, Held> byLeaf = new HashMap<>();
    private final Map<SentId, Held> byId = new HashMap<>();
    private final Map<SealPlace, Held> ownBySeal = new HashMap<>();
    /** Everybody whose messages were here: a few hundred addresses at most. */
    private final Set<Address> senders = new HashSet<>();

    private final LinkedHashMap<Long, Kept> recent = new LinkedHashMap<>(64, 0.75f, true);
    private long recentBytes;

    CustodyTable(Desks desks) {
        this.desks = desks;
    }

    private record SentId(Address sender, MessageId id) {}

    /** A leaf under a seal. */
    record SealPlace(Hash root, int index) {}

    /** The bytes and facts of a custody. */
    record Kept(SealedEnvelope sealed, EnvelopeFacts facts, Bytes manifests, long bytes) {}

    Held add(long key, Records.Head head, long takenNanos) {
        Held held = new Held(key, head, takenNanos, desks.trafficFrom(head.from()));
        byKey.put(key, held);
        held.nextOfLeaf = byLeaf.put(held.leaf, held);
        for (MessageId id : held.header.ids()) {
            byId.put(new SentId(held.header.sender(), id), held);
        }
        senders.add(held.header.sender());
        if (held.isOwn()) {
            ownBySeal.put(new SealPlace(held.sealRoot, held.index), held);
        }
        return held;
    }

    /** Puts the records of a new custody into the batch of this turn. */
    void write(Held held, Records.Head head, SealedEnvelope sealed, Bytes manifests) {
        Bytes headBytes = head.encode();
        Bytes bodyBytes = new Records.Body(sealed, manifests).encode();
        desks.turn.put(Kind.HEAD, held.key, headBytes);
        if (sealed.ciphertext() instanceof SealedEnvelope.Ciphertext.Spooled spooled) {
            desks.turn.put(Kind.BODY, held.key, bodyBytes, new SpoolId(spooled.spoolId()));
        } else {
            desks.turn.put(Kind.BODY, held.key, bodyBytes);
        }
        remember(held.key, new Kept(sealed, head.facts(), manifests, headBytes.size() + bodyBytes.size() + 200L));
    }

    /** What a custody weighs in the log, for the disk gate: its ciphertext wherever it lies, and its parts. */
    static long weight(Held held) {
        return held.bytes + 2_048L * held.copies.size() + 4_096;
    }

    /** Whether the own envelope with this last number in the same stream as {@code other} has no end for that recipient. */
    boolean isOpen(Copy other, Incarnation incarnation, long last) {
        for (Held held : byKey.values()) {
            Copy copy = held.isOwn() && !held.gone && !held.closing ? held.copyFor(other.address) : null;
            if (copy != null
                    && copy.lastNumber() == last
                    && !copy.hasEnds()
                    && held.header.sender().equals(other.held.header.sender())
                    && held.own
                            .filter(own -> own.incarnation().equals(incarnation))
                            .isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** Marks a copy's state as changed. */
    void changed(Copy copy) {
        if (copy.endKey == 0) {
            copy.endKey = desks.store.newKey();
        }
        desks.turn.dirty(copy);
    }

    /** Ends a custody: its records go in the batch of this turn. */
    void drop(Held held) {
        held.gone = true;
        desks.dues.cancel(held.due);
        held.due = null;
        desks.turn.drop(Kind.HEAD, held.key);
        desks.turn.drop(Kind.BODY, held.key);
        for (Copy copy : held.copies) {
            if (copy.endKey != 0) {
                desks.turn.drop(Kind.END, copy.endKey);
            }
        }
        desks.rewraps.dropped(held);
        desks.store.gate().release(held.traffic, weight(held));
        forget(held);
    }

    private void forget(Held held) {
        byKey.remove(held.key);
        Held first = byLeaf.get(held.leaf);
        if (first == held) {
            if (held.nextOfLeaf == null) {
                byLeaf.remove(held.leaf);
            } else {
                byLeaf.put(held.leaf, held.nextOfLeaf);
            }
        } else {
            for (Held at = first; at != null; at = at.nextOfLeaf) {
                if (at.nextOfLeaf == held) {
                    at.nextOfLeaf = held.nextOfLeaf;
                }
            }
        }
        Held other = byLeaf.get(held.leaf);
        for (MessageId id : held.header.ids()) {
            SentId sent = new SentId(held.header.sender(), id);
            if (byId.get(sent) == held) {
                if (other == null) {
                    byId.remove(sent);
                } else {
                    byId.put(sent, other);
                }
            }
        }
        ownBySeal.remove(new SealPlace(held.sealRoot, held.index), held);
        Kept kept = recent.remove(held.key);
        if (kept != null) {
            recentBytes -= kept.bytes();
        }
    }

    /** Reads the bytes; empty when the disk has lost them, which was then reported and the custody ended. */
    Optional<Kept> kept(Held held) {
        Kept found = recent.get(held.key);
        if (found != null) {
            return Optional.of(found);
        }
        Optional<Bytes> head = desks.store.read(Kind.HEAD, held.key);
        Optional<Bytes> body = desks.store.read(Kind.BODY, held.key);
        if (head.isEmpty() || body.isEmpty()) {
            return Optional.empty();
        }
        Records.Body read = Records.Body.decode(body.get());
        Kept kept = new Kept(
                read.sealed(),
                Records.Head.decode(head.get()).facts(),
                read.manifests(),
                head.get().size() + body.get().size() + 200L);
        remember(held.key, kept);
        return Optional.of(kept);
    }

    private void remember(long key, Kept kept) {
        Kept before = recent.put(key, kept);
        recentBytes += kept.bytes() - (before == null ? 0 : before.bytes());
        while (recentBytes > RECENT_BYTES_MAX && recent.size() > 1) {
            Map.Entry<Long, Kept> eldest = recent.entrySet().iterator().next();
            recentBytes -= eldest.getValue().bytes();
            recent.remove(eldest.getKey());
        }
    }

    /** What stands in a slot became known after all: from the batch of this turn on. Whether its record was there to say so. */
    boolean found(Copy copy, LocalSlot slot) {
        Optional<Bytes> head = desks.store.read(Kind.HEAD, copy.held.key);
        if (head.isEmpty()) {
            return false;
        }
        Bytes changed = Records.Head.decode(head.get()).with(copy.index, slot).encode();
        desks.turn.together(changed.size() + 8_192L);
        desks.turn.put(Kind.HEAD, copy.held.key, changed);
        copy.slot = slot;
        return true;
    }

    /**
     * The disk has lost this custody's bytes: said aloud, and to its sender, which offers it again; one that does not hear it asks. An own sender's is ended
     * where nobody else can have it.
     */
    void lost(Held held) {
        sayLost(held);
        if (held.isOwn()) {
            desks.origin.bytesLost(held, false);
            return;
        }
        for (Copy copy : held.copies) {
            if (copy.isHere() && !(copy.isLocal() && copy.isLocallySigned())) {
                desks.inquiry.tellHome(copy, Known.State.UNKNOWN, ErrorCode.RECORD_DAMAGED);
            }
        }
        desks.forwarding.abandon(held);
        desks.local.abandon(held);
        drop(held);
    }

    private void sayLost(Held held) {
        if (!held.bytesLost) {
            held.bytesLost = true;
            desks.event(
                    What.QUARANTINED,
                    ErrorCode.RECORD_DAMAGED,
                    held.header.id(),
                    Detail.of("the envelope's record is damaged"));
        }
    }

    void payloadLost(Hash leaf, SpoolId payload) {
        List<Held> those = new ArrayList<>();
        for (Held held = byLeaf.get(leaf); held != null; held = held.nextOfLeaf) {
            if (held.durable
                    && !held.closing
                    && kept(held)
                            .filter(kept ->
                                    kept.sealed().ciphertext() instanceof SealedEnvelope.Ciphertext.Spooled spooled
                                            && spooled.spoolId() == payload.value())
                            .isPresent()) {
                those.add(held);
            }
        }
        for (Held held : those) {
            if (held.isOwn()) {
                sayLost(held);
                desks.origin.bytesLost(held, true);
            } else {
                lost(held);
            }
        }
    }

    /** The manifests of a received envelope, from whoever opened it. */
    void found(Hash leaf, Bytes manifests) {
        for (Held held = byLeaf.get(leaf); held != null; held = held.nextOfLeaf) {
            held.manifestsFound = manifests;
        }
    }

    /** What is known here of what an envelope says inside, enciphered: its own sender's, or its recipient's. */
    static Bytes manifests(Held held, Kept kept) {
        return kept.manifests().isEmpty() ? held.manifestsFound : kept.manifests();
    }

    /** First custody with this leaf; others follow by {@link Held#nextOfLeaf}. */
    @Nullable
    Held byLeaf(Hash leaf) {
        return byLeaf.get(leaf);
    }

    /** A custody of this leaf that covers this recipient; one that is still here before one that was handed on. */
    @Nullable
    Copy copyOf(Hash leaf, Address recipient) {
        Copy handedOn = null;
        for (Held held = byLeaf.get(leaf); held != null; held = held.nextOfLeaf) {
            Copy copy = held.copyFor(recipient);
            if (copy != null && copy.isHere()) {
                return copy;
            }
            handedOn = copy == null ? handedOn : copy;
        }
        return handedOn;
    }

    @Nullable
    Held byId(Address sender, MessageId id) {
        return byId.get(new SentId(sender, id));
    }

    /** An own message; another sender's id never matches. */
    @Nullable
    Held ownById(MessageId id) {
        for (Address sender : senders) {
            for (Held held = byId.get(new SentId(sender, id)); held != null; held = held.nextOfLeaf) {
                if (held.isOwn()) {
                    return held;
                }
            }
        }
        return null;
    }

    /** Any message with this id, an own sender's first: for people, who know nothing but the id. */
    @Nullable
    Held anyById(MessageId id) {
        for (Address sender : senders) {
            Held held = byId.get(new SentId(sender, id));
            if (held != null) {
                return held;
            }
        }
        return null;
    }

    @Nullable
    Held ownBySeal(Hash root, int index) {
        return ownBySeal.get(new SealPlace(root, index));
    }

    @Nullable
    Held byKey(long key) {
        return byKey.get(key);
    }

    Collection<Held> all() {
        return byKey.values();
    }

    List<Held> ownNewestFirst() {
        List<Held> found = new ArrayList<>();
        for (Held held : byKey.descendingMap().values()) {
            if (held.isOwn()) {
                found.add(held);
            }
        }
        return found;
    }

    int size() {
        return byKey.size();
    }
}
