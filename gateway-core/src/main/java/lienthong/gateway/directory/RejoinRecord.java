package lienthong.gateway.directory;

import java.time.Instant;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.StrictText;

/**
 * That a key set lives on under another incarnation: its operator has restored a disk and said so. Without it, a bundle of another
 * incarnation under the same certificate is a fork.
 *
 * @param address whose key set
 * @param signer SHA-256 of the address's certificate whose key signed
 * @param from the incarnation that ended
 * @param to the one that follows
 * @param time claimed
 * @param network fingerprint
 * @param text strict text of kind {@code rejoin}, as received
 * @param cms detached, over the text
 */
public record RejoinRecord(
        Address address,
        Hash signer,
        Incarnation from,
        Incarnation to,
        Instant time,
        Hash network,
        Bytes text,
        Bytes cms)
        implements DirectoryRecord {
    static final int KIND_NUMBER = 3;
    private static final String KIND = "rejoin";

    /** The text to sign. */
    public static Bytes text(
            Hash network, Address address, Hash signer, Incarnation from, Incarnation to, Instant time) {
        return StrictText.write(network, KIND)
                .line("address", address)
                .line("signer", signer)
                .line("from", from)
                .line("to", to)
                .line("time", StrictText.time(time))
                .done();
    }

    /** From its parts, the text just signed. */
    public static RejoinRecord of(
            Hash network, Address address, Hash signer, Incarnation from, Incarnation to, Instant time, Bytes cms) {
        return new RejoinRecord(
                address, signer, from, to, time, network, text(network, address, signer, from, to, time), cms);
    }

    @Override
    public Bytes toBytes() {
        return DirectoryWire.write(new DirectoryWire.RecordParts(KIND_NUMBER, text, cms, Bytes.empty()));
    }

    static Result<RejoinRecord> parse(DirectoryWire.RecordParts parts, Hash network) {
        return StrictText.read(parts.text(), network, KIND, Limits.DIRECTORY_TEXT_BYTES_MAX)
                .then(reader -> {
                    Address address = Texts.address(reader, "address");
                    Hash signer = reader.hash("signer");
                    Incarnation from = Texts.incarnation(reader, "from");
                    Incarnation to = Texts.incarnation(reader, "to");
                    Instant time = reader.time("time");
                    if (from.equals(to) || !parts.der().isEmpty()) {
                        reader.fail("a re-join names two incarnations and carries no certificate");
                    }
                    return Texts.checked(
                            reader,
                            parts.text(),
                            () -> new RejoinRecord(address, signer, from, to, time, network, parts.text(), parts.cms()),
                            rejoin -> text(network, address, signer, from, to, time));
                });
    }
}
