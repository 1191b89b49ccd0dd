package lienthong.gateway.link;

import lienthong.gateway.message.Limits;

/** The limits of every field of {@code frames.proto}; {@code FrameShapesTest} proves that none is left without. */
final class FrameShapes {
    private FrameShapes() {}

    static final int VERSIONS_MAX = 16;
    static final int ADDRESS_BYTES_MAX = 80;
    static final int WHOLE_MAX = 512;
    static final int SLOTS_MAX = Limits.RECIPIENTS_MAX + 1;
    static final int RECEIPTS_MAX = 512;
    static final int RANGES_MAX = 1_024;
    static final int PATH_MAX = 10;
    static final int SAID_MAX = 256;
    static final int PIECE_BYTES_MAX = 128 * 1024;
    /** What a data frame holds: the frame without 4 KiB for its other fields, so that all offsets stay multiples of 4 KiB. */
    static final int DATA_BYTES_MAX = Limits.FRAME_BYTES_MAX - 4 * 1024;

    private static final int DETAIL_BYTES_MAX = 1_200;
    private static final int ID_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int RECORD_BYTES_MAX = DirectoryMessage.RECORD_BYTES_MAX;
    private static final long ANY = -1L;
    private static final long ITEM_MAX = Long.MAX_VALUE;
    private static final long OFFSET_MAX = Limits.PAYLOAD_BYTES_MAX;
    private static final long CLOCK_MS_MAX = 1L << 53;
    static final long AGE_MS_MAX = 1L << 42;
    private static final int ERROR_MIN = 1_001;
    private static final int ERROR_MAX = 6_999;

    private static final Shape MARK =
            Shape.of("CustodyMark").fixed(1).number(2, 1, Long.MAX_VALUE).bytes(3, HASH_BYTES, HASH_BYTES);
    private static final Shape SLOT = Shape.of("CarriedSlot")
            .number(1, 0, SLOTS_MAX - 1)
            .bytes(2, 1, Limits.SLOT_BYTES_MAX)
            .number(3, 0, SAID_MAX);
    private static final Shape SEAL = Shape.of("CarriedSeal")
            .number(1, 0, Limits.TREE_LEAVES_MAX - 1)
            .number(2, 1, Limits.TREE_LEAVES_MAX)
            .manyBytes(3, 0, PATH_MAX, HASH_BYTES, HASH_BYTES)
            .number(4, 0, SAID_MAX - 1);
    private static final Shape SEAL_ROOT = Shape.of("SealRoot")
            .bytes(1, 1, Limits.ROOT_TEXT_BYTES_MAX)
            .bytes(2, 1, Limits.CMS_BYTES_MAX)
            .bytes(3, 0, Limits.CMS_BYTES_MAX);
    private static final Shape HASHES = Shape.of("Hashes")
            .manyBytes(1, 0, DirectoryMessage.ITEMS_MAX, HASH_BYTES, HASH_BYTES)
            .truth(2);
    private static final int LEASES_MAX = ClientFrame.ITEMS_MAX;

    static final Shape FRAME = Shape.of("Frame")
            .oneIfThere(
                    1,
                    Shape.of("Hello")
                            .numbers(1, 1, VERSIONS_MAX, 1, 255)
                            .bytes(2, 0, ADDRESS_BYTES_MAX)
                            .fixed(3)
                            .number(4, 0, Long.MAX_VALUE)
                            .bytesIfThere(5, HASH_BYTES)
                            .bytes(6, HASH_BYTES, HASH_BYTES)
                            .oneIfThere(7, MARK)
                            .number(8, 0, CLOCK_MS_MAX)
                            .manyBytes(9, 0, 32, 1, 32))
            .oneIfThere(
                    2,
                    Shape.of("Offer")
                            .number(1, 1, ITEM_MAX)
                            .number(2, 0, 4)
                            .number(3, 0, Long.MAX_VALUE)
                            .many(
                                    4,
                                    0,
                                    WHOLE_MAX,
                                    Shape.of("Whole")
                                            .bytes(1, 1, Limits.HEADER_BYTES_MAX)
                                            .many(2, 0, SLOTS_MAX, SLOT)
                                            .bytes(3, 0, Limits.FRAME_BYTES_MAX)
                                            .bytes(4, 1, Limits.STATEMENT_BYTES_MAX)
                                            .one(5, SEAL)
                                            .number(6, 0, AGE_MS_MAX))
                            .oneIfThere(
                                    5,
                                    Shape.of("Large")
                                            .bytes(1, 1, Limits.HEADER_BYTES_MAX)
                                            .number(2, 0, Limits.PAYLOAD_BYTES_MAX)
                                            .number(3, 0, SLOTS_MAX)
                                            .number(4, 0, AGE_MS_MAX))
                            .exactlyOneOf(4, 5))
            .oneIfThere(3, Shape.of("Slots").number(1, 1, ITEM_MAX).many(2, 1, SLOTS_MAX, SLOT))
            .oneIfThere(4, Shape.of("Accept").number(1, 1, ITEM_MAX).number(2, 0, OFFSET_MAX))
            .oneIfThere(5, Shape.of("Have").number(1, 1, ITEM_MAX).one(2, MARK))
            .oneIfThere(
                    6,
                    Shape.of("Reject")
                            .number(1, 1, ITEM_MAX)
                            .number(2, ERROR_MIN, ERROR_MAX)
                            .bytes(3, 0, DETAIL_BYTES_MAX)
                            .truth(4)
                            .number(5, 0, OFFSET_MAX)
                            .number(6, 0, Closing.RETRY_AFTER_MAX.toMillis()))
            .oneIfThere(
                    7,
                    Shape.of("Data")
                            .number(1, 1, ITEM_MAX)
                            .number(2, 0, Long.MAX_VALUE)
                            .bytes(3, 1, DATA_BYTES_MAX))
            .oneIfThere(
                    8,
                    Shape.of("End")
                            .number(1, 1, ITEM_MAX)
                            .bytes(2, 0, Limits.STATEMENT_BYTES_MAX)
                            .oneIfThere(3, SEAL)
                            .truth(4))
            .oneIfThere(
                    9,
                    Shape.of("Custody")
                            .number(1, 0, ITEM_MAX)
                            .many(
                                    2,
                                    0,
                                    RANGES_MAX,
                                    Shape.of("ItemRange").number(1, 1, ITEM_MAX).number(2, 1, ITEM_MAX))
                            .one(3, MARK))
            .oneIfThere(
                    10,
                    Shape.of("Receipts")
                            .number(1, 1, ITEM_MAX)
                            .many(
                                    2,
                                    1,
                                    RECEIPTS_MAX,
                                    Shape.of("CarriedReceipt")
                                            .bytes(1, 1, Limits.RECEIPT_BYTES_MAX)
                                            .one(2, SEAL)
                                            .bytes(3, 1, ADDRESS_BYTES_MAX)))
            .oneIfThere(11, Shape.of("CarriedNotice").number(1, 1, ITEM_MAX).bytes(2, 1, LinkSession.NOTICE_BYTES_MAX))
            .oneIfThere(
                    12,
                    Shape.of("Query")
                            .many(
                                    1,
                                    1,
                                    Query.QUESTIONS_MAX,
                                    Shape.of("Question")
                                            .bytes(1, ID_BYTES, ID_BYTES)
                                            .bytes(2, HASH_BYTES, HASH_BYTES)
                                            .bytes(3, 1, ADDRESS_BYTES_MAX)
                                            .bytes(4, 1, ADDRESS_BYTES_MAX)))
            .oneIfThere(
                    13,
                    Shape.of("Known")
                            .many(
                                    1,
                                    1,
                                    Query.QUESTIONS_MAX,
                                    Shape.of("Answer")
                                            .bytes(1, ID_BYTES, ID_BYTES)
                                            .bytes(2, HASH_BYTES, HASH_BYTES)
                                            .bytes(3, 1, ADDRESS_BYTES_MAX)
                                            .bytes(4, 1, ADDRESS_BYTES_MAX)
                                            .bytes(5, 1, Limits.ORGANISATION_ID_CHARS_MAX)
                                            .number(6, 1, 4)
                                            .number(7, 0, ERROR_MAX)))
            .oneIfThere(
                    14,
                    Shape.of("AboutDirectory")
                            .number(1, 0, Long.MAX_VALUE)
                            .number(2, 1, 1, false)
                            .oneIfThere(3, HASHES)
                            .oneIfThere(
                                    4,
                                    Shape.of("Piece")
                                            .number(1, 1, 3)
                                            .number(2, 1, Limits.DIRECTORY_BYTES_MAX)
                                            .number(3, 0, Limits.DIRECTORY_BYTES_MAX)
                                            .bytes(4, 1, PIECE_BYTES_MAX))
                            .oneIfThere(5, HASHES)
                            .oneIfThere(
                                    6,
                                    Shape.of("Records")
                                            .manyBytes(1, 1, DirectoryMessage.ITEMS_MAX, 1, RECORD_BYTES_MAX))
                            .exactlyOneOf(1, 6))
            .oneIfThere(
                    15,
                    Shape.of("Credit")
                            .many(1, 1, 6, Shape.of("Grant").number(1, 0, 5).number(2, 0, Long.MAX_VALUE)))
            .oneIfThere(16, Shape.of("Ping").number(1, 0, ANY))
            .oneIfThere(17, Shape.of("Pong").number(1, 0, ANY))
            .oneIfThere(
                    18,
                    Shape.of("Close")
                            .number(1, 1, CloseReason.values().length)
                            .number(2, 0, Closing.RETRY_AFTER_MAX.toMillis())
                            .bytes(3, 0, DETAIL_BYTES_MAX))
            .oneIfThere(
                    19,
                    Shape.of("Said")
                            .number(1, 0, SAID_MAX - 1)
                            .oneIfThere(2, SEAL_ROOT)
                            .bytes(3, 1, Limits.SLOT_BYTES_MAX, false)
                            .exactlyOneOf(2, 3))
            .oneIfThere(40, Shape.of("Enrol").bytes(1, 1, RECORD_BYTES_MAX))
            .oneIfThere(
                    41,
                    Shape.of("Enrolled")
                            .bytes(1, 0, RECORD_BYTES_MAX)
                            .number(2, 0, ERROR_MAX)
                            .bytes(3, 0, DETAIL_BYTES_MAX))
            .oneIfThere(
                    42,
                    Shape.of("Attach").bytes(1, 1, ADDRESS_BYTES_MAX).truth(2).number(3, 0, LEASES_MAX))
            .oneIfThere(
                    43, Shape.of("Lease").numbers(1, 0, LEASES_MAX, 1, ITEM_MAX).number(2, 0, LEASES_MAX))
            .oneIfThere(
                    44,
                    Shape.of("Leased")
                            .number(1, 1, ITEM_MAX)
                            .manyBytes(2, 1, Limits.BUNDLE_MESSAGES_MAX, ID_BYTES, ID_BYTES)
                            .bytes(3, HASH_BYTES, HASH_BYTES)
                            .number(4, 1, 86_400)
                            .number(5, 0, Long.MAX_VALUE)
                            .truth(6)
                            .bytes(7, 0, RECORD_BYTES_MAX))
            .oneIfThere(
                    45,
                    Shape.of("Acknowledge")
                            .number(1, 1, ITEM_MAX)
                            .manyBytes(2, 1, Limits.BUNDLE_MESSAGES_MAX, ID_BYTES, ID_BYTES))
            .oneIfThere(
                    46,
                    Shape.of("Return")
                            .number(1, 1, ITEM_MAX)
                            .manyBytes(2, 1, Limits.BUNDLE_MESSAGES_MAX, ID_BYTES, ID_BYTES)
                            .number(3, ERROR_MIN, ERROR_MAX)
                            .bytes(4, 0, DETAIL_BYTES_MAX)
                            .truth(5))
            .oneIfThere(47, Shape.of("Track").number(1, 0, ANY).bytes(2, ID_BYTES, ID_BYTES))
            .oneIfThere(
                    48,
                    Shape.of("Tracked")
                            .number(1, 0, ANY)
                            .bytes(2, ID_BYTES, ID_BYTES)
                            .many(
                                    3,
                                    0,
                                    Limits.RECIPIENTS_MAX,
                                    Shape.of("Place")
                                            .bytes(1, 1, ADDRESS_BYTES_MAX)
                                            .bytes(2, 1, 16)
                                            .number(3, 0, CLOCK_MS_MAX)
                                            .number(4, 0, ERROR_MAX)))
            .oneIfThere(49, Shape.of("LookUp").number(1, 0, ANY).bytes(2, 1, 800))
            .oneIfThere(
                    50,
                    Shape.of("Found")
                            .number(1, 0, ANY)
                            .manyBytes(2, 0, 64, 1, 16 * 1024)
                            .manyBytes(3, 0, 64, 1, RECORD_BYTES_MAX)
                            .bytes(4, 0, ADDRESS_BYTES_MAX))
            .oneIfThere(51, Shape.of("KeyBundle").bytes(1, 1, RECORD_BYTES_MAX))
            .oneIfThere(
                    52,
                    Shape.of("WrapAnew")
                            .bytes(1, 1, ADDRESS_BYTES_MAX)
                            .bytes(2, 1, ClientFrame.WrapAnew.ENVELOPE_BYTES_MAX))
            .truth(1_000)
            .exactlyOneOf(1, 52);
}
