package lienthong.gateway.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;
import lienthong.gateway.message.SealedEnvelope.Seal;
import lienthong.gateway.message.SealedEnvelope.Slot;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import lienthong.gateway.message.SignedReceipt;

/** Layouts of delivery's values in the store, as drawn in {@code docs/spec/custody.md}. Each begins with its version; forward only. */
final class Records {
    private static final int VERSION = 1;
    /** Of values that have grown since: earlier ones are read as what they lack. */
    private static final int VERSION_2 = 2;

    private static final int VERSION_3 = 3;

    private Records() {}

    // ---- HEAD

    /**
     * Does not change while the envelope is held, but that a slot which could not be opened was.
     *
     * @param from the neighbour it came from; empty for an own sender
     * @param covered indices of the recipients this custody is about
     * @param local what was found in the slots of recipients served here, by index
     * @param own the numbers an own sender's slots carry; empty when an embedded client sealed it
     * @param lives of the recipients' key sets when it was accepted from an embedded client, for each covered recipient; empty elsewhere
     */
    record Head(
            Optional<OrganisationId> from,
            long custodyNumber,
            Instant takenAt,
            Duration age,
            EnvelopeFacts facts,
            Hash core,
            List<Integer> covered,
            Map<Integer, LocalSlot> local,
            List<Optional<ClientRequest>> clients,
            Optional<OwnNumbers> own,
            List<Optional<Incarnation>> lives) {
        Bytes encode() {
            RecordWriter out = new RecordWriter()
                    .number(VERSION_3)
                    .text(from.map(OrganisationId::text).orElse(""))
                    .number(custodyNumber)
                    .time(takenAt)
                    .number(age.toMillis());
            writeFacts(out, facts);
            out.hash(core)
                    .list(covered, (w, i) -> w.number(i))
                    .list(new ArrayList<>(local.entrySet()), (w, e) -> writeSlot(w.number(e.getKey()), e.getValue()))
                    .list(clients, Records::writeClient)
                    .flag(own.isPresent());
            own.ifPresent(numbers -> numbers.write(out));
            writeLives(out, lives);
            return out.done();
        }

        static Head decode(Bytes value) {
            RecordReader in = new RecordReader(value);
            int version = in.versionOf(VERSION_3);
            String from = in.text();
            Head head = new Head(
                    from.isEmpty() ? Optional.empty() : Optional.of(new OrganisationId(from)),
                    in.number(),
                    in.time(),
                    Duration.ofMillis(in.number()),
                    readFacts(in),
                    in.hash(),
                    in.list(RecordReader::count),
                    readSlots(in),
                    in.list(Records::readClient),
                    in.flag() ? Optional.of(OwnNumbers.read(in, version)) : Optional.empty(),
                    version < VERSION_3 ? List.of() : readLives(in));
            in.end();
            return head;
        }

        /** With what was found in a slot after all. */
        Head with(int index, LocalSlot slot) {
            Map<Integer, LocalSlot> found = new TreeMap<>(local);
            found.put(index, slot);
            return new Head(from, custodyNumber, takenAt, age, facts, core, covered, found, clients, own, lives);
        }
    }

    /**
     * What stands in an own sender's slots, so that one can be made anew: each list has an element for each covered recipient.
     *
     * @param previousCores empty in what was written before this was kept, as are predecessors and lives
     * @param lives of the recipients' key sets when it was accepted: another one later, and its slot must be made anew
     */
    record OwnNumbers(
            Incarnation incarnation,
            Optional<String> orderingKey,
            List<Long> firsts,
            List<Hash> previousCores,
            List<Long> predecessors,
            List<Optional<Incarnation>> lives) {
        OwnNumbers {
            firsts = List.copyOf(firsts);
            previousCores = List.copyOf(previousCores);
            predecessors = List.copyOf(predecessors);
            lives = List.copyOf(lives);
        }

        static OwnNumbers of(Reservation reservation, List<Optional<Incarnation>> lives) {
            List<Reservation.Numbered> numbers = reservation.numbers();
            return new OwnNumbers(
                    reservation.incarnation(),
                    reservation.orderingKey(),
                    numbers.stream().map(Reservation.Numbered::first).toList(),
                    numbers.stream().map(Reservation.Numbered::previousCore).toList(),
                    numbers.stream().map(Reservation.Numbered::keyPredecessor).toList(),
                    lives);
        }

        private void write(RecordWriter out) {
            out.incarnation(incarnation)
                    .text(orderingKey.orElse(""))
                    .list(firsts, (w, n) -> w.number(n))
                    .list(previousCores, RecordWriter::hash)
                    .list(predecessors, (w, n) -> w.number(n));
            writeLives(out, lives);
        }

        private static OwnNumbers read(RecordReader in, int version) {
            return new OwnNumbers(
                    in.incarnation(),
                    nonEmpty(in.text()),
                    in.list(RecordReader::number),
                    version < VERSION_2 ? List.of() : in.list(RecordReader::hash),
                    version < VERSION_2 ? List.of() : in.list(RecordReader::number),
                    version < VERSION_2 ? List.of() : readLives(in));
        }
    }

    private static void writeLives(RecordWriter out, List<Optional<Incarnation>> lives) {
        out.list(lives, (w, life) -> {
            w.flag(life.isPresent());
            life.ifPresent(w::incarnation);
        });
    }

    private static List<Optional<Incarnation>> readLives(RecordReader in) {
        return in.list(r -> r.flag() ? Optional.of(r.incarnation()) : Optional.empty());
    }

    private static Optional<String> nonEmpty(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static void writeClient(RecordWriter out, Optional<ClientRequest> client) {
        out.flag(client.isPresent());
        client.ifPresent(request -> out.text(request.id().text()).hash(request.request()));
    }

    private static Optional<ClientRequest> readClient(RecordReader in) {
        return in.flag() ? Optional.of(new ClientRequest(new ClientId(in.text()), in.hash())) : Optional.empty();
    }

    private static void writeSlot(RecordWriter out, LocalSlot slot) {
        if (slot instanceof LocalSlot.Opened opened) {
            out.number(1)
                    .incarnation(opened.incarnation())
                    .number(opened.firstNumber())
                    .hash(opened.previousCore())
                    .text(opened.orderingKey().orElse(""))
                    .number(opened.keyPredecessor());
        } else {
            out.number(slot instanceof LocalSlot.Opaque ? 2 : slot instanceof LocalSlot.NotOpened ? 3 : 4);
        }
    }

    private static Map<Integer, LocalSlot> readSlots(RecordReader in) {
        Map<Integer, LocalSlot> slots = new TreeMap<>();
        for (int count = in.count(); count > 0; count--) {
            int index = in.count();
            slots.put(index, readSlot(in));
        }
        return slots;
    }

    private static LocalSlot readSlot(RecordReader in) {
        int form = in.count();
        return switch (form) {
            case 1 -> new LocalSlot.Opened(in.incarnation(), in.number(), in.hash(), nonEmpty(in.text()), in.number());
            case 2 -> new LocalSlot.Opaque();
            case 3 -> new LocalSlot.NotOpened();
            case 4 -> new LocalSlot.KeyNotHere();
            default -> throw new Bug("slot form " + form);
        };
    }

    private static void writeFacts(RecordWriter out, EnvelopeFacts facts) {
        Header header = facts.header();
        out.hash(header.network())
                .number(header.suite())
                .list(header.ids(), RecordWriter::id)
                .address(header.sender())
                .hash(header.signer())
                .list(header.recipients(), RecordWriter::address)
                .text(header.service().map(Service::word).orElse(""))
                .number(header.precedence().number())
                .text(header.mark().word())
                .time(header.created())
                .number(header.lifetime().seconds())
                .directory(header.directory())
                .list(header.flags(), (w, flag) -> w.text(flag.word()))
                .hash(facts.leaf())
                .hash(facts.sealRoot())
                .number(facts.index())
                .number(facts.treeSize())
                .hash(facts.ciphertextRoot())
                .number(facts.ciphertextLength())
                .list(facts.manifests(), RecordWriter::hash)
                .list(facts.slotHashes(), RecordWriter::hash);
    }

    private static EnvelopeFacts readFacts(RecordReader in) {
        Header header = new Header(
                in.hash(),
                in.count(),
                in.list(RecordReader::id),
                in.address(),
                in.hash(),
                in.list(RecordReader::address),
                nonEmpty(in.text()).map(Service::new),
                Precedence.of(in.count()).orBug(),
                SecrecyMark.ofWord(in.text()).orBug(),
                in.time(),
                new Lifetime(in.number()),
                in.directory(),
                in.list(r -> flag(r.text())));
        return new EnvelopeFacts(
                header,
                in.hash(),
                in.hash(),
                in.count(),
                in.count(),
                in.hash(),
                in.number(),
                in.list(RecordReader::hash),
                in.list(RecordReader::hash));
    }

    private static Header.Flag flag(String word) {
        for (Header.Flag flag : Header.Flag.values()) {
            if (flag.word().equals(word)) {
                return flag;
            }
        }
        throw new Bug("flag in a record");
    }

    // ---- BODY

    /**
     * The parts as received.
     *
     * @param manifests an own sender's, enciphered to it; empty otherwise
     */
    record Body(SealedEnvelope sealed, Bytes manifests) {
        Bytes encode() {
            RecordWriter out = new RecordWriter()
                    .number(VERSION)
                    .bytes(sealed.core())
                    .list(sealed.slots(), (w, slot) -> w.number(slot.number()).bytes(slot.bytes()));
            if (sealed.ciphertext() instanceof Ciphertext.Inline inline) {
                out.number(1).bytes(inline.bytes());
            } else if (sealed.ciphertext() instanceof Ciphertext.Spooled spooled) {
                out.number(2).number(spooled.spoolId()).number(spooled.length());
            }
            out.bytes(sealed.statement());
            writeSeal(out, sealed.seal());
            return out.bytes(manifests).done();
        }

        static Body decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            Bytes core = in.bytes();
            List<Slot> slots = in.list(r -> new Slot(r.count(), r.bytes()));
            Ciphertext ciphertext = in.count() == 1
                    ? new Ciphertext.Inline(in.bytes())
                    : new Ciphertext.Spooled(in.number(), in.number());
            Bytes statement = in.bytes();
            Body body = new Body(new SealedEnvelope(core, slots, ciphertext, statement, readSeal(in)), in.bytes());
            in.end();
            return body;
        }
    }

    static void writeSeal(RecordWriter out, Seal seal) {
        out.number(seal.index())
                .number(seal.size())
                .list(seal.path(), RecordWriter::hash)
                .bytes(seal.rootText())
                .bytes(seal.cms())
                .flag(seal.pqCms().isPresent());
        seal.pqCms().ifPresent(out::bytes);
    }

    static Seal readSeal(RecordReader in) {
        return new Seal(
                in.count(),
                in.count(),
                in.list(RecordReader::hash),
                in.bytes(),
                in.bytes(),
                in.flag() ? Optional.of(in.bytes()) : Optional.empty());
    }

    // ---- END

    /**
     * One recipient's state in one custody; replaced as it goes on.
     *
     * @param head key of the custody
     * @param index of the recipient in the core
     * @param deliveredAt as the recipient's node claims
     * @param endedAt as the recipient claims
     * @param heardAt when this node heard of the delivery, by its own clock
     * @param ends what is said of each message at its origin; empty elsewhere
     * @param receipts keys of receipts kept for the archive
     * @param units each message on its way to a local application; empty elsewhere
     */
    record End(
            long head,
            int index,
            MessageId id,
            Address sender,
            Address recipient,
            Optional<OrganisationId> handedTo,
            Optional<Instant> handedAt,
            Optional<Instant> deliveredAt,
            Optional<Instant> endedAt,
            Optional<Instant> heardAt,
            Optional<ErrorCode> why,
            List<Optional<Receipt.Kind>> ends,
            List<Long> receipts,
            boolean deliveredSigned,
            List<UnitRecord> units) {
        Bytes encode() {
            return new RecordWriter()
                    .number(VERSION)
                    .number(head)
                    .number(index)
                    .id(id)
                    .address(sender)
                    .address(recipient)
                    .text(handedTo.map(OrganisationId::text).orElse(""))
                    .time(handedAt)
                    .time(deliveredAt)
                    .time(endedAt)
                    .time(heardAt)
                    .error(why)
                    .list(ends, (w, kind) -> w.number(kind.map(Records::number).orElse(0)))
                    .list(receipts, (w, key) -> w.number(key))
                    .flag(deliveredSigned)
                    .list(
                            units,
                            (w, unit) -> w.number(unit.state().number())
                                    .number(unit.deliveries())
                                    .number(unit.returns())
                                    .error(unit.reason()))
                    .done();
        }

        static End decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            End end = new End(
                    in.number(),
                    in.count(),
                    in.id(),
                    in.address(),
                    in.address(),
                    nonEmpty(in.text()).map(OrganisationId::new),
                    in.timeIfAny(),
                    in.timeIfAny(),
                    in.timeIfAny(),
                    in.timeIfAny(),
                    in.error(),
                    in.list(r -> kind(r.count())),
                    in.list(RecordReader::number),
                    in.flag(),
                    in.list(r -> new UnitRecord(CopyState.ofNumber(r.count()), r.count(), r.count(), r.error())));
            in.end();
            return end;
        }
    }

    /** One message on its way to a local application. A lease is not written: after a restart it is waiting. */
    record UnitRecord(CopyState state, int deliveries, int returns, Optional<ErrorCode> reason) {}

    /** Numbers of receipt kinds in records. */
    static int number(Receipt.Kind kind) {
        return switch (kind) {
            case EXPIRED -> 1;
            case DELIVERED -> 2;
            case CONSUMED -> 3;
            case RETURNED -> 4;
        };
    }

    static Optional<Receipt.Kind> kind(int number) {
        return switch (number) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(Receipt.Kind.EXPIRED);
            case 2 -> Optional.of(Receipt.Kind.DELIVERED);
            case 3 -> Optional.of(Receipt.Kind.CONSUMED);
            case 4 -> Optional.of(Receipt.Kind.RETURNED);
            default -> throw new Bug("receipt kind " + number);
        };
    }

    // ---- CLIENT

    /** The first answer to an application's own id. */
    record Client(Address sender, ClientId client, Hash request, MessageId id, Instant acceptedAt) {
        Bytes encode() {
            return new RecordWriter()
                    .number(VERSION)
                    .address(sender)
                    .text(client.text())
                    .hash(request)
                    .id(id)
                    .time(acceptedAt)
                    .done();
        }

        static Client decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            Client client = new Client(in.address(), new ClientId(in.text()), in.hash(), in.id(), in.time());
            in.end();
            return client;
        }
    }

    // ---- NUMBERS

    /** What an origin counts under, and a destination remembers under. */
    record StreamKey(Address sender, Incarnation incarnation, Address recipient) {
        void write(RecordWriter out) {
            out.address(sender).incarnation(incarnation).address(recipient);
        }

        static StreamKey read(RecordReader in) {
            return new StreamKey(in.address(), in.incarnation(), in.address());
        }
    }

    /** Numbers first to first + count − 1 that have no envelope. */
    record Run(long first, int count, ErrorCode reason) {}

    /** Two forms under one kind: a stream's counter, and the last number of one of its ordering keys. */
    sealed interface Numbering {
        StreamKey stream();

        /**
         * @param next the number to give next
         * @param previousCore hash of the last core
         * @param open reserved when this was written, not accepted: after a restart they come to nothing
         * @param skips came to nothing; their notices are not signed yet
         */
        record Counter(StreamKey stream, long next, Hash previousCore, List<Run> open, List<Run> skips)
                implements Numbering {}

        record Tail(StreamKey stream, String orderingKey, long last) implements Numbering {}

        default Bytes encode() {
            RecordWriter out = new RecordWriter().number(VERSION);
            if (this instanceof Counter counter) {
                out.number(1);
                stream().write(out);
                out.number(counter.next())
                        .hash(counter.previousCore())
                        .list(counter.open(), Numbering::writeRun)
                        .list(counter.skips(), Numbering::writeRun);
            } else if (this instanceof Tail tail) {
                out.number(2);
                stream().write(out);
                out.text(tail.orderingKey()).number(tail.last());
            }
            return out.done();
        }

        private static void writeRun(RecordWriter out, Run run) {
            out.number(run.first()).number(run.count()).number(run.reason().number());
        }

        private static Run readRun(RecordReader in) {
            return new Run(in.number(), in.count(), in.error().orElse(ErrorCode.INVARIANT));
        }

        static Numbering decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            int form = in.count();
            StreamKey stream = StreamKey.read(in);
            Numbering numbering = form == 1
                    ? new Counter(
                            stream, in.number(), in.hash(), in.list(Numbering::readRun), in.list(Numbering::readRun))
                    : new Tail(stream, in.text(), in.number());
            in.end();
            return numbering;
        }
    }

    // ---- SEEN, SEEN_ID

    /** Which numbers of a stream have come, and the cores at their edges. */
    record Seen(StreamKey stream, Intervals intervals, Edges edges, Intervals skipped, Intervals lost) {
        Bytes encode() {
            RecordWriter out = new RecordWriter().number(VERSION_3);
            stream.write(out);
            intervals.encode(out);
            edges.encode(out);
            skipped.encode(out);
            lost.encode(out);
            return out.done();
        }

        static Seen decode(Bytes value) {
            RecordReader in = new RecordReader(value);
            int version = in.versionOf(VERSION_3);
            Seen seen = new Seen(
                    StreamKey.read(in),
                    Intervals.decode(in),
                    version < VERSION_2 ? new Edges() : Edges.decode(in),
                    version < VERSION_3 ? new Intervals() : Intervals.decode(in),
                    version < VERSION_3 ? new Intervals() : Intervals.decode(in));
            in.end();
            return seen;
        }
    }

    /** An id that came for an address whose slots are not opened here. */
    record SeenId(Address sender, MessageId id, Address recipient, Hash leaf, Instant until) {
        Bytes encode() {
            return new RecordWriter()
                    .number(VERSION)
                    .address(sender)
                    .id(id)
                    .address(recipient)
                    .hash(leaf)
                    .time(until)
                    .done();
        }

        static SeenId decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            SeenId seen = new SeenId(in.address(), in.id(), in.address(), in.hash(), in.time());
            in.end();
            return seen;
        }
    }

    // ---- CUSTODY

    /** Custody numbers between this node and one neighbour, both ways. */
    record CustodyBook(OrganisationId neighbour, long issued, Optional<CustodyProof> given) {
        Bytes encode() {
            RecordWriter out = new RecordWriter()
                    .number(VERSION)
                    .text(neighbour.text())
                    .number(issued)
                    .flag(given.isPresent());
            given.ifPresent(proof ->
                    out.incarnation(proof.issuer()).number(proof.number()).bytes(proof.mac()));
            return out.done();
        }

        static CustodyBook decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            CustodyBook book = new CustodyBook(
                    in.organisation(),
                    in.number(),
                    in.flag()
                            ? Optional.of(new CustodyProof(in.incarnation(), in.number(), in.bytes()))
                            : Optional.empty());
            in.end();
            return book;
        }
    }

    // ---- RECEIPT, NOTICE, CONSUMER, DEAD_LETTER

    /**
     * A receipt held here.
     *
     * @param since when, for the end of one that finds no home
     * @param kept at its origin, for the archive; otherwise on its way
     */
    record KeptReceipt(RoutedReceipt receipt, Instant since, boolean kept) {
        Bytes encode() {
            RecordWriter out = new RecordWriter().number(VERSION).flag(kept).time(since);
            writeReceipt(out, receipt);
            return out.done();
        }

        static KeptReceipt decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            boolean kept = in.flag();
            Instant since = in.time();
            KeptReceipt held = new KeptReceipt(readReceipt(in), since, kept);
            in.end();
            return held;
        }
    }

    static void writeReceipt(RecordWriter out, RoutedReceipt routed) {
        out.address(routed.to()).bytes(routed.signed().text());
        writeSeal(out, routed.signed().seal());
        Receipt receipt = routed.receipt();
        out.hash(receipt.network()).number(number(receipt.kind()));
        if (receipt.subject() instanceof Receipt.Subject.One one) {
            out.number(1).id(one.id()).hash(one.leaf()).hash(one.ciphertextRoot());
        } else if (receipt.subject() instanceof Receipt.Subject.Range range) {
            out.number(2)
                    .hash(range.sealRoot())
                    .number(range.treeSize())
                    .number(range.first())
                    .number(range.last());
        }
        out.address(receipt.recipient())
                .hash(receipt.signer())
                .error(receipt.reason())
                .time(receipt.time())
                .directory(receipt.directory())
                .incarnation(receipt.incarnation())
                .number(receipt.deliveryCount());
    }

    static RoutedReceipt readReceipt(RecordReader in) {
        Address to = in.address();
        SignedReceipt signed = new SignedReceipt(in.bytes(), readSeal(in));
        Hash network = in.hash();
        Receipt.Kind kind = kind(in.count()).orElseThrow();
        Receipt.Subject subject = in.count() == 1
                ? new Receipt.Subject.One(in.id(), in.hash(), in.hash())
                : new Receipt.Subject.Range(in.hash(), in.count(), in.count(), in.count());
        return new RoutedReceipt(
                to,
                signed,
                new Receipt(
                        network,
                        kind,
                        subject,
                        in.address(),
                        in.hash(),
                        in.error(),
                        in.time(),
                        in.directory(),
                        in.incarnation(),
                        in.number()));
    }

    /** A notice on its way. */
    record NoticeOnItsWay(RoutedNotice notice, Instant since) {
        Bytes encode() {
            RecordWriter out = new RecordWriter().number(VERSION).time(since);
            if (notice.notice() instanceof Notice.Skip skip) {
                out.number(1)
                        .address(skip.from())
                        .incarnation(skip.incarnation())
                        .address(skip.recipient())
                        .number(skip.number())
                        .number(skip.reason().number());
            } else if (notice.notice() instanceof Notice.Rewrap rewrap) {
                out.number(2)
                        .id(rewrap.id())
                        .hash(rewrap.leaf())
                        .address(rewrap.recipient())
                        .hash(rewrap.slotHash())
                        .bytes(rewrap.slot());
            }
            return out.bytes(notice.signed()).done();
        }

        static NoticeOnItsWay decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            Instant since = in.time();
            Notice notice = in.count() == 1
                    ? new Notice.Skip(
                            in.address(),
                            in.incarnation(),
                            in.address(),
                            in.number(),
                            in.error().orElse(ErrorCode.INVARIANT))
                    : new Notice.Rewrap(in.id(), in.hash(), in.address(), in.hash(), in.bytes());
            NoticeOnItsWay way = new NoticeOnItsWay(new RoutedNotice(notice, in.bytes()), since);
            in.end();
            return way;
        }
    }

    // ---- REWRAP

    /**
     * A re-wrap at its recipient.
     *
     * @param used it has opened its envelope; else it waits for it, and nobody has compared it with that yet
     */
    record KeptRewrap(NoticeOnItsWay notice, boolean used) {
        Bytes encode() {
            return new RecordWriter()
                    .number(VERSION)
                    .flag(used)
                    .bytes(notice.encode())
                    .done();
        }

        static KeptRewrap decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            boolean used = in.flag();
            KeptRewrap kept = new KeptRewrap(NoticeOnItsWay.decode(in.bytes()), used);
            in.end();
            return kept;
        }
    }

    /** An application is, or was when the process ended, attached. */
    record Consumer(Address address, Instant since) {
        Bytes encode() {
            return new RecordWriter()
                    .number(VERSION)
                    .address(address)
                    .time(since)
                    .done();
        }

        static Consumer decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            Consumer consumer = new Consumer(in.address(), in.time());
            in.end();
            return consumer;
        }
    }

    /** A message set aside; its state stands in {@link End}. */
    record DeadLetter(long head, Address recipient, MessageId id, Instant at) {
        Bytes encode() {
            return new RecordWriter()
                    .number(VERSION)
                    .number(head)
                    .address(recipient)
                    .id(id)
                    .time(at)
                    .done();
        }

        static DeadLetter decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            DeadLetter letter = new DeadLetter(in.number(), in.address(), in.id(), in.time());
            in.end();
            return letter;
        }
    }

    /** A seal some of whose envelopes were settled. */
    record SettledRoot(Hash root) {
        Bytes encode() {
            return new RecordWriter().number(VERSION).hash(root).done();
        }

        static SettledRoot decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            SettledRoot settled = new SettledRoot(in.hash());
            in.end();
            return settled;
        }
    }

    // ---- archive

    static Bytes encodeSeal(Seal seal) {
        RecordWriter out = new RecordWriter().number(VERSION);
        writeSeal(out, seal);
        return out.done();
    }

    static Seal decodeSeal(Bytes value) {
        RecordReader in = new RecordReader(value).version(VERSION);
        Seal seal = readSeal(in);
        in.end();
        return seal;
    }

    static Bytes encodeReceipt(RoutedReceipt receipt) {
        RecordWriter out = new RecordWriter().number(VERSION);
        writeReceipt(out, receipt);
        return out.done();
    }

    static RoutedReceipt decodeReceipt(Bytes value) {
        RecordReader in = new RecordReader(value).version(VERSION);
        RoutedReceipt receipt = readReceipt(in);
        in.end();
        return receipt;
    }

    /**
     * The line that settled a message.
     *
     * @param envelope first message of its envelope, under which core, statement, seal and receipts are archived
     * @param tracked as it stood, without receipts
     */
    record Settled(MessageId envelope, Hash leaf, Tracked tracked) {
        Bytes encode() {
            RecordWriter out = new RecordWriter()
                    .number(VERSION)
                    .id(envelope)
                    .hash(leaf)
                    .id(tracked.id())
                    .text(tracked.clientId().map(ClientId::text).orElse(""))
                    .address(tracked.sender())
                    .number(tracked.precedence().number())
                    .text(tracked.mark().word())
                    .time(tracked.acceptedAt())
                    .number(tracked.bytes());
            return out.list(
                            tracked.recipients(),
                            (w, one) -> w.address(one.address())
                                    .number(one.state().number())
                                    .text(one.handedTo()
                                            .map(OrganisationId::text)
                                            .orElse(""))
                                    .time(one.handedAt())
                                    .time(one.deliveredAt())
                                    .time(one.endedAt())
                                    .error(one.why()))
                    .done();
        }

        static Settled decode(Bytes value) {
            RecordReader in = new RecordReader(value).version(VERSION);
            MessageId envelope = in.id();
            Hash leaf = in.hash();
            Tracked tracked = new Tracked(
                    in.id(),
                    nonEmpty(in.text()).map(ClientId::new),
                    in.address(),
                    Precedence.of(in.count()).orBug(),
                    SecrecyMark.ofWord(in.text()).orBug(),
                    in.time(),
                    in.number(),
                    true,
                    in.list(r -> new Tracked.Recipient(
                            r.address(),
                            Tracked.State.ofNumber(r.count()),
                            nonEmpty(r.text()).map(OrganisationId::new),
                            r.timeIfAny(),
                            r.timeIfAny(),
                            r.timeIfAny(),
                            r.error(),
                            List.of())));
            in.end();
            return new Settled(envelope, leaf, tracked);
        }
    }
}
