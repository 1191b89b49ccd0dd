package lienthong.gateway.delivery;

import java.util.Optional;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Receipt;

/**
 * A receipt to be signed; the signer adds certificate, time, directory and incarnation.
 *
 * @param speaker the recipient; for {@code expired} the sender
 * @param recipient the address the receipt is about
 */
public record ReceiptDraft(
        Receipt.Kind kind,
        Receipt.Subject subject,
        Address speaker,
        Address recipient,
        Optional<ErrorCode> reason,
        long deliveryCount) {}
