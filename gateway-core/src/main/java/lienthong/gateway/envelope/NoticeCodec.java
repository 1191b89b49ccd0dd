package lienthong.gateway.envelope;

import java.time.Instant;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;

/** Notices in their one written form. Thread-safe. Source: docs/spec/envelope.md, "Notices". */
public final class NoticeCodec {
    private static final String SKIP = "skip";
    private static final String REWRAP = "rewrap";

    private NoticeCodec() {}

    public static Bytes encode(Notice notice) {
        if (notice instanceof Notice.Skip skip) {
            return StrictText.write(skip.network(), SKIP)
                    .line("from", skip.sender())
                    .line("signer", skip.signer())
                    .line("incarnation", skip.incarnation())
                    .line("recipient", skip.recipient())
                    .line("number", skip.number())
                    .line("reason", skip.reason().number())
                    .line("time", StrictText.time(skip.time()))
                    .line("directory", skip.directory())
                    .done();
        }
        Notice.Rewrap rewrap = (Notice.Rewrap) notice;
        return StrictText.write(rewrap.network(), REWRAP)
                .line("id", rewrap.id())
                .line("leaf", rewrap.leaf())
                .line("recipient", rewrap.recipient())
                .line("slot", rewrap.slot())
                .line("signer", rewrap.signer())
                .line("time", StrictText.time(rewrap.time()))
                .line("directory", rewrap.directory())
                .done();
    }

    /**
     * Reads a notice of kind {@code skip} as received.
     *
     * @param network the network it must belong to; null accepts any
     */
    public static Result<Notice.Skip> decodeSkip(Bytes text, @Nullable Hash network) {
        Result<StrictText.Reader> opened = StrictText.read(text, network, SKIP, Limits.RECEIPT_BYTES_MAX);
        if (!(opened instanceof Result.Ok<StrictText.Reader> ok)) {
            return Result.no(opened.refusal());
        }
        StrictText.Reader in = ok.value();
        Hash own = in.network();
        Address sender = Lines.address(in, "from");
        Hash signer = in.hash("signer");
        Incarnation incarnation = Lines.incarnation(in);
        Address recipient = Lines.address(in, "recipient");
        long number = in.number("number", Long.MAX_VALUE);
        ErrorCode reason = Lines.reason(in, in.line("reason"));
        Instant time = in.time("time");
        DirectoryVersion directory = Lines.directory(in);
        if (own == null || number == 0) {
            in.fail("network and number are never absent or zero");
        }
        Optional<Refusal> fault = in.end();
        if (fault.isPresent() || own == null) {
            return Lines.no(fault);
        }
        Notice.Skip skip =
                new Notice.Skip(own, sender, signer, incarnation, recipient, number, reason, time, directory);
        return Lines.strictly(SKIP, skip, encode(skip), text);
    }

    /**
     * Reads a notice of kind {@code rewrap} as received.
     *
     * @param network the network it must belong to; null accepts any
     */
    public static Result<Notice.Rewrap> decodeRewrap(Bytes text, @Nullable Hash network) {
        Result<StrictText.Reader> opened = StrictText.read(text, network, REWRAP, Limits.RECEIPT_BYTES_MAX);
        if (!(opened instanceof Result.Ok<StrictText.Reader> ok)) {
            return Result.no(opened.refusal());
        }
        StrictText.Reader in = ok.value();
        Hash own = in.network();
        MessageId id = Lines.id(in, in.line("id"));
        Hash leaf = in.hash("leaf");
        Address recipient = Lines.address(in, "recipient");
        Hash slot = in.hash("slot");
        Hash signer = in.hash("signer");
        Instant time = in.time("time");
        DirectoryVersion directory = Lines.directory(in);
        if (own == null) {
            in.fail("line 1: a notice belongs to a network");
        }
        Optional<Refusal> fault = in.end();
        if (fault.isPresent() || own == null) {
            return Lines.no(fault);
        }
        Notice.Rewrap rewrap = new Notice.Rewrap(own, id, leaf, recipient, slot, signer, time, directory);
        return Lines.strictly(REWRAP, rewrap, encode(rewrap), text);
    }
}
