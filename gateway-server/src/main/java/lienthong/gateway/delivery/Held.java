package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.SequenceText;
import lienthong.gateway.store.DiskGate.Traffic;
import org.jspecify.annotations.Nullable;

/** One envelope in custody here, for some or all of its recipients; what is needed for decisions, not its bytes. */
final class Held {
    final long key;
    final Header header;
    final Hash core;
    final Hash leaf;
    final Hash sealRoot;
    final int index;
    final int treeSize;
    final Hash ciphertextRoot;
    final long bytes;
    final Optional<OrganisationId> from;
    final Instant takenAt;
    final Duration ageAtTaking;
    final Traffic traffic;
    final List<Optional<ClientRequest>> clients;
    final Optional<Records.OwnNumbers> own;
    final List<Copy> copies = new ArrayList<>();
    final List<Leg> legs = new ArrayList<>();

    /** When it was taken, by the monotonic clock; of one found at a start as far back as another's clock confirms. */
    private long takenNanos;

    /** Whether its records are durable: before, nothing of it may leave or be answered. */
    boolean durable;
    /** It is being archived; nothing more happens to it. */
    boolean closing;
    /** Its record of the envelope's bytes, or its payload, was found damaged. */
    boolean bytesLost;
    /** Its records are dropped. */
    boolean gone;

    Dues.@Nullable Due due;
    /** Receipts that applications of this node caused, until they are archived. */
    final List<RoutedReceipt> receiptsHere = new ArrayList<>();

    /** What a recipient here found inside, enciphered for the archive; empty until then. */
    Bytes manifestsFound = Bytes.empty();

    @Nullable
    Held nextOfLeaf;

    Held(long key, Records.Head head, long takenNanos, Traffic traffic) {
        this.key = key;
        EnvelopeFacts facts = head.facts();
        this.header = facts.header();
        this.core = head.core();
        this.leaf = facts.leaf();
        this.sealRoot = facts.sealRoot();
        this.index = facts.index();
        this.treeSize = facts.treeSize();
        this.ciphertextRoot = facts.ciphertextRoot();
        this.bytes = facts.ciphertextLength();
        this.from = head.from();
        this.takenAt = head.takenAt();
        this.ageAtTaking = head.age();
        this.takenNanos = takenNanos;
        this.traffic = traffic;
        this.clients = head.clients().stream().anyMatch(Optional::isPresent) ? head.clients() : List.of();
        this.own = head.own();
        for (int i = 0; i < head.covered().size(); i++) {
            int index = head.covered().get(i);
            LocalSlot slot = head.local().get(index);
            Copy copy = new Copy(this, index, slot, head.from().isEmpty());
            if (!head.lives().isEmpty()) {
                copy.wrappedFor = head.lives().get(i).orElse(null);
            }
            copies.add(copy);
        }
    }

    /** From an own sender: this node keeps it until every recipient has an end. */
    boolean isOwn() {
        return from.isEmpty();
    }

    int messages() {
        return header.ids().size();
    }

    /** Its place in its sender's sequences, as far as it was sealed or opened here when it came; empty where neither was. */
    Optional<SequenceText> sequence() {
        List<SequenceText.Place> places = new ArrayList<>();
        for (int i = 0; i < copies.size(); i++) {
            Copy copy = copies.get(i);
            int position = i;
            if (own.isPresent() && !own.get().previousCores().isEmpty()) {
                own.ifPresent(numbers -> places.add(new SequenceText.Place(
                        copy.address,
                        numbers.incarnation(),
                        numbers.firsts().get(position),
                        numbers.previousCores().get(position))));
            } else if (copy.slot instanceof LocalSlot.Opened opened && copy.rewrap == null) {
                places.add(new SequenceText.Place(
                        copy.address, opened.incarnation(), opened.firstNumber(), opened.previousCore()));
            }
        }
        return places.isEmpty() ? Optional.empty() : Optional.of(new SequenceText(header.network(), core, places));
    }

    /** The audit log's line about its coming from a neighbour; evidence is compared with how it ends. */
    Detail cameFrom(Object neighbour) {
        return sequenceHash()
                .map(hash -> Detail.of("from {0} sequence {1} leaf {2}", neighbour, hash, leaf.hex()))
                .orElseGet(() -> Detail.of("from {0} leaf {1}", neighbour, leaf.hex()));
    }

    /** The audit log's line about its acceptance here, likewise. */
    Detail acceptedOf(Address sender) {
        return sequenceHash()
                .map(hash -> Detail.of("of {0} sequence {1} leaf {2}", sender, hash, leaf.hex()))
                .orElseGet(() -> Detail.of("of {0} leaf {1}", sender, leaf.hex()));
    }

    private Optional<String> sequenceHash() {
        return sequence().map(text -> Hash.of(text.encode()).hex());
    }

    /**
     * It was found at a start: how long it had waited by then only wall clocks know, and this machine's alone is not believed.
     *
     * @param witnessed how late it is at most
     * @param nanos the monotonic clock now
     */
    void takenBefore(Instant witnessed, long nanos) {
        if (witnessed.isAfter(takenAt)) {
            takenNanos = Math.min(
                    takenNanos, nanos - Duration.between(takenAt, witnessed).toNanos());
        }
    }

    /** On its way altogether; {@code nanos} is the monotonic clock now. */
    Duration age(long nanos) {
        return ageAtTaking.plusNanos(Math.max(0, nanos - takenNanos));
    }

    /** The copy for the recipient at {@code index} of the core, if this custody covers it. */
    @Nullable
    Copy copy(int index) {
        for (Copy copy : copies) {
            if (copy.index == index) {
                return copy;
            }
        }
        return null;
    }

    @Nullable
    Copy copyFor(lienthong.gateway.message.Address recipient) {
        for (Copy copy : copies) {
            if (copy.address.equals(recipient)) {
                return copy;
            }
        }
        return null;
    }
}
