package lienthong.gateway.link;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import lienthong.gateway.link.Shape.Malformed;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Result;
import lienthong.proto.wire.v1.Frame.BodyCase;

/**
 * Between bytes and frames. Bytes of a peer are walked against their shape (every limit) before anything is built of them; generated classes
 * never leave this class and its half for clients. Thread-safe.
 */
final class FrameCodec {
    private FrameCodec() {}

    /** What came of a peer's bytes. */
    sealed interface Decoded {
        record Good(Frame frame) implements Decoded {}

        /** A body unknown here, flagged optional. */
        record Ignored() implements Decoded {}

        /** The session must be closed with this. */
        record Bad(Closing why) implements Decoded {}
    }

    /** Takes a generated body apart; one per frame type. */
    @FunctionalInterface
    interface Reader {
        Frame read(lienthong.proto.wire.v1.Frame frame, byte[] array) throws Malformed;
    }

    private static final Map<BodyCase, Reader> READERS = new EnumMap<>(BodyCase.class);

    static {
        READERS.put(BodyCase.HELLO, (f, a) -> hello(f.getHello()));
        READERS.put(BodyCase.OFFER, (f, a) -> offer(f.getOffer()));
        READERS.put(
                BodyCase.SLOTS,
                (f, a) -> new Frame.Slots(
                        f.getSlots().getItem(), slots(f.getSlots().getSlotsList())));
        READERS.put(
                BodyCase.ACCEPT,
                (f, a) ->
                        new Frame.Accept(f.getAccept().getItem(), f.getAccept().getOffset()));
        READERS.put(
                BodyCase.HAVE,
                (f, a) -> new Frame.Have(f.getHave().getItem(), mark(f.getHave().getMark())));
        READERS.put(BodyCase.REJECT, (f, a) -> reject(f.getReject()));
        READERS.put(BodyCase.DATA, (f, a) -> data(f.getData(), a));
        READERS.put(BodyCase.END, (f, a) -> end(f.getEnd()));
        READERS.put(BodyCase.CUSTODY, (f, a) -> custody(f.getCustody()));
        READERS.put(BodyCase.RECEIPTS, (f, a) -> receipts(f.getReceipts()));
        READERS.put(
                BodyCase.NOTICE,
                (f, a) -> new Frame.Notice(
                        f.getNotice().getItem(), copy(f.getNotice().getNotice())));
        READERS.put(BodyCase.QUERY, (f, a) -> query(f.getQuery()));
        READERS.put(BodyCase.KNOWN, (f, a) -> known(f.getKnown()));
        READERS.put(BodyCase.DIRECTORY, (f, a) -> directory(f.getDirectory()));
        READERS.put(BodyCase.CREDIT, (f, a) -> credit(f.getCredit()));
        READERS.put(BodyCase.PING, (f, a) -> new Frame.Ping(f.getPing().getNonce()));
        READERS.put(BodyCase.PONG, (f, a) -> new Frame.Pong(f.getPong().getNonce()));
        READERS.put(BodyCase.CLOSE, (f, a) -> close(f.getClose()));
        READERS.put(BodyCase.SAID, (f, a) -> said(f.getSaid()));
        ClientFrameCodec.register(READERS);
    }

    // ---- decoding

    /** Never throws for any bytes. */
    static Decoded decode(Bytes bytes) {
        if (bytes.size() > Limits.FRAME_BYTES_MAX) {
            return new Decoded.Bad(Closing.of(CloseReason.FRAME_TOO_LARGE, "frame of " + bytes.size() + " bytes"));
        }
        byte[] array = bytes.toArray();
        try {
            if (isOfUnknownBody(array)) {
                return new Decoded.Ignored();
            }
            FrameShapes.FRAME.check(array, 0, array.length);
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(array).newCodedInput();
            in.enableAliasing(true);
            lienthong.proto.wire.v1.Frame frame = lienthong.proto.wire.v1.Frame.parseFrom(in);
            Reader reader = READERS.get(frame.getBodyCase());
            if (reader == null) {
                throw new Bug("no reader for " + frame.getBodyCase());
            }
            return new Decoded.Good(reader.read(frame, array));
        } catch (UnknownBody e) {
            return new Decoded.Bad(Closing.of(CloseReason.UNKNOWN_FRAME, "frame type " + e.number));
        } catch (Malformed e) {
            return new Decoded.Bad(Closing.of(CloseReason.PROTOCOL, String.valueOf(e.getMessage())));
        } catch (InvalidProtocolBufferException e) {
            return new Decoded.Bad(Closing.of(CloseReason.PROTOCOL, "not a frame"));
        } catch (IOException e) {
            throw new Bug("reading from memory", e);
        }
    }

    /** Whether the body is unknown and flagged optional. */
    private static boolean isOfUnknownBody(byte[] array) throws Malformed, UnknownBody {
        Shape.Reader in = new Shape.Reader(array, 0, array.length);
        int first = (int) Math.min(Integer.MAX_VALUE, in.varint("Frame") >>> 3);
        if (isKnown(first)) {
            return false;
        }
        in.at = 0;
        int bodies = 0;
        boolean optional = false;
        while (in.at < array.length) {
            long tag = in.varint("Frame");
            if (tag == (1_000L << 3)) {
                optional = in.varint("Frame") == 1;
                continue;
            }
            bodies++;
            if ((tag & 7) != 2) {
                throw new UnknownBody(first);
            }
            long length = in.varint("Frame");
            if (Long.compareUnsigned(length, array.length - in.at) > 0) {
                throw new Malformed("Frame is cut short");
            }
            in.at += (int) length;
        }
        if (bodies == 1 && optional) {
            return true;
        }
        throw new UnknownBody(first);
    }

    private static boolean isKnown(int number) {
        return BodyCase.forNumber(number) != null && number != 0;
    }

    private static final class UnknownBody extends Exception {
        private static final long serialVersionUID = 1L;
        private final int number;

        UnknownBody(int number) {
            super(null, null, false, false);
            this.number = number;
        }
    }

    private static Frame hello(lienthong.proto.wire.v1.Hello body) throws Malformed {
        List<Integer> versions = body.getVersionsList();
        for (int i = 1; i < versions.size(); i++) {
            require(versions.get(i - 1) < versions.get(i), "versions ascend");
        }
        require((body.getDirectoryVersion() == 0) == body.getDirectoryHash().isEmpty(), "directory version and hash");
        Optional<DirectoryVersion> directory = body.getDirectoryVersion() == 0
                ? Optional.empty()
                : Optional.of(new DirectoryVersion(body.getDirectoryVersion(), hash(body.getDirectoryHash())));
        String name = body.getName();
        require(name.chars().allMatch(c -> c > 0x20 && c < 0x7F), "a name is ASCII");
        List<String> features = new ArrayList<>();
        for (String feature : body.getFeaturesList()) {
            require(
                    feature.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-'),
                    "features");
            require(features.isEmpty() || features.get(features.size() - 1).compareTo(feature) < 0, "features ascend");
            features.add(feature);
        }
        return new Frame.Hello(
                versions,
                new HelloDetails(
                        name,
                        new Incarnation(body.getIncarnation()),
                        directory,
                        hash(body.getRecordsSet()),
                        body.hasCustodyBack() ? Optional.of(mark(body.getCustodyBack())) : Optional.empty(),
                        Instant.ofEpochMilli(body.getClockMs()),
                        features));
    }

    private static Frame offer(lienthong.proto.wire.v1.Offer body) throws Malformed {
        Precedence precedence = value(Precedence.of(body.getPrecedence()));
        if (body.hasLarge()) {
            lienthong.proto.wire.v1.Large large = body.getLarge();
            return new Frame.OfferLarge(
                    body.getFirstItem(),
                    precedence,
                    body.getDirectory(),
                    copy(large.getCore()),
                    large.getCiphertextLength(),
                    large.getSlots(),
                    large.getAgeMs());
        }
        List<Frame.Whole> wholes = new ArrayList<>(body.getWholeCount());
        for (lienthong.proto.wire.v1.Whole whole : body.getWholeList()) {
            wholes.add(new Frame.Whole(
                    copy(whole.getCore()),
                    slots(whole.getSlotsList()),
                    copy(whole.getCiphertext()),
                    copy(whole.getStatement()),
                    seal(whole.getSeal()),
                    whole.getAgeMs()));
        }
        return new Frame.Offer(body.getFirstItem(), precedence, body.getDirectory(), wholes);
    }

    private static List<Frame.CarriedSlot> slots(List<lienthong.proto.wire.v1.CarriedSlot> bodies) throws Malformed {
        List<Frame.CarriedSlot> slots = new ArrayList<>(bodies.size());
        int last = -1;
        for (lienthong.proto.wire.v1.CarriedSlot body : bodies) {
            require(body.getNumber() > last, "slots ascend");
            last = body.getNumber();
            slots.add(new Frame.CarriedSlot(body.getNumber(), copy(body.getContent()), body.getEncSaid() - 1));
        }
        return slots;
    }

    private static Frame.CarriedSeal seal(lienthong.proto.wire.v1.CarriedSeal body) throws Malformed {
        require(body.getIndex() < body.getSize(), "index below size");
        List<Hash> path = new ArrayList<>(body.getPathCount());
        for (ByteString sibling : body.getPathList()) {
            path.add(hash(sibling));
        }
        return new Frame.CarriedSeal(body.getIndex(), body.getSize(), path, body.getRootSaid());
    }

    private static Frame reject(lienthong.proto.wire.v1.Reject body) {
        return new Frame.Reject(
                body.getItem(),
                Frame.refusal(body.getError(), clean(body.getDetail())),
                body.getAdvice(),
                body.getResumeOffset(),
                Optional.of(Duration.ofMillis(body.getRetryAfterMs())));
    }

    private static Frame data(lienthong.proto.wire.v1.Data body, byte[] array) {
        return new Frame.Data(body.getItem(), body.getOffset(), share(body.getBytes(), array));
    }

    private static Frame end(lienthong.proto.wire.v1.End body) throws Malformed {
        if (body.getAbandoned()) {
            require(body.getStatement().isEmpty() && !body.hasSeal(), "nothing beside abandoned");
            return new Frame.Abandoned(body.getItem());
        }
        require(!body.getStatement().isEmpty() && body.hasSeal(), "statement and seal");
        return new Frame.End(body.getItem(), copy(body.getStatement()), seal(body.getSeal()));
    }

    private static Frame custody(lienthong.proto.wire.v1.Custody body) throws Malformed {
        List<Frame.ItemRange> also = new ArrayList<>(body.getAlsoCount());
        long last = body.getUpTo();
        for (lienthong.proto.wire.v1.ItemRange range : body.getAlsoList()) {
            require(range.getFirst() > last && range.getLast() >= range.getFirst(), "ranges ascend");
            last = range.getLast();
            also.add(new Frame.ItemRange(range.getFirst(), range.getLast()));
        }
        return new Frame.Custody(body.getUpTo(), also, mark(body.getMark()));
    }

    private static Frame receipts(lienthong.proto.wire.v1.Receipts body) throws Malformed {
        List<Frame.WireReceipt> receipts = new ArrayList<>(body.getReceiptsCount());
        for (lienthong.proto.wire.v1.CarriedReceipt receipt : body.getReceiptsList()) {
            receipts.add(new Frame.WireReceipt(
                    copy(receipt.getText()), seal(receipt.getSeal()), value(Address.parse(receipt.getTo()))));
        }
        return new Frame.Receipts(body.getFirstItem(), receipts);
    }

    private static Frame query(lienthong.proto.wire.v1.Query body) throws Malformed {
        List<Query.Question> questions = new ArrayList<>(body.getQuestionsCount());
        for (lienthong.proto.wire.v1.Question question : body.getQuestionsList()) {
            questions.add(new Query.Question(
                    id(question.getId()),
                    hash(question.getLeaf()),
                    value(Address.parse(question.getRecipient())),
                    value(Address.parse(question.getAsker()))));
        }
        return new Frame.Asked(new Query(questions));
    }

    private static Frame known(lienthong.proto.wire.v1.Known body) throws Malformed {
        List<Known.Answer> answers = new ArrayList<>(body.getAnswersCount());
        for (lienthong.proto.wire.v1.Answer answer : body.getAnswersList()) {
            answers.add(new Known.Answer(
                    id(answer.getId()),
                    hash(answer.getLeaf()),
                    value(Address.parse(answer.getRecipient())),
                    value(Address.parse(answer.getAsker())),
                    value(OrganisationId.parse(answer.getNode())),
                    Known.State.ofNumber(answer.getState())
                            .orElseThrow(() -> new Malformed("state " + answer.getState())),
                    ErrorCode.ofNumber(answer.getReason())));
        }
        return new Frame.Answered(new Known(answers));
    }

    private static Frame directory(lienthong.proto.wire.v1.AboutDirectory body) throws Malformed {
        return switch (body.getBodyCase()) {
            case WANT_SINCE -> new Frame.Directory(new DirectoryMessage.WantDirectory(body.getWantSince()));
            case WANT_HASHES -> new Frame.Directory(new DirectoryMessage.WantHashes());
            case WANT_RECORDS -> {
                require(
                        !body.getWantRecords().getMore()
                                && body.getWantRecords().getHashCount() > 0,
                        "records wanted");
                yield new Frame.Directory(new DirectoryMessage.WantRecords(hashes(body.getWantRecords())));
            }
            case PIECE ->
                new Frame.Piece(
                        body.getPiece().getKind(),
                        body.getPiece().getTotal(),
                        body.getPiece().getOffset(),
                        copy(body.getPiece().getBytes()));
            case HAVE ->
                new Frame.Directory(new DirectoryMessage.Hashes(
                        hashes(body.getHave()), !body.getHave().getMore()));
            case RECORDS ->
                new Frame.Directory(
                        new DirectoryMessage.Records(copies(body.getRecords().getRecordList())));
            case BODY_NOT_SET -> throw new Malformed("AboutDirectory has no body");
        };
    }

    private static List<Hash> hashes(lienthong.proto.wire.v1.Hashes body) {
        List<Hash> hashes = new ArrayList<>(body.getHashCount());
        for (ByteString hash : body.getHashList()) {
            hashes.add(hash(hash));
        }
        return hashes;
    }

    private static Frame credit(lienthong.proto.wire.v1.Credit body) throws Malformed {
        List<Frame.Grant> grants = new ArrayList<>(body.getGrantsCount());
        int last = -1;
        for (lienthong.proto.wire.v1.Grant grant : body.getGrantsList()) {
            require(grant.getWindow() > last, "windows ascend");
            last = grant.getWindow();
            grants.add(new Frame.Grant(grant.getWindow(), grant.getTotal()));
        }
        return new Frame.Credit(grants);
    }

    private static Frame close(lienthong.proto.wire.v1.Close body) throws Malformed {
        CloseReason reason =
                CloseReason.ofNumber(body.getReason()).orElseThrow(() -> new Malformed("Close without a reason"));
        return new Frame.Close(new Closing(
                reason,
                body.getRetryAfterMs() == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(body.getRetryAfterMs())),
                clean(body.getDetail())));
    }

    private static Frame said(lienthong.proto.wire.v1.Said body) {
        if (body.hasRoot()) {
            lienthong.proto.wire.v1.SealRoot root = body.getRoot();
            return new Frame.SaidRoot(
                    body.getNumber(),
                    new Frame.SealRoot(
                            copy(root.getRootText()),
                            copy(root.getCms()),
                            root.getPqCms().isEmpty() ? Optional.empty() : Optional.of(copy(root.getPqCms()))));
        }
        return new Frame.SaidEnc(body.getNumber(), copy(body.getEnc()));
    }

    // ---- encoding

    /** The frame's bytes, without the length in front. A frame of ours beyond the limits is a {@link Bug}. */
    static Bytes encode(Frame frame) {
        byte[] array = body(frame).build().toByteArray();
        Invariant.check(array.length <= Limits.FRAME_BYTES_MAX, "own frame of %d bytes", array.length);
        return Bytes.ofOwned(array);
    }

    private static lienthong.proto.wire.v1.Frame.Builder body(Frame frame) {
        lienthong.proto.wire.v1.Frame.Builder out = lienthong.proto.wire.v1.Frame.newBuilder();
        if (frame instanceof Frame.Data f) {
            out.getDataBuilder().setItem(f.item()).setOffset(f.offset()).setBytes(wrap(f.bytes()));
        } else if (frame instanceof Frame.Offer f) {
            lienthong.proto.wire.v1.Offer.Builder body = out.getOfferBuilder()
                    .setFirstItem(f.firstItem())
                    .setPrecedence(f.precedence().number())
                    .setDirectory(f.directory());
            for (Frame.Whole whole : f.wholes()) {
                body.addWhole(lienthong.proto.wire.v1.Whole.newBuilder()
                        .setCore(wrap(whole.core()))
                        .addAllSlots(all(whole.slots(), FrameCodec::slot))
                        .setCiphertext(wrap(whole.ciphertext()))
                        .setStatement(wrap(whole.statement()))
                        .setSeal(seal(whole.seal()))
                        .setAgeMs(whole.ageMs()));
            }
        } else if (frame instanceof Frame.OfferLarge f) {
            out.getOfferBuilder()
                    .setFirstItem(f.item())
                    .setPrecedence(f.precedence().number())
                    .setDirectory(f.directory())
                    .getLargeBuilder()
                    .setCore(wrap(f.core()))
                    .setCiphertextLength(f.ciphertextLength())
                    .setSlots(f.slots())
                    .setAgeMs(f.ageMs());
        } else if (frame instanceof Frame.Slots f) {
            out.getSlotsBuilder().setItem(f.item()).addAllSlots(all(f.slots(), FrameCodec::slot));
        } else if (frame instanceof Frame.Accept f) {
            out.getAcceptBuilder().setItem(f.item()).setOffset(f.offset());
        } else if (frame instanceof Frame.Have f) {
            out.getHaveBuilder().setItem(f.item()).setMark(mark(f.mark()));
        } else if (frame instanceof Frame.Reject f) {
            out.getRejectBuilder()
                    .setItem(f.item())
                    .setError(f.refusal().reason().number())
                    .setDetail(f.refusal().detail())
                    .setAdvice(f.advice())
                    .setResumeOffset(f.resumeOffset())
                    .setRetryAfterMs((int) f.retryAfter().orElse(Duration.ZERO).toMillis());
        } else if (frame instanceof Frame.End f) {
            out.getEndBuilder()
                    .setItem(f.item())
                    .setStatement(wrap(f.statement()))
                    .setSeal(seal(f.seal()));
        } else if (frame instanceof Frame.Abandoned f) {
            out.getEndBuilder().setItem(f.item()).setAbandoned(true);
        } else if (frame instanceof Frame.Custody f) {
            lienthong.proto.wire.v1.Custody.Builder body =
                    out.getCustodyBuilder().setUpTo(f.upTo());
            for (Frame.ItemRange range : f.also()) {
                body.addAlsoBuilder().setFirst(range.first()).setLast(range.last());
            }
            body.setMark(mark(f.mark()));
        } else if (frame instanceof Frame.Receipts f) {
            lienthong.proto.wire.v1.Receipts.Builder body =
                    out.getReceiptsBuilder().setFirstItem(f.firstItem());
            for (Frame.WireReceipt receipt : f.receipts()) {
                body.addReceiptsBuilder()
                        .setText(wrap(receipt.text()))
                        .setSeal(seal(receipt.seal()))
                        .setTo(receipt.to().toString());
            }
        } else if (frame instanceof Frame.Notice f) {
            out.getNoticeBuilder().setItem(f.item()).setNotice(wrap(f.notice()));
        } else {
            small(frame, out);
        }
        return out;
    }

    private static void small(Frame frame, lienthong.proto.wire.v1.Frame.Builder out) {
        if (frame instanceof Frame.Hello f) {
            HelloDetails d = f.details();
            lienthong.proto.wire.v1.Hello.Builder body = out.getHelloBuilder()
                    .addAllVersions(f.versions())
                    .setName(d.name())
                    .setIncarnation(d.incarnation().value())
                    .setRecordsSet(wrap(d.recordsSet().bytes()))
                    .setClockMs(Math.max(0, d.clock().toEpochMilli()))
                    .addAllFeatures(d.features().stream().sorted().distinct().toList());
            d.directory()
                    .ifPresent(v -> body.setDirectoryVersion(v.number())
                            .setDirectoryHash(wrap(v.hash().bytes())));
            d.custodyBack().ifPresent(m -> body.setCustodyBack(mark(m)));
        } else if (frame instanceof Frame.Asked f) {
            for (Query.Question question : f.query().questions()) {
                out.getQueryBuilder()
                        .addQuestionsBuilder()
                        .setId(wrap(question.id().bytes()))
                        .setLeaf(wrap(question.leaf().bytes()))
                        .setRecipient(question.recipient().toString())
                        .setAsker(question.asker().toString());
            }
        } else if (frame instanceof Frame.Answered f) {
            for (Known.Answer answer : f.known().answers()) {
                out.getKnownBuilder()
                        .addAnswersBuilder()
                        .setId(wrap(answer.id().bytes()))
                        .setLeaf(wrap(answer.leaf().bytes()))
                        .setRecipient(answer.recipient().toString())
                        .setAsker(answer.asker().toString())
                        .setNode(answer.node().text())
                        .setState(answer.state().number())
                        .setReason(answer.reason().map(ErrorCode::number).orElse(0));
            }
        } else if (frame instanceof Frame.Directory f) {
            directory(f.message(), out.getDirectoryBuilder());
        } else if (frame instanceof Frame.Piece f) {
            out.getDirectoryBuilder()
                    .getPieceBuilder()
                    .setKind(f.kind())
                    .setTotal(f.total())
                    .setOffset(f.offset())
                    .setBytes(wrap(f.bytes()));
        } else if (frame instanceof Frame.Credit f) {
            for (Frame.Grant grant : f.grants()) {
                out.getCreditBuilder()
                        .addGrantsBuilder()
                        .setWindow(grant.window())
                        .setTotal(grant.total());
            }
        } else if (frame instanceof Frame.Ping f) {
            out.getPingBuilder().setNonce(f.nonce());
        } else if (frame instanceof Frame.Pong f) {
            out.getPongBuilder().setNonce(f.nonce());
        } else if (frame instanceof Frame.Close f) {
            out.getCloseBuilder()
                    .setReason(f.why().reason().number())
                    .setRetryAfterMs((int) f.why()
                            .retryAfter()
                            .map(Duration::toMillis)
                            .orElse(0L)
                            .longValue())
                    .setDetail(f.why().detail());
        } else if (frame instanceof Frame.SaidRoot f) {
            lienthong.proto.wire.v1.SealRoot.Builder root = out.getSaidBuilder()
                    .setNumber(f.number())
                    .getRootBuilder()
                    .setRootText(wrap(f.root().rootText()))
                    .setCms(wrap(f.root().cms()));
            f.root().pqCms().ifPresent(pq -> root.setPqCms(wrap(pq)));
        } else if (frame instanceof Frame.SaidEnc f) {
            out.getSaidBuilder().setNumber(f.number()).setEnc(wrap(f.enc()));
        } else if (frame instanceof Frame.Client f) {
            ClientFrameCodec.encode(f.frame(), out);
        } else {
            throw new Bug("no writer for " + frame.getClass().getSimpleName());
        }
    }

    private static void directory(DirectoryMessage message, lienthong.proto.wire.v1.AboutDirectory.Builder out) {
        if (message instanceof DirectoryMessage.WantDirectory m) {
            out.setWantSince(m.since());
        } else if (message instanceof DirectoryMessage.WantHashes) {
            out.setWantHashes(true);
        } else if (message instanceof DirectoryMessage.WantRecords m) {
            out.getWantRecordsBuilder().addAllHash(all(m.hashes(), hash -> wrap(hash.bytes())));
        } else if (message instanceof DirectoryMessage.Hashes m) {
            out.getHaveBuilder()
                    .addAllHash(all(m.hashes(), hash -> wrap(hash.bytes())))
                    .setMore(!m.last());
        } else if (message instanceof DirectoryMessage.Records m) {
            out.getRecordsBuilder().addAllRecord(all(m.records(), FrameCodec::wrap));
        } else {
            throw new Bug("a directory travels in pieces");
        }
    }

    private static lienthong.proto.wire.v1.CarriedSlot slot(Frame.CarriedSlot slot) {
        return lienthong.proto.wire.v1.CarriedSlot.newBuilder()
                .setNumber(slot.number())
                .setContent(wrap(slot.content()))
                .setEncSaid(slot.encSaid() + 1)
                .build();
    }

    private static lienthong.proto.wire.v1.CarriedSeal seal(Frame.CarriedSeal seal) {
        return lienthong.proto.wire.v1.CarriedSeal.newBuilder()
                .setIndex(seal.index())
                .setSize(seal.size())
                .addAllPath(all(seal.path(), hash -> wrap(hash.bytes())))
                .setRootSaid(seal.rootSaid())
                .build();
    }

    private static lienthong.proto.wire.v1.CustodyMark mark(CustodyMark mark) {
        return lienthong.proto.wire.v1.CustodyMark.newBuilder()
                .setIncarnation(mark.incarnation().value())
                .setNumber(mark.number())
                .setMac(wrap(mark.mac()))
                .build();
    }

    // ---- between the two kinds of bytes, for both halves of the codec

    private static CustodyMark mark(lienthong.proto.wire.v1.CustodyMark body) {
        return new CustodyMark(new Incarnation(body.getIncarnation()), body.getNumber(), copy(body.getMac()));
    }

    static <T, R> List<R> all(List<T> list, Function<T, R> each) {
        List<R> out = new ArrayList<>(list.size());
        for (T one : list) {
            out.add(each.apply(one));
        }
        return out;
    }

    static ByteString wrap(Bytes bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes.asBuffer());
    }

    static Bytes copy(ByteString bytes) {
        return Bytes.ofOwned(bytes.toByteArray());
    }

    static List<Bytes> copies(List<ByteString> list) {
        return all(list, FrameCodec::copy);
    }

    /** Without a copy: {@code bytes} were parsed, with aliasing, out of {@code array}, which nobody writes to any more. */
    private static Bytes share(ByteString bytes, byte[] array) {
        Slice slice = new Slice(array);
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, slice);
        } catch (IOException e) {
            throw new Bug("writing to memory", e);
        }
        return slice.found;
    }

    private static final class Slice extends ByteOutput {
        private final byte[] array;
        private Bytes found = Bytes.empty();

        Slice(byte[] array) {
            this.array = array;
        }

        @Override
        public void write(byte value) {
            throw new Bug("single byte");
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            found = Bytes.copyOf(value, offset, length);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            found = value == array ? Bytes.ofOwned(array).slice(offset, length) : Bytes.copyOf(value, offset, length);
        }

        @Override
        public void write(ByteBuffer value) {
            found = Bytes.copyOf(value);
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            found = Bytes.copyOf(value);
        }
    }

    static Hash hash(ByteString bytes) {
        return new Hash(copy(bytes));
    }

    static MessageId id(ByteString bytes) throws Malformed {
        return value(MessageId.ofBytes(copy(bytes)));
    }

    static <T> T value(Result<T> result) throws Malformed {
        if (result instanceof Result.Ok<T> ok) {
            return ok.value();
        }
        throw new Malformed(result.refusal().toString());
    }

    static void require(boolean holds, String rule) throws Malformed {
        if (!holds) {
            throw new Malformed("broken rule: " + rule);
        }
    }

    /** A peer's words, as they may stand in our log: nothing that moves a cursor or turns the line round. */
    static String clean(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), Closing.DETAIL_CHARS_MAX));
        text.codePoints().limit(Closing.DETAIL_CHARS_MAX).forEach(c -> {
            int type = Character.getType(c);
            boolean bad = Character.isISOControl(c)
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR
                    || type == Character.SURROGATE;
            out.appendCodePoint(bad ? '?' : c);
        });
        return out.toString();
    }
}
