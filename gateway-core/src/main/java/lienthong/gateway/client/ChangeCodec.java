package lienthong.gateway.client;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.envelope.SlotFacts;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Result;

/**
 * The state file's records: changes that became durable together. Each begins with its kind (one byte); numbers big-endian, texts as
 * {@link DataOutputStream#writeUTF} writes them, lists behind their length (u32). Docs/spec/api.md, "Embedding the client".
 */
final class ChangeCodec {
    private ChangeCodec() {}

    static Bytes encode(List<? extends Change> changes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (Change change : changes) {
                write(out, change);
            }
        } catch (IOException e) {
            throw new Bug("memory does not fail", e);
        }
        return Bytes.ofOwned(bytes.toByteArray());
    }

    private static void write(DataOutputStream out, Change change) throws IOException {
        if (change instanceof Change.Owner owner) {
            out.writeByte(1);
            hash(out, owner.network());
            out.writeUTF(owner.address().toString());
            out.writeLong(owner.incarnation().value());
        } else if (change instanceof Change.Running) {
            out.writeByte(2);
        } else if (change instanceof Change.Stopped) {
            out.writeByte(3);
        } else if (change instanceof Change.Sealed sealed) {
            out.writeByte(4);
            id(out, sealed.id());
            out.writeInt(sealed.envelope().size());
            out.write(sealed.envelope().toArray());
            out.writeInt(sealed.streams().size());
            for (Change.Stream stream : sealed.streams()) {
                write(out, stream);
            }
            out.writeBoolean(sealed.claim().isPresent());
            if (sealed.claim().isPresent()) {
                write(out, sealed.claim().get());
            }
        } else if (change instanceof Change.Stream stream) {
            out.writeByte(5);
            out.writeUTF(stream.recipient().toString());
            out.writeLong(stream.last());
            hash(out, stream.previousCore());
            out.writeInt(stream.tails().size());
            for (Map.Entry<String, Long> tail : stream.tails().entrySet()) {
                out.writeUTF(tail.getKey());
                out.writeLong(tail.getValue());
            }
        } else if (change instanceof Change.Claim claim) {
            out.writeByte(6);
            out.writeUTF(claim.name().text());
            hash(out, claim.request());
            id(out, claim.id());
            out.writeLong(claim.at().toEpochMilli());
        } else if (change instanceof Change.Handed handed) {
            out.writeByte(7);
            id(out, handed.id());
        } else if (change instanceof Change.Refused refused) {
            out.writeByte(8);
            id(out, refused.id());
            out.writeInt(refused.reason().number());
            out.writeInt(refused.gaps().size());
            for (Change.Gap gap : refused.gaps()) {
                out.writeUTF(gap.recipient().toString());
                out.writeLong(gap.number());
            }
        } else if (change instanceof Change.Closed closed) {
            out.writeByte(9);
            id(out, closed.id());
        } else if (change instanceof Change.Ended ended) {
            out.writeByte(ended.link().isPresent() ? 12 : 10);
            out.writeUTF(ended.sender().toString());
            out.writeLong(ended.incarnation().value());
            out.writeLong(ended.number());
            out.writeBoolean(ended.returned());
            if (ended.link().isPresent()) {
                hash(out, ended.link().get().core());
                hash(out, ended.link().get().previousCore());
            }
        } else if (change instanceof Change.Sent sent) {
            sent(out, sent);
        } else if (change instanceof Change.Ends ends) {
            out.writeByte(13);
            out.writeUTF(ends.sender().toString());
            out.writeLong(ends.incarnation().value());
            numbers(out, ends.ended());
            numbers(out, ends.returned());
            hashes(out, ends.cores());
            hashes(out, ends.previous());
        }
    }

    private static void sent(DataOutputStream out, Change.Sent sent) throws IOException {
        out.writeByte(14);
        id(out, sent.id());
        out.writeLong(sent.until().toEpochMilli());
        out.writeInt(sent.places().size());
        for (Change.Place place : sent.places()) {
            out.writeUTF(place.recipient().toString());
            out.writeLong(place.facts().incarnation().value());
            out.writeLong(place.facts().firstNumber());
            hash(out, place.facts().previousCore());
            out.writeLong(place.facts().keyPredecessor());
            out.writeUTF(place.facts().orderingKey().orElse(""));
        }
    }

    private static void hash(DataOutputStream out, Hash hash) throws IOException {
        out.write(hash.bytes().toArray());
    }

    private static void id(DataOutputStream out, MessageId id) throws IOException {
        out.writeLong(id.high());
        out.writeLong(id.low());
    }

    private static void hashes(DataOutputStream out, Map<Long, Hash> hashes) throws IOException {
        out.writeInt(hashes.size());
        for (Map.Entry<Long, Hash> entry : hashes.entrySet()) {
            out.writeLong(entry.getKey());
            hash(out, entry.getValue());
        }
    }

    private static void numbers(DataOutputStream out, List<Long> numbers) throws IOException {
        out.writeInt(numbers.size());
        for (long number : numbers) {
            out.writeLong(number);
        }
    }

    /** Reads a record; RECORD_DAMAGED for what {@link #encode} does not write. */
    static Result<List<Change>> decode(Bytes record) {
        List<Change> changes = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(record.toArray()))) {
            while (in.available() > 0) {
                changes.add(read(in));
            }
            return Result.ok(changes);
        } catch (IOException | Bug malformed) {
            return Result.no(
                    ErrorCode.RECORD_DAMAGED, "{0}: a record of {1} bytes is malformed", StateFile.NAME, record.size());
        }
    }

    private static Change read(DataInputStream in) throws IOException {
        return switch (in.readByte()) {
            case 1 -> new Change.Owner(hash(in), address(in), new Incarnation(in.readLong()));
            case 2 -> new Change.Running();
            case 3 -> new Change.Stopped();
            case 4 -> sealed(in);
            case 5 -> stream(in);
            case 6 -> claim(in);
            case 7 -> new Change.Handed(id(in));
            case 8 -> refused(in);
            case 9 -> new Change.Closed(id(in));
            case 10 -> ended(in, false);
            case 11 -> ends(in, false);
            case 12 -> ended(in, true);
            case 13 -> ends(in, true);
            case 14 -> sent(in);
            default -> throw new IOException("a kind unknown here");
        };
    }

    private static Change.Ended ended(DataInputStream in, boolean linked) throws IOException {
        Address sender = address(in);
        Incarnation incarnation = new Incarnation(in.readLong());
        long number = in.readLong();
        boolean returned = in.readBoolean();
        return new Change.Ended(
                sender,
                incarnation,
                number,
                returned,
                linked ? Optional.of(new Chain.Link(hash(in), hash(in))) : Optional.empty());
    }

    private static Change.Ends ends(DataInputStream in, boolean linked) throws IOException {
        Address sender = address(in);
        Incarnation incarnation = new Incarnation(in.readLong());
        List<Long> ended = numbers(in);
        List<Long> returned = numbers(in);
        return new Change.Ends(
                sender, incarnation, ended, returned, linked ? hashes(in) : Map.of(), linked ? hashes(in) : Map.of());
    }

    private static Change.Sealed sealed(DataInputStream in) throws IOException {
        MessageId id = id(in);
        Bytes envelope = bytes(in, length(in, Limits.RECORD_BYTES_MAX));
        List<Change.Stream> streams = new ArrayList<>();
        int count = length(in, Limits.RECIPIENTS_MAX);
        for (int i = 0; i < count; i++) {
            if (in.readByte() != 5) {
                throw new IOException("a stream was due");
            }
            streams.add(stream(in));
        }
        Optional<Change.Claim> claim = Optional.empty();
        if (in.readBoolean()) {
            if (in.readByte() != 6) {
                throw new IOException("a claim was due");
            }
            claim = Optional.of(claim(in));
        }
        return new Change.Sealed(id, envelope, streams, claim);
    }

    private static Change.Stream stream(DataInputStream in) throws IOException {
        Address recipient = address(in);
        long last = in.readLong();
        Hash core = hash(in);
        Map<String, Long> tails = new LinkedHashMap<>();
        int count = length(in, ClientState.TAILS_MAX);
        for (int i = 0; i < count; i++) {
            tails.put(in.readUTF(), in.readLong());
        }
        return new Change.Stream(recipient, last, core, tails);
    }

    private static Change.Sent sent(DataInputStream in) throws IOException {
        MessageId id = id(in);
        Instant until = Instant.ofEpochMilli(in.readLong());
        List<Change.Place> places = new ArrayList<>();
        int count = length(in, Limits.RECIPIENTS_MAX);
        for (int i = 0; i < count; i++) {
            Address recipient = address(in);
            Incarnation incarnation = new Incarnation(in.readLong());
            long first = in.readLong();
            Hash previous = hash(in);
            long predecessor = in.readLong();
            String ordering = in.readUTF();
            places.add(new Change.Place(
                    recipient,
                    new SlotFacts(
                            incarnation,
                            first,
                            previous,
                            predecessor,
                            ordering.isEmpty() ? Optional.empty() : Optional.of(ordering))));
        }
        return new Change.Sent(id, until, places);
    }

    private static Change.Claim claim(DataInputStream in) throws IOException {
        return new Change.Claim(
                ClientId.parse(in.readUTF()).orBug(), hash(in), id(in), Instant.ofEpochMilli(in.readLong()));
    }

    private static Change.Refused refused(DataInputStream in) throws IOException {
        MessageId id = id(in);
        ErrorCode reason = ErrorCode.ofNumber(in.readInt()).orElse(ErrorCode.NO_ROUTE);
        List<Change.Gap> gaps = new ArrayList<>();
        int count = length(in, Limits.RECIPIENTS_MAX);
        for (int i = 0; i < count; i++) {
            gaps.add(new Change.Gap(address(in), in.readLong()));
        }
        return new Change.Refused(id, reason, gaps);
    }

    private static int length(DataInputStream in, int max) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > max) {
            throw new IOException("a list of " + length);
        }
        return length;
    }

    private static Bytes bytes(DataInputStream in, int size) throws IOException {
        byte[] bytes = new byte[size];
        in.readFully(bytes);
        return Bytes.ofOwned(bytes);
    }

    private static Hash hash(DataInputStream in) throws IOException {
        return new Hash(bytes(in, Hash.SIZE_BYTES));
    }

    private static MessageId id(DataInputStream in) throws IOException {
        return MessageId.ofBytes(bytes(in, MessageId.SIZE_BYTES)).orBug();
    }

    private static Address address(DataInputStream in) throws IOException {
        return Address.parse(in.readUTF()).orBug();
    }

    private static Map<Long, Hash> hashes(DataInputStream in) throws IOException {
        int count = length(in, Chain.KEPT_MAX);
        Map<Long, Hash> hashes = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            long number = in.readLong();
            hashes.put(number, hash(in));
        }
        return hashes;
    }

    private static List<Long> numbers(DataInputStream in) throws IOException {
        int count = length(in, Limits.RECORD_BYTES_MAX / Long.BYTES);
        Invariant.check(count % 2 == 0, "intervals are pairs");
        List<Long> numbers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            numbers.add(in.readLong());
        }
        return numbers;
    }
}
