package lienthong.gateway.envelope;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Lifetime;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Precedence;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SecrecyMark;
import lienthong.gateway.message.Service;
import lienthong.gateway.message.StrictText;
import org.jspecify.annotations.Nullable;

/** The core: all that relays see of a message, in its one written form. Thread-safe. Source: docs/spec/envelope.md, "Core". */
public final class CoreCodec {
    static final String KIND = "core";

    private CoreCodec() {}

    /**
     * Writes a core.
     *
     * @return at most {@link Limits#HEADER_BYTES_MAX} bytes, since a header's own limits are smaller; lists in another order than the form asks
     *     for are a {@link lienthong.gateway.message.Bug}
     */
    public static Bytes encode(Header header) {
        Invariant.check(isAscending(header.recipients()) && isAscending(header.flags()), "core lists in order");
        Invariant.check(new HashSet<>(header.ids()).size() == header.ids().size(), "core ids differ");
        return write(header);
    }

    /**
     * Reads a core as received.
     *
     * @param network the network it must belong to; null accepts any, for whoever compares later
     * @return the header, or {@code TEXT_NOT_CLEAN}, {@code HEADER_TOO_LARGE}, {@code OTHER_NETWORK} or the refusal of the value concerned
     */
    public static Result<Header> decode(Bytes core, @Nullable Hash network) {
        Result<StrictText.Reader> opened = StrictText.read(core, network, KIND, Limits.HEADER_BYTES_MAX);
        if (!(opened instanceof Result.Ok<StrictText.Reader> ok)) {
            return Result.no(opened.refusal());
        }
        StrictText.Reader in = ok.value();
        Hash own = in.network();
        if (own == null) {
            in.fail("line 1: a core belongs to a network");
        }
        int suite = (int) in.number("suite", 255);
        List<MessageId> ids = new ArrayList<>();
        for (String digits : in.lines("id", 1, Limits.BUNDLE_MESSAGES_MAX)) {
            ids.add(Lines.id(in, digits));
        }
        Address sender = Lines.address(in, "from");
        Hash signer = in.hash("signer");
        List<Address> recipients = new ArrayList<>();
        for (String text : in.lines("to", 1, Limits.RECIPIENTS_MAX)) {
            recipients.add(Lines.address(in, Address.parse(text)));
        }
        Optional<String> service = in.optional("service");
        Optional<Service> shown = service.map(word -> in.value(Service.parse(word), Service.DOCUMENT));
        Precedence precedence = in.value(Precedence.of((int) in.number("precedence", 4)), Precedence.ROUTINE);
        SecrecyMark mark = in.value(SecrecyMark.ofWord(in.line("mark")), SecrecyMark.NONE);
        Instant created = in.time("created");
        Lifetime lifetime =
                in.value(Lifetime.ofSeconds(in.number("lifetime", Limits.LIFETIME_SECONDS_MAX)), Lifetime.DEFAULT);
        DirectoryVersion directory = Lines.directory(in);
        List<Header.Flag> flags = new ArrayList<>();
        for (String word : in.lines("flag", 0, Header.Flag.values().length)) {
            flags.add(flag(in, word));
        }
        if (suite == 0) {
            in.fail("suites begin with 1");
        }
        if (in.isClean() && (!isAscending(recipients) || !isAscending(flags))) {
            in.fail("lines to and flag are ascending, each once");
        }
        if (in.isClean() && new HashSet<>(ids).size() != ids.size()) {
            in.fail("line id twice");
        }
        Optional<Refusal> fault = in.end();
        if (fault.isPresent() || own == null) {
            return Lines.no(fault);
        }
        Header header = new Header(
                own,
                suite,
                ids,
                sender,
                signer,
                recipients,
                shown,
                precedence,
                mark,
                created,
                lifetime,
                directory,
                flags);
        return Lines.strictly(KIND, header, write(header), core);
    }

    private static Bytes write(Header header) {
        StrictText.Writer out = StrictText.write(header.network(), KIND)
                .line("suite", header.suite())
                .lines("id", header.ids())
                .line("from", header.sender())
                .line("signer", header.signer())
                .lines("to", header.recipients())
                .line("service", header.service())
                .line("precedence", header.precedence().number())
                .line("mark", header.mark().word())
                .line("created", StrictText.time(header.created()))
                .line("lifetime", header.lifetime().seconds())
                .line("directory", header.directory());
        for (Header.Flag flag : header.flags()) {
            out.line("flag", flag.word());
        }
        return out.done();
    }

    private static Header.Flag flag(StrictText.Reader in, String word) {
        for (Header.Flag flag : Header.Flag.values()) {
            if (flag.word().equals(word)) {
                return flag;
            }
        }
        in.value(Result.<Header.Flag>no(ErrorCode.TEXT_NOT_CLEAN, "flag unknown"), Header.Flag.ORDERED);
        return Header.Flag.ORDERED;
    }

    /** Strictly ascending by the type's own order: addresses by code, then mailbox; flags as declared, which is by word. */
    private static <T extends Comparable<? super T>> boolean isAscending(List<T> list) {
        for (int i = 1; i < list.size(); i++) {
            if (list.get(i - 1).compareTo(list.get(i)) >= 0) {
                return false;
            }
        }
        return true;
    }
}
