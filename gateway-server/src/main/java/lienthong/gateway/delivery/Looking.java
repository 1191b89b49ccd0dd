package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.SequenceText;
import lienthong.gateway.store.ArchiveKind;
import lienthong.gateway.store.ArchiveRecord;

/** Answers questions of people and applications; changes nothing. */
final class Looking {
    private final Desks desks;

    Looking(Desks desks) {
        this.desks = desks;
    }

    void track(MessageId id, Consumer<Optional<Tracked>> answer) {
        Held held = desks.table.ownById(id);
        if (held != null) {
            answer.accept(
                    Optional.of(desks.origin.tracked(held, held.header.ids().indexOf(id), false, true)));
            return;
        }
        Held here = desks.table.anyById(id);
        if (here != null && here.durable) {
            evidence(id, found -> answer.accept(found.map(Evidence::tracked)));
        } else {
            desks.ports.loop().offload(0, () -> settled(id), answer);
        }
    }

    /** Off the loop. Also where the disk had lost what evidence begins with. */
    private Optional<Tracked> settled(MessageId id) {
        List<ArchiveRecord> own = desks.store.archive().find(id);
        return first(own, ArchiveKind.SETTLED, Records.Settled::decode).map(line -> {
            List<ArchiveRecord> all = line.envelope().equals(id)
                    ? own
                    : Stream.concat(own.stream(), desks.store.archive().find(line.envelope()).stream())
                            .toList();
            return withReceipts(line.tracked(), receipts(all));
        });
    }

    void evidence(MessageId id, Consumer<Optional<Evidence>> answer) {
        Held held = desks.table.anyById(id);
        if (held != null && held.durable) {
            Optional<Evidence> here = desks.table.kept(held).map(kept -> here(held, kept, id));
            if (here.isEmpty() || held.isOwn()) {
                answer.accept(here);
            } else {
                desks.ports.loop().offload(0, () -> here.map(this::withOwnWord), answer);
            }
            return;
        }
        desks.ports.loop().offload(0, () -> archived(id), answer);
    }

    /** With what this node has said itself and keeps in the archive. Off the loop. */
    private Evidence withOwnWord(Evidence here) {
        List<ArchiveRecord> archived = desks.store.archive().find(here.envelope());
        List<RoutedReceipt> receipts = new ArrayList<>(receipts(archived));
        receipts.addAll(here.receipts());
        List<Bytes> sequences = new ArrayList<>(sequences(archived));
        sequences.addAll(here.sequences());
        return new Evidence(
                here.id(),
                here.envelope(),
                here.core(),
                here.statement(),
                here.seal(),
                receipts,
                here.manifests(),
                sequences.stream().distinct().toList(),
                here.proofs(),
                here.held(),
                here.rewraps(),
                here.tracked());
    }

    private static List<RoutedReceipt> receipts(List<ArchiveRecord> records) {
        return records.stream()
                .filter(record -> record.kind() == ArchiveKind.RECEIPT)
                .map(record -> Records.decodeReceipt(record.value()))
                .toList();
    }

    private static List<Bytes> sequences(List<ArchiveRecord> records) {
        return records.stream()
                .filter(record -> record.kind() == ArchiveKind.SEQUENCE)
                .map(ArchiveRecord::value)
                .distinct()
                .toList();
    }

    private Evidence here(Held held, CustodyTable.Kept kept, MessageId id) {
        List<RoutedReceipt> receipts = new ArrayList<>(desks.origin.receipts(held));
        receipts.addAll(held.receiptsHere);
        return new Evidence(
                id,
                held.header.id(),
                kept.sealed().core(),
                kept.sealed().statement(),
                kept.sealed().seal(),
                receipts,
                CustodyTable.manifests(held, kept),
                sequencesHere(held),
                List.of(),
                Optional.of(kept.sealed()),
                rewrapsHere(held),
                desks.origin.tracked(held, held.header.ids().indexOf(id), false, true));
    }

    /** Of every custody of this envelope: each has its own line in the audit log. */
    private List<Bytes> sequencesHere(Held held) {
        List<Bytes> all = new ArrayList<>();
        for (Held one = desks.table.byLeaf(held.leaf); one != null; one = one.nextOfLeaf) {
            one.sequence().map(SequenceText::encode).ifPresent(all::add);
        }
        return all;
    }

    private List<Bytes> rewrapsHere(Held held) {
        List<Bytes> all = new ArrayList<>();
        for (Held one = desks.table.byLeaf(held.leaf); one != null; one = one.nextOfLeaf) {
            one.copies.stream()
                    .flatMap(copy -> Optional.ofNullable(copy.rewrap).stream())
                    .forEach(all::add);
        }
        return all;
    }

    /** Off the loop: the archive blocks. */
    private Optional<Evidence> archived(MessageId id) {
        List<ArchiveRecord> own = desks.store.archive().find(id);
        Optional<Records.Settled> line = first(own, ArchiveKind.SETTLED, Records.Settled::decode);
        if (line.isEmpty()) {
            return Optional.empty();
        }
        MessageId envelope = line.get().envelope();
        List<ArchiveRecord> all = new ArrayList<>(own);
        if (!envelope.equals(id)) {
            all.addAll(desks.store.archive().find(envelope));
        }
        Optional<Bytes> core = first(all, ArchiveKind.CORE, Function.identity());
        Optional<Bytes> statement = first(all, ArchiveKind.STATEMENT, Function.identity());
        Optional<lienthong.gateway.message.SealedEnvelope.Seal> seal =
                first(all, ArchiveKind.SEAL, Records::decodeSeal);
        if (core.isEmpty() || statement.isEmpty() || seal.isEmpty()) {
            return Optional.empty();
        }
        List<RoutedReceipt> receipts = receipts(all);
        return Optional.of(new Evidence(
                id,
                envelope,
                core.get(),
                statement.get(),
                seal.get(),
                receipts,
                first(all, ArchiveKind.MANIFEST, Function.identity()).orElse(Bytes.empty()),
                sequences(all),
                all.stream()
                        .filter(record -> record.kind() == ArchiveKind.CERTIFICATES)
                        .map(ArchiveRecord::value)
                        .toList(),
                Optional.empty(),
                List.of(),
                withReceipts(line.get().tracked(), receipts)));
    }

    private static <T> Optional<T> first(List<ArchiveRecord> records, ArchiveKind kind, Function<Bytes, T> decode) {
        return records.stream()
                .filter(record -> record.kind() == kind)
                .findFirst()
                .map(record -> decode.apply(record.value()));
    }

    private static Tracked withReceipts(Tracked line, List<RoutedReceipt> receipts) {
        List<Tracked.Recipient> recipients = line.recipients().stream()
                .map(one -> new Tracked.Recipient(
                        one.address(),
                        one.state(),
                        one.handedTo(),
                        one.handedAt(),
                        one.deliveredAt(),
                        one.endedAt(),
                        one.why(),
                        receipts.stream()
                                .filter(receipt -> receipt.isAbout(line.id())
                                        && receipt.receipt().recipient().equals(one.address()))
                                .toList()))
                .toList();
        return new Tracked(
                line.id(),
                line.clientId(),
                line.sender(),
                line.precedence(),
                line.mark(),
                line.acceptedAt(),
                line.bytes(),
                true,
                recipients);
    }

    List<Tracked> open(Set<Address> senders, int skip, int max) {
        List<Tracked> found = new ArrayList<>();
        int passed = 0;
        for (Held held : desks.table.ownNewestFirst()) {
            if (!senders.isEmpty() && !senders.contains(held.header.sender())) {
                continue;
            }
            for (int i = held.messages() - 1; i >= 0; i--) {
                if (passed++ < skip) {
                    continue;
                }
                if (found.size() == max) {
                    return found;
                }
                found.add(desks.origin.tracked(held, i, false, false));
            }
        }
        return found;
    }

    List<Queued> queue(int skip, int max) {
        List<Queued> lines = new ArrayList<>();
        Instant now = desks.turn.now();
        for (Held held : desks.table.all()) {
            if (held.durable && !held.closing) {
                desks.forwarding.lines(held, lines, now);
                desks.local.lines(held, lines);
            }
            if (lines.size() >= skip + max) {
                break;
            }
        }
        return lines.stream().skip(skip).limit(max).toList();
    }

    private static long bytesFor(Neighbour neighbour) {
        long waiting = Stream.concat(neighbour.queue.items().stream(), neighbour.deferred.values().stream())
                .mapToLong(leg -> leg.held.bytes)
                .sum();
        long offered = neighbour.given.values().stream()
                .mapToLong(given -> given instanceof Neighbour.Given.OfLeg of ? of.leg().held.bytes : 0)
                .sum();
        return waiting + offered;
    }

    DeliveryStatus status() {
        List<DeliveryStatus.Neighbour> neighbours = new ArrayList<>();
        for (Neighbour neighbour : desks.forwarding.neighbours()) {
            int offered = (int) neighbour.given.values().stream()
                    .filter(given -> given instanceof Neighbour.Given.OfLeg)
                    .count();
            neighbours.add(new DeliveryStatus.Neighbour(
                    neighbour.id,
                    neighbour.up,
                    neighbour.queue.size() + neighbour.deferred.size(),
                    offered,
                    neighbour.roads.size(),
                    bytesFor(neighbour),
                    neighbour.queue.items().stream()
                            .map(leg -> leg.held.takenAt)
                            .min(Comparator.naturalOrder()),
                    Optional.ofNullable(neighbour.awaySince)));
        }
        List<DeliveryStatus.Gap> gaps = new ArrayList<>();
        int heldBack = 0;
        for (Streams.Stream stream : desks.streams.withGaps()) {
            for (long number : stream.waiting.keySet()) {
                int behind = stream.behind(number);
                heldBack += behind;
                gaps.add(new DeliveryStatus.Gap(
                        stream.key.sender(), stream.key.incarnation(), stream.key.recipient(), number, behind));
            }
        }
        int openAtOrigin = (int) desks.table.all().stream().filter(Held::isOwn).count();
        return new DeliveryStatus(
                desks.table.size(),
                desks.local.waiting(),
                desks.local.leased(),
                heldBack,
                openAtOrigin,
                desks.origin.late(),
                desks.local.deadLetters(),
                desks.homeward.size(),
                neighbours,
                gaps,
                desks.counters.values());
    }
}
