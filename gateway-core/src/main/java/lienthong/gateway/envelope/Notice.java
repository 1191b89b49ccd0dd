package lienthong.gateway.envelope;

import java.time.Instant;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.DirectoryVersion;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.MessageId;

/** A sender's signed word about its messages that is neither an envelope nor a receipt. */
public sealed interface Notice {
    /** Fingerprint. */
    Hash network();

    /** SHA-256 of the certificate that signs. */
    Hash signer();

    /** Claimed, whole milliseconds. */
    Instant time();

    /** Which directory the signer saw. */
    DirectoryVersion directory();

    /**
     * This number will not come: closes a gap that no other statement may close.
     *
     * @param sender whose number
     * @param incarnation in which of the sender's lives it was reserved
     * @param recipient for whom
     * @param number 1 or more
     * @param reason why nothing comes
     */
    record Skip(
            Hash network,
            Address sender,
            Hash signer,
            Incarnation incarnation,
            Address recipient,
            long number,
            ErrorCode reason,
            Instant time,
            DirectoryVersion directory)
            implements Notice {}

    /**
     * Open a sealed envelope with this slot instead: the recipient's keys changed after it was sealed. The sealed bytes stay as they are.
     *
     * @param id the envelope's first message
     * @param leaf leaf hash of its statement
     * @param recipient whose slot it is
     * @param slot SHA-256 of the new slot's bytes
     */
    record Rewrap(
            Hash network,
            MessageId id,
            Hash leaf,
            Address recipient,
            Hash slot,
            Hash signer,
            Instant time,
            DirectoryVersion directory)
            implements Notice {}
}
