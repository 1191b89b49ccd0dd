package lienthong.gateway.node;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import lienthong.gateway.crypto.Mac;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.link.CustodyMark;
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

    private final SecretBytes key;
    private final Incarnation incarnation;

    CustodyMarks(SecretBytes key, Incarnation incarnation) {
        this.key = key;
        this.incarnation = incarnation;
    }

    /** The mark for a number of ours. */
    CustodyMark issue(OrganisationId neighbour, long number) {
        return new CustodyMark(incarnation, number, mac(incarnation, number, neighbour));
    }

    /** Whether this node issued the mark to that neighbour, in whichever incarnation. */
    boolean isOurs(CustodyMark mark, OrganisationId neighbour) {
        return Mac.constantTimeEquals(mark.mac(), mac(mark.incarnation(), mark.number(), neighbour));
    }

    private Bytes mac(Incarnation issuer, long number, OrganisationId neighbour) {
        byte[] name = neighbour.text().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer text = ByteBuffer.allocate(LABEL.length + 16 + name.length);
        text.put(LABEL).putLong(issuer.value()).putLong(number).put(name);
        return Mac.of(key, Bytes.ofOwned(text.array()));
    }
}
