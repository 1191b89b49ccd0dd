package lienthong.gateway.delivery;

import lienthong.gateway.message.Address;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.SignedReceipt;

/**
 * A verified receipt with the address it goes home to. A receipt's own text does not name the sender, and a relay no longer holds the
 * message, so the way home travels beside it; only the origin judges it.
 *
 * @param to sender of the message
 * @param signed as received
 * @param receipt parsed from it
 */
public record RoutedReceipt(Address to, SignedReceipt signed, Receipt receipt) {
    /** Whether it speaks of this message, of an envelope that it speaks of: of a bundle's messages each may have its own. */
    boolean isAbout(MessageId message) {
        return !(receipt.subject() instanceof Receipt.Subject.One one)
                || one.id().equals(message);
    }
}
