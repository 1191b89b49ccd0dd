package lienthong.gateway.node;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import lienthong.gateway.crypto.Mac;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.link.CustodyMark;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.OrganisationId;

/**
 * Issues custody marks and recognises its own: HMAC-SHA256 under a key that never leaves this node, over incarnation, number and
 * neighbour. Only a number with a valid MAC can show that a disk is older; an invented one stops nobody.
 * Source: docs/spec/link.md, "Custody numbers".
 */
final class CustodyMarks {
    private static final byte[] LABEL = "lienthong-custody 1\n".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] CLIENT_LABEL = "lienthong-custody-client 1\n".getBytes(StandardCharsets.US_ASCII);

    private final SecretBytes key;
    private final Incarnation incarnation;

    CustodyMarks(SecretBytes key, Incarnation incarnation) {
        this.key = key;
        this.incarnation = incarnation;
    }

    /** The mark for a number of ours. */
    CustodyMark issue(OrganisationId neighbour, long number) {
        return new CustodyMark(incarnation, number, mac(LABEL, incarnation, number, neighbour.text()));
    }

    /** For a client's session: never a mark of a node's, or a client could collect numbers with which its office stops this node. */
    CustodyMark issueToClient(Address client, long number) {
        return new CustodyMark(incarnation, number, mac(CLIENT_LABEL, incarnation, number, client.toString()));
    }

    /** Whether this node issued the mark to that neighbour, in whichever incarnation. */
    boolean isOurs(CustodyMark mark, OrganisationId neighbour) {
        return Mac.constantTimeEquals(mark.mac(), mac(LABEL, mark.incarnation(), mark.number(), neighbour.text()));
    }

    private Bytes mac(byte[] label, Incarnation issuer, long number, String holder) {
        byte[] name = holder.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer text = ByteBuffer.allocate(label.length + 16 + name.length);
        text.put(label).putLong(issuer.value()).putLong(number).put(name);
        return Mac.of(key, Bytes.ofOwned(text.array()));
    }
}
