package lienthong.gateway.link;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;

/** One frame as a value, within its limits: what the codec makes of bytes, and bytes of. What was said by number is still a number here. */
sealed interface Frame {
    record Hello(List<Integer> versions, HelloDetails details) implements Frame {
        public Hello {
            versions = List.copyOf(versions);
        }
    }

    record Offer(long firstItem, Precedence precedence, long directory, List<Whole> wholes) implements Frame {}

    record OfferLarge(
            long item, Precedence precedence, long directory, Bytes core, long ciphertextLength, int slots, long ageMs)
            implements Frame {}

    record Slots(long item, List<CarriedSlot> slots) implements Frame {}

    record Accept(long item, long offset) implements Frame {}

    record Have(long item, CustodyMark mark) implements Frame {}

    /** {@code resumeOffset} counts with {@code OFFSET} alone. An error number unknown here stands as {@code PROTOCOL} with the number in the detail. */
    record Reject(long item, Refusal refusal, boolean advice, long resumeOffset, Optional<Duration> retryAfter)
            implements Frame {
        public Reject {
            retryAfter = retryAfter
                    .map(wait -> wait.compareTo(Closing.RETRY_AFTER_MAX) > 0 ? Closing.RETRY_AFTER_MAX : wait)
                    .filter(wait -> wait.toMillis() > 0);
        }

        Reject(long item, Refusal refusal, boolean advice, long resumeOffset) {
            this(item, refusal, advice, resumeOffset, Optional.empty());
        }
    }

    /** {@code bytes} share memory with the frame. */
    record Data(long item, long offset, Bytes bytes) implements Frame {}

    record End(long item, Bytes statement, CarriedSeal seal) implements Frame {}

    record Abandoned(long item) implements Frame {}

    record Custody(long upTo, List<ItemRange> also, CustodyMark mark) implements Frame {}

    record Receipts(long firstItem, List<WireReceipt> receipts) implements Frame {}

    record Notice(long item, Bytes notice) implements Frame {}

    record Asked(Query query) implements Frame {}

    record Answered(Known known) implements Frame {}

    record Directory(DirectoryMessage message) implements Frame {}

    record Piece(int kind, long total, long offset, Bytes bytes) implements Frame {
        static final int DIRECTORY = 1;
        static final int DELTA = 2;
        static final int RECORD = 3;
    }

    record Credit(List<Grant> grants) implements Frame {}

    record Ping(long nonce) implements Frame {}

    record Pong(long nonce) implements Frame {}

    record Close(Closing why) implements Frame {}

    record SaidRoot(int number, SealRoot root) implements Frame {}

    record SaidEnc(int number, Bytes enc) implements Frame {}

    record Client(ClientFrame frame) implements Frame {}

    /** {@code encSaid} −1: content is whole. */
    record CarriedSlot(int number, Bytes content, int encSaid) {}

    record CarriedSeal(int index, int size, List<Hash> path, int rootSaid) {}

    record SealRoot(Bytes rootText, Bytes cms, Optional<Bytes> pqCms) {
        int bytes() {
            return rootText.size() + cms.size() + pqCms.map(Bytes::size).orElse(0);
        }
    }

    record Whole(
            Bytes core, List<CarriedSlot> slots, Bytes ciphertext, Bytes statement, CarriedSeal seal, long ageMs) {}

    record WireReceipt(Bytes text, CarriedSeal seal, Address to) {}

    record ItemRange(long first, long last) {}

    record Grant(int window, long total) {}

    /** The refusal that an error number on the wire stands for. */
    static Refusal refusal(int number, String detail) {
        return ErrorCode.ofNumber(number)
                .map(code -> Refusal.technical(code, detail))
                .orElseGet(() ->
                        Refusal.of(ErrorCode.PROTOCOL, "LT-{0} (unknown here): {1}", number, Detail.technical(detail)));
    }
}
