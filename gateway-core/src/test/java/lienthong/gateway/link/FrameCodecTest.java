package lienthong.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.Test;

class FrameCodecTest {
    private final Samples samples = new Samples(7);
    private final CustodyMark mark = new CustodyMark(new Incarnation(-3), 12, samples.bytes(32));
    private final Address address = Address.parse("A08.10/eoffice").orBug();
    private final MessageId id = MessageId.mint(Instant.ofEpochMilli(1_700_000_000_000L), new byte[10]);
    private final Frame.CarriedSeal seal = new Frame.CarriedSeal(2, 4, List.of(samples.hash(), samples.hash()), 255);

    /** One of each kind. */
    private List<Frame> all() {
        HelloDetails details = new HelloDetails(
                "A08",
                new Incarnation(77),
                Optional.of(new DirectoryVersion(4, samples.hash())),
                samples.hash(),
                Optional.of(mark),
                Instant.ofEpochMilli(1_700_000_000_123L),
                List.of("a-1", "b"));
        return List.of(
                new Frame.Hello(List.of(1, 3, 255), details),
                new Frame.Offer(
                        5,
                        Precedence.FLASH,
                        9,
                        List.of(
                                new Frame.Whole(
                                        samples.bytes(10),
                                        List.of(
                                                new Frame.CarriedSlot(0, samples.bytes(240), 0),
                                                new Frame.CarriedSlot(1_000, samples.bytes(2_048), -1)),
                                        samples.bytes(100),
                                        samples.bytes(20),
                                        seal,
                                        5_000),
                                new Frame.Whole(
                                        samples.bytes(1), List.of(), Bytes.empty(), samples.bytes(1), seal, 0))),
                new Frame.OfferLarge(6, Precedence.ROUTINE, 0, samples.bytes(98_304), 1L << 40, 1_001, 1L << 42),
                new Frame.Slots(6, List.of(new Frame.CarriedSlot(3, samples.bytes(5), -1))),
                new Frame.Accept(6, 1L << 40),
                new Frame.Have(6, mark),
                new Frame.Reject(6, Refusal.of(ErrorCode.OFFSET, "vì sao"), true, 99),
                new Frame.Reject(
                        7,
                        Refusal.of(ErrorCode.DISK_LOW),
                        true,
                        0,
                        java.util.Optional.of(java.time.Duration.ofSeconds(9))),
                new Frame.Data(6, 1L << 33, samples.bytes(FrameShapes.DATA_BYTES_MAX)),
                new Frame.End(6, samples.bytes(98_304), seal),
                new Frame.Abandoned(6),
                new Frame.Custody(4, List.of(new Frame.ItemRange(6, 6), new Frame.ItemRange(8, 20)), mark),
                new Frame.Receipts(7, List.of(new Frame.WireReceipt(samples.bytes(2_048), seal, address))),
                new Frame.Notice(8, samples.bytes(131_072)),
                new Frame.Asked(new Query(List.of(new Query.Question(id, samples.hash(), address, address)))),
                new Frame.Answered(new Known(List.of(new Known.Answer(
                        id,
                        samples.hash(),
                        address,
                        address,
                        new OrganisationId("A08"),
                        Known.State.HELD,
                        Optional.of(ErrorCode.DISK_LOW))))),
                new Frame.Directory(new DirectoryMessage.WantDirectory(0)),
                new Frame.Directory(new DirectoryMessage.WantDirectory(3)),
                new Frame.Directory(new DirectoryMessage.WantHashes()),
                new Frame.Directory(new DirectoryMessage.WantRecords(List.of(samples.hash()))),
                new Frame.Directory(new DirectoryMessage.Hashes(List.of(), true)),
                new Frame.Directory(new DirectoryMessage.Hashes(List.of(samples.hash()), false)),
                new Frame.Directory(new DirectoryMessage.Records(List.of(samples.bytes(65_536)))),
                new Frame.Piece(2, 300_000, 131_072, samples.bytes(131_072)),
                new Frame.Credit(List.of(new Frame.Grant(0, 5), new Frame.Grant(5, Long.MAX_VALUE))),
                new Frame.Ping(-1),
                new Frame.Pong(0),
                new Frame.Close(new Closing(CloseReason.BUSY, Optional.of(Duration.ofSeconds(3)), "sau")),
                new Frame.SaidRoot(
                        0,
                        new Frame.SealRoot(samples.bytes(512), samples.bytes(32_768), Optional.of(samples.bytes(1)))),
                new Frame.SaidEnc(255, samples.bytes(2_048)),
                new Frame.Client(new ClientFrame.Enrol(samples.bytes(65_536))),
                new Frame.Client(new ClientFrame.Enrolled(Optional.of(samples.bytes(5)), Optional.empty())),
                new Frame.Client(new ClientFrame.Enrolled(
                        Optional.empty(), Optional.of(Refusal.of(ErrorCode.INVITATION_USED, "x")))),
                new Frame.Client(new ClientFrame.Attach(address, true, 1_024)),
                new Frame.Client(new ClientFrame.Lease(List.of(1L, 9L), 0)),
                new Frame.Client(new ClientFrame.Lease(List.of(), 4)),
                new Frame.Client(new ClientFrame.Leased(4, List.of(id), samples.hash(), 30, 2, true, Optional.empty())),
                new Frame.Client(new ClientFrame.Leased(
                        5, List.of(id), samples.hash(), 30, 0, false, Optional.of(samples.bytes(900)))),
                new Frame.Client(new ClientFrame.Acknowledge(4, List.of(id))),
                new Frame.Client(
                        new ClientFrame.Return(4, List.of(id), ErrorCode.RETURNED_BY_APPLICATION, "hỏng", false)),
                new Frame.Client(new ClientFrame.Track(1, id)),
                new Frame.Client(new ClientFrame.Tracked(
                        1,
                        id,
                        List.of(new ClientFrame.Place(
                                address, "returned", Instant.ofEpochMilli(5), Optional.of(ErrorCode.EXPIRED))))),
                new Frame.Client(new ClientFrame.LookUp(2, "Uỷ ban")),
                new Frame.Client(new ClientFrame.Found(
                        2, List.of(samples.bytes(9)), List.of(samples.bytes(8)), Optional.of("A08"))),
                new Frame.Client(new ClientFrame.KeyBundle(samples.bytes(100))),
                new Frame.Client(
                        new ClientFrame.WrapAnew(Address.parse("A08.10/van-thu").orBug(), samples.bytes(2_000))));
    }

    private static FrameCodec.Decoded decode(byte[] bytes) {
        return FrameCodec.decode(Bytes.copyOf(bytes));
    }

    private static void refuses(byte[] bytes, CloseReason reason, String detail) {
        FrameCodec.Decoded decoded = decode(bytes);
        assertThat(decoded).isInstanceOfSatisfying(FrameCodec.Decoded.Bad.class, bad -> {
            assertThat(bad.why().reason()).isEqualTo(reason);
            assertThat(bad.why().detail()).contains(detail);
        });
    }

    private static void refuses(lienthong.proto.wire.v1.Frame.Builder frame, String detail) {
        refuses(frame.build().toByteArray(), CloseReason.PROTOCOL, detail);
    }

    private static lienthong.proto.wire.v1.Frame.Builder frame() {
        return lienthong.proto.wire.v1.Frame.newBuilder();
    }

    private static ByteString zeros(int size) {
        return ByteString.copyFrom(new byte[size]);
    }

    @FunctionalInterface
    private interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }

    /** Bytes of a frame whose body {@code number} has these bytes. */
    private static byte[] body(int number, Writing writing) {
        try {
            ByteArrayOutputStream inner = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(inner);
            writing.to(out);
            out.flush();
            ByteArrayOutputStream outer = new ByteArrayOutputStream();
            CodedOutputStream frame = CodedOutputStream.newInstance(outer);
            frame.writeByteArray(number, inner.toByteArray());
            frame.flush();
            return outer.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    // ---- what is right

    @Test
    void everyFrameComesBackAsItWentIn() {
        for (Frame frame : all()) {
            assertThat(FrameCodec.decode(FrameCodec.encode(frame))).isEqualTo(new FrameCodec.Decoded.Good(frame));
        }
    }

    @Test
    void everyKindOfFrameIsTried() {
        assertThat(all().stream().map(Object::getClass).distinct())
                .hasSize(Frame.class.getPermittedSubclasses().length);
        assertThat(all().stream()
                        .filter(f -> f instanceof Frame.Client)
                        .map(f -> ((Frame.Client) f).frame().getClass())
                        .distinct())
                .hasSize(ClientFrame.class.getPermittedSubclasses().length);
    }

    @Test
    void unknownFrameFlaggedOptionalIsIgnored() {
        byte[] unknown = body(37, out -> out.writeUInt64(1, 5));
        byte[] optional = frame().setOptional(true).build().toByteArray();
        byte[] both = new byte[unknown.length + optional.length];
        System.arraycopy(unknown, 0, both, 0, unknown.length);
        System.arraycopy(optional, 0, both, unknown.length, optional.length);
        assertThat(decode(both)).isInstanceOf(FrameCodec.Decoded.Ignored.class);
    }

    @Test
    void ownFrameBeyondTheLimitIsABug() {
        assertThatThrownBy(() -> FrameCodec.encode(new Frame.Data(1, 0, samples.bytes(262_144))))
                .isInstanceOf(Bug.class);
    }

    // ---- what is refused

    @Test
    void refusesAnUnknownFrame() {
        refuses(body(37, out -> {}), CloseReason.UNKNOWN_FRAME, "37");
        refuses(body(999, out -> {}), CloseReason.UNKNOWN_FRAME, "999");
        refuses(frame().setOptional(true).build().toByteArray(), CloseReason.UNKNOWN_FRAME, "1000");
    }

    @Test
    void refusesMoreThanAFrameHolds() {
        refuses(new byte[262_145], CloseReason.FRAME_TOO_LARGE, "262145");
    }

    @Test
    void refusesNothing() {
        refuses(new byte[0], CloseReason.PROTOCOL, "ends within a number");
    }

    @Test
    void refusesTwoBodies() {
        byte[] ping = frame().setPing(lienthong.proto.wire.v1.Ping.newBuilder().setNonce(1))
                .build()
                .toByteArray();
        byte[] pong = frame().setPong(lienthong.proto.wire.v1.Pong.newBuilder().setNonce(1))
                .build()
                .toByteArray();
        byte[] both = new byte[ping.length + pong.length];
        System.arraycopy(ping, 0, both, 0, ping.length);
        System.arraycopy(pong, 0, both, ping.length, pong.length);
        refuses(both, CloseReason.PROTOCOL, "2 bodies");
    }

    @Test
    void refusesAFrameCutAtAnyByte() {
        for (Frame frame : all()) {
            byte[] bytes = FrameCodec.encode(frame).toArray();
            Random random = new Random(1);
            for (int i = 0; i < 40; i++) {
                int cut = i < 20 ? Math.min(i, bytes.length - 1) : random.nextInt(bytes.length);
                FrameCodec.Decoded decoded = decode(java.util.Arrays.copyOf(bytes, cut));
                assertThat(decoded)
                        .as("%s cut at %d", frame.getClass(), cut)
                        .isInstanceOf(FrameCodec.Decoded.Bad.class);
            }
        }
    }

    @Test
    void refusesBytesAfterTheLastField() {
        for (Frame frame : all()) {
            byte[] bytes = FrameCodec.encode(frame).toArray();
            assertThat(decode(java.util.Arrays.copyOf(bytes, bytes.length + 1)))
                    .isInstanceOf(FrameCodec.Decoded.Bad.class);
        }
    }

    @Test
    void refusesAnUnknownFieldWithinAKnownFrame() {
        refuses(
                body(4, out -> {
                    out.writeUInt64(1, 5);
                    out.writeUInt64(9, 5);
                }),
                CloseReason.PROTOCOL,
                "Accept has no field 9");
    }

    @Test
    void refusesAFieldThatStandsTwice() {
        refuses(
                body(4, out -> {
                    out.writeUInt64(1, 5);
                    out.writeUInt64(1, 6);
                }),
                CloseReason.PROTOCOL,
                "stands twice");
    }

    @Test
    void refusesFieldsOutOfOrder() {
        refuses(
                body(4, out -> {
                    out.writeUInt64(2, 5);
                    out.writeUInt64(1, 6);
                }),
                CloseReason.PROTOCOL,
                "stands after");
    }

    @Test
    void refusesAnotherWireType() {
        refuses(body(4, out -> out.writeFixed64(1, 5)), CloseReason.PROTOCOL, "wire type");
    }

    @Test
    void refusesANumberSpelledLongerThanNeeded() {
        refuses(
                body(16, out -> {
                    out.writeRawByte(8);
                    out.writeRawByte(0x81);
                    out.writeRawByte(0);
                }),
                CloseReason.PROTOCOL,
                "longer than needed");
    }

    @Test
    void refusesANumberOfMoreThan64Bits() {
        refuses(
                body(16, out -> {
                    out.writeRawByte(8);
                    for (int i = 0; i < 9; i++) {
                        out.writeRawByte(0xFF);
                    }
                    out.writeRawByte(2);
                }),
                CloseReason.PROTOCOL,
                "64 bits");
    }

    @Test
    void refusesAMissingField() {
        refuses(frame().setHave(lienthong.proto.wire.v1.Have.newBuilder().setItem(3)), "lacks a field");
        refuses(frame().setAccept(lienthong.proto.wire.v1.Accept.newBuilder().setOffset(3)), "lacks a field");
    }

    @Test
    void refusesANumberAboveItsLimitAlsoWhereProtobufWouldCutIt() {
        refuses(body(18, out -> out.writeUInt64(1, 17)), CloseReason.PROTOCOL, "is not 1 to 16");
        refuses(body(18, out -> out.writeUInt64(1, (1L << 32) + 1)), CloseReason.PROTOCOL, "is not 1 to 16");
        refuses(body(4, out -> out.writeUInt64(1, -5)), CloseReason.PROTOCOL, "is not 1 to");
    }

    @Test
    void refusesBytesLongerOrShorterThanTheirLimit() {
        refuses(
                frame().setData(lienthong.proto.wire.v1.Data.newBuilder()
                        .setItem(1)
                        .setBytes(zeros(FrameShapes.DATA_BYTES_MAX + 1))),
                "is not 1 to 258048");
        refuses(
                frame().setHave(lienthong.proto.wire.v1.Have.newBuilder()
                        .setItem(1)
                        .setMark(lienthong.proto.wire.v1.CustodyMark.newBuilder()
                                .setIncarnation(1)
                                .setNumber(1)
                                .setMac(zeros(31)))),
                "is not 32 to 32");
    }

    @Test
    void refusesALengthBeyondItsFrame() {
        refuses(new byte[] {0x3A, 0x7F, 1}, CloseReason.PROTOCOL, "cut short");
        refuses(new byte[] {0x3A, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}, CloseReason.PROTOCOL, "cut short");
    }

    @Test
    void refusesMoreElementsThanTheirLimit() {
        lienthong.proto.wire.v1.Offer.Builder offer =
                lienthong.proto.wire.v1.Offer.newBuilder().setFirstItem(1);
        lienthong.proto.wire.v1.Whole whole = lienthong.proto.wire.v1.Whole.newBuilder()
                .setCore(zeros(1))
                .setStatement(zeros(1))
                .setSeal(lienthong.proto.wire.v1.CarriedSeal.newBuilder().setSize(1))
                .build();
        for (int i = 0; i < 513; i++) {
            offer.addWhole(whole);
        }
        refuses(frame().setOffer(offer), "more than 512 times");
        lienthong.proto.wire.v1.Hello.Builder hello = lienthong.proto.wire.v1.Hello.newBuilder();
        for (int i = 1; i <= 17; i++) {
            hello.addVersions(i);
        }
        refuses(frame().setHello(hello), "more than 16 numbers");
    }

    @Test
    void refusesAZeroIncarnation() {
        refuses(
                body(5, out -> {
                    out.writeUInt64(1, 5);
                    out.writeByteArray(2, zeroMark());
                }),
                CloseReason.PROTOCOL,
                "is zero");
    }

    private static byte[] zeroMark() {
        byte[] mark = new byte[9 + 2 + 34];
        mark[0] = 9;
        mark[9] = 16;
        mark[10] = 1;
        mark[11] = 26;
        mark[12] = 32;
        return mark;
    }

    @Test
    void refusesAnOfferOfBothKindsOrNone() {
        refuses(frame().setOffer(lienthong.proto.wire.v1.Offer.newBuilder().setFirstItem(1)), "0 bodies");
        lienthong.proto.wire.v1.Offer.Builder both =
                lienthong.proto.wire.v1.Offer.newBuilder().setFirstItem(1);
        both.addWholeBuilder()
                .setCore(zeros(1))
                .setStatement(zeros(1))
                .getSealBuilder()
                .setSize(1);
        both.getLargeBuilder().setCore(zeros(1));
        refuses(frame().setOffer(both), "2 bodies");
    }

    @Test
    void refusesSlotsThatDoNotAscend() {
        lienthong.proto.wire.v1.Slots.Builder slots =
                lienthong.proto.wire.v1.Slots.newBuilder().setItem(1);
        slots.addSlotsBuilder().setNumber(4).setContent(zeros(1));
        slots.addSlotsBuilder().setNumber(4).setContent(zeros(1));
        refuses(frame().setSlots(slots), "slots ascend");
    }

    @Test
    void refusesASealWhoseIndexIsOutsideItsTree() {
        lienthong.proto.wire.v1.End.Builder end =
                lienthong.proto.wire.v1.End.newBuilder().setItem(1).setStatement(zeros(1));
        end.getSealBuilder().setIndex(4).setSize(4);
        refuses(frame().setEnd(end), "index below size");
    }

    @Test
    void refusesAnEndThatIsBothSealedAndAbandoned() {
        lienthong.proto.wire.v1.End.Builder end = lienthong.proto.wire.v1.End.newBuilder()
                .setItem(1)
                .setStatement(zeros(1))
                .setAbandoned(true);
        refuses(frame().setEnd(end), "nothing beside abandoned");
        refuses(frame().setEnd(lienthong.proto.wire.v1.End.newBuilder().setItem(1)), "statement and seal");
    }

    @Test
    void refusesRangesThatOverlapOrFall() {
        for (long[] ranges : new long[][] {{5, 9, 9, 10}, {9, 8, 0, 0}, {3, 3, 0, 0}}) {
            lienthong.proto.wire.v1.Custody.Builder custody =
                    lienthong.proto.wire.v1.Custody.newBuilder().setUpTo(3);
            custody.addAlsoBuilder().setFirst(ranges[0]).setLast(ranges[1]);
            if (ranges[2] > 0) {
                custody.addAlsoBuilder().setFirst(ranges[2]).setLast(ranges[3]);
            }
            custody.getMarkBuilder().setIncarnation(1).setNumber(1).setMac(zeros(32));
            refuses(frame().setCustody(custody), "ranges ascend");
        }
    }

    @Test
    void refusesCreditForAWindowTwice() {
        lienthong.proto.wire.v1.Credit.Builder credit = lienthong.proto.wire.v1.Credit.newBuilder();
        credit.addGrantsBuilder().setWindow(2).setTotal(1);
        credit.addGrantsBuilder().setWindow(2).setTotal(2);
        refuses(frame().setCredit(credit), "windows ascend");
    }

    @Test
    void refusesHelloWithHalfADirectoryVersionOrUnorderedVersions() {
        lienthong.proto.wire.v1.Hello.Builder hello = lienthong.proto.wire.v1.Hello.newBuilder()
                .addVersions(1)
                .setIncarnation(1)
                .setRecordsSet(zeros(32));
        refuses(frame().setHello(hello.clone().setDirectoryVersion(3)), "directory version and hash");
        refuses(frame().setHello(hello.clone().clearVersions().addVersions(2).addVersions(1)), "versions ascend");
        refuses(frame().setHello(hello.clone().setName("A 08")), "ASCII");
        refuses(frame().setHello(hello.clone().addFeatures("B")), "features");
        refuses(frame().setHello(hello.clone().addFeatures("b").addFeatures("a")), "features ascend");
    }

    @Test
    void refusesAddressesAndIdsThatAreNone() {
        lienthong.proto.wire.v1.Query.Builder query = lienthong.proto.wire.v1.Query.newBuilder();
        query.addQuestionsBuilder()
                .setId(ByteString.copyFrom(id.bytes().toArray()))
                .setLeaf(zeros(32))
                .setRecipient("a08")
                .setAsker("A08");
        refuses(frame().setQuery(query), "ADDRESS_MALFORMED");
        query.getQuestionsBuilder(0).setRecipient("A08").setId(zeros(16));
        refuses(frame().setQuery(query), "MESSAGE_UNKNOWN");
    }

    @Test
    void refusesTextThatIsNotUtf8() {
        byte[] bad = body(6, out -> {
            out.writeUInt64(1, 1);
            out.writeUInt64(2, 1_001);
            out.writeByteArray(3, new byte[] {(byte) 0xC3, 0x28});
        });
        refuses(bad, CloseReason.PROTOCOL, "not a frame");
    }

    @Test
    void wordsOfAPeerCannotMoveTheCursorOfALog() {
        byte[] bytes = frame().setClose(
                        lienthong.proto.wire.v1.Close.newBuilder().setReason(1).setDetail("a\u001b[2J\n\u202eb"))
                .build()
                .toByteArray();
        assertThat(((Frame.Close) ((FrameCodec.Decoded.Good) decode(bytes)).frame())
                        .why()
                        .detail())
                .isEqualTo("a?[2J??b");
    }

    @Test
    void anErrorNumberUnknownHereIsKeptInWords() {
        byte[] bytes = frame().setReject(
                        lienthong.proto.wire.v1.Reject.newBuilder().setItem(1).setError(3_999))
                .build()
                .toByteArray();
        Refusal refusal = ((Frame.Reject) ((FrameCodec.Decoded.Good) decode(bytes)).frame()).refusal();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.PROTOCOL);
        assertThat(refusal.detail()).contains("3999");
    }

    @Test
    void noBytesMakeTheCodecThrow() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<byte[]> good = new ArrayList<>();
        for (Frame frame : all()) {
            byte[] bytes = FrameCodec.encode(frame).toArray();
            if (bytes.length < 5_000) {
                good.add(bytes);
            }
        }
        for (int i = 0; i < 60_000; i++) {
            byte[] bytes = good.get(random.nextInt(good.size())).clone();
            int changes = 1 + random.nextInt(4);
            for (int j = 0; j < changes; j++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(decode(bytes)).isNotNull();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", case " + i, e);
            }
        }
    }
}
