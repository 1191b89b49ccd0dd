package lienthong.gateway.envelope.evidence;

import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * What a piece of evidence is about: strict text of kind {@code evidence}, itself unsigned and compared with what is signed.
 *
 * @param id the message
 * @param position its place among the core's ids, from 0
 * @param receipts how many are carried
 * @param audit how many entries of the exporting node's audit log are carried
 */
record Contents(Hash network, MessageId id, int position, int receipts, int audit) {
    static final String FILE = "evidence.txt";
    private static final String KIND = "evidence";
    static final int RECEIPTS_MAX = 4_000;
    static final int AUDIT_MAX = 64;

    Bytes encode() {
        return StrictText.write(network, KIND)
                .line("id", id)
                .line("position", position)
                .line("receipts", receipts)
                .line("audit", audit)
                .done();
    }

    static Result<Contents> decode(Bytes text, Hash network) {
        return StrictText.read(text, network, KIND, Limits.ROOT_TEXT_BYTES_MAX).then(in -> {
            Result<MessageId> id = MessageId.parse(in.line("id"));
            int position = (int) in.number("position", Limits.BUNDLE_MESSAGES_MAX - 1);
            int receipts = (int) in.number("receipts", RECEIPTS_MAX);
            int audit = (int) in.number("audit", AUDIT_MAX);
            Optional<Refusal> fault = in.end();
            if (fault.isPresent()) {
                return Result.no(fault.get());
            }
            return id.then(known -> {
                Contents contents = new Contents(network, known, position, receipts, audit);
                return contents.encode().equals(text)
                        ? Result.ok(contents)
                        : Result.no(ErrorCode.TEXT_NOT_CLEAN, "evidence: not in its one written form");
            });
        });
    }
}
