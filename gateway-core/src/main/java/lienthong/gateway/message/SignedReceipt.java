package lienthong.gateway.message;

/**
 * A receipt as it travels and is kept: its text and its place under a signature over a tree of receipts.
 *
 * @param text strict text, at most {@link Limits#RECEIPT_BYTES_MAX}
 * @param seal leaf = RFC 9162 leaf hash of {@code text}; root text of kind {@code receipt}
 */
public record SignedReceipt(Bytes text, SealedEnvelope.Seal seal) {}
