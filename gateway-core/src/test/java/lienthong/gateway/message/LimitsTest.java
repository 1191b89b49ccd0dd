package lienthong.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.Test;

/** The relations between the limits: each one a message that could otherwise be accepted at one door and refused at the next. */
class LimitsTest {
    private static final int HASH_HEX = 64;
    private static final int LF = 1;
    /** Organisation, slash, mailbox. */
    private static final int ADDRESS_CHARS_MAX = Limits.ORGANISATION_ID_CHARS_MAX + 1 + 32;
    /** Key id, the largest enc (ML-KEM-1024), random bytes, wrap of 1 + 32 + 8 + 32 + 8 + 1 + 160 bytes with its tag. */
    private static final int SLOT_BYTES = 32 + 1_568 + 32 + 242 + 16;

    @Test
    void everyLimitIsPositive() throws IllegalAccessException {
        for (Field limit : Limits.class.getDeclaredFields()) {
            if (Modifier.isPublic(limit.getModifiers())) {
                assertThat(((Number) limit.get(null)).longValue())
                        .as(limit.getName())
                        .isPositive();
            }
        }
    }

    @Test
    void aCoreOfAThousandRecipientsWithTheLongestNamesFits() {
        int recipients = Limits.RECIPIENTS_MAX * ("to ".length() + ADDRESS_CHARS_MAX + LF);
        int ids = Limits.BUNDLE_MESSAGES_MAX * ("id ".length() + 2 * MessageId.SIZE_BYTES + LF);
        assertThat(recipients + ids + 1_024).isLessThanOrEqualTo(Limits.HEADER_BYTES_MAX);
    }

    @Test
    void aStatementOfAThousandRecipientsAndAFullBundleFits() {
        int slots = (Limits.RECIPIENTS_MAX + 1) * ("slot ".length() + HASH_HEX + LF);
        int manifests = Limits.BUNDLE_MESSAGES_MAX * ("manifest ".length() + HASH_HEX + LF);
        assertThat(slots + manifests + 1_024).isLessThanOrEqualTo(Limits.STATEMENT_BYTES_MAX);
    }

    @Test
    void aManifestOfAllPartsWithTheLongestNamesFits() {
        int part = "name ".length()
                + Limits.PART_NAME_BYTES_MAX
                + LF
                + "type ".length()
                + Limits.CONTENT_TYPE_CHARS_MAX
                + LF
                + "bytes ".length()
                + Long.toString(Limits.PAYLOAD_BYTES_MAX).length()
                + 1
                + HASH_HEX
                + LF;
        // A UTF-16 character takes at most three bytes.
        int head = 1_024
                + 3 * (Limits.SUBJECT_CHARS_MAX + Limits.CORRELATION_ID_CHARS_MAX + Limits.ORDERING_KEY_CHARS_MAX);
        assertThat(Limits.PARTS_MAX * part + head).isLessThanOrEqualTo(Limits.MANIFEST_BYTES_MAX);
    }

    @Test
    void aReceiptFits() {
        int receipt = 4 * (HASH_HEX + 40) + 2 * ADDRESS_CHARS_MAX + 512;
        assertThat(receipt).isLessThanOrEqualTo(Limits.RECEIPT_BYTES_MAX);
    }

    @Test
    void everySignedTextFitsAFrameWithItsOverhead() {
        assertThat(Limits.HEADER_BYTES_MAX + Limits.FRAME_OVERHEAD_BYTES).isLessThanOrEqualTo(Limits.FRAME_BYTES_MAX);
        assertThat(Limits.STATEMENT_BYTES_MAX + seal() + Limits.FRAME_OVERHEAD_BYTES)
                .isLessThanOrEqualTo(Limits.FRAME_BYTES_MAX);
        assertThat(Limits.RECEIPT_BYTES_MAX + seal() + Limits.FRAME_OVERHEAD_BYTES)
                .isLessThanOrEqualTo(Limits.FRAME_BYTES_MAX);
    }

    @Test
    void aSlotOfTheLargestSuiteFitsAndAllSlotsOfAnEnvelopeFitTheirQuota() {
        assertThat(SLOT_BYTES).isLessThanOrEqualTo(Limits.SLOT_BYTES_MAX);
        assertThat((Limits.RECIPIENTS_MAX + 1L) * Limits.SLOT_BYTES_MAX).isLessThanOrEqualTo(Limits.SLOTS_BYTES_MAX);
    }

    @Test
    void aRecordHoldsTheLargestEnvelopeThatIsNotSpooled() {
        long record = 0L
                + Limits.HEADER_BYTES_MAX
                + Limits.SLOTS_BYTES_MAX
                + Limits.STATEMENT_BYTES_MAX
                + seal()
                + Limits.BUNDLE_BYTES_MAX
                + Limits.MANIFEST_BYTES_MAX
                + Limits.FRAME_OVERHEAD_BYTES;
        assertThat(record).isLessThanOrEqualTo(Limits.RECORD_BYTES_MAX);
    }

    @Test
    void aSegmentHoldsManyRecordsAndTheReserveHoldsASegment() {
        assertThat(Limits.SEGMENT_BYTES).isGreaterThanOrEqualTo(8 * Limits.RECORD_BYTES_MAX);
        assertThat(Limits.DISK_RESERVE_BYTES).isGreaterThanOrEqualTo(Limits.SEGMENT_BYTES);
    }

    @Test
    void idsAreRememberedLongerThanAMessageCanReturn() {
        long seenFor = Limits.LIFETIME_SECONDS_MAX + Limits.SEEN_GRACE_SECONDS;
        assertThat(seenFor).isGreaterThanOrEqualTo(Limits.LIFETIME_SECONDS_MAX + Limits.RETURN_GRACE_SECONDS);
        assertThat(Lifetime.DEFAULT.seconds()).isLessThanOrEqualTo(Limits.LIFETIME_SECONDS_MAX);
    }

    @Test
    void blocksAreWholeChunksAndDataFramesAreWithinAFrame() {
        assertThat(Limits.CIPHERTEXT_BLOCK_BYTES % Limits.CHUNK_BYTES).isZero();
        assertThat(Limits.DATA_FRAME_BYTES_MIN + Limits.FRAME_OVERHEAD_BYTES)
                .isLessThanOrEqualTo(Limits.FRAME_BYTES_MAX);
        assertThat(Limits.INLINE_CIPHERTEXT_BYTES_MAX).isGreaterThan(Limits.BUNDLE_BYTES_MAX);
    }

    @Test
    void oneContextServesAWholeTreeAndABundleStaysBelowATree() {
        assertThat(Limits.HPKE_CONTEXT_USES_MAX).isGreaterThanOrEqualTo(Limits.TREE_LEAVES_MAX);
        assertThat(Limits.BUNDLE_MESSAGES_MAX).isLessThanOrEqualTo(Limits.TREE_LEAVES_MAX);
        assertThat(Limits.TREE_LEAVES_MAX).isLessThanOrEqualTo(Limits.ACCEPT_WINDOW);
    }

    @Test
    void anApiMessageHoldsAChunkAndAnInvitationHoldsADirectory() {
        assertThat(Limits.API_CHUNK_BYTES_MAX + Limits.FRAME_OVERHEAD_BYTES)
                .isLessThanOrEqualTo(Limits.API_MESSAGE_BYTES_MAX);
        assertThat(Limits.API_ITEMS_MAX).isLessThanOrEqualTo(Limits.ACCEPT_WINDOW);
        assertThat(Limits.INVITATION_BYTES_MAX - Limits.DIRECTORY_BYTES_MAX).isGreaterThanOrEqualTo(1024 * 1024);
    }

    @Test
    void aFullHeaderFitsAnApiMessage() {
        long header = 3L * Limits.HEADER_BYTES_MAX + Limits.MANIFEST_BYTES_MAX;
        assertThat(header).isLessThanOrEqualTo(Limits.API_MESSAGE_BYTES_MAX);
    }

    /** CMS of both kinds, root text, path of the largest tree. */
    private static int seal() {
        int levels = 32 - Integer.numberOfLeadingZeros(Limits.TREE_LEAVES_MAX - 1);
        return 2 * Limits.CMS_BYTES_MAX + Limits.ROOT_TEXT_BYTES_MAX + levels * Hash.SIZE_BYTES;
    }
}
