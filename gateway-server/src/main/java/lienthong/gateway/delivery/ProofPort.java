package lienthong.gateway.delivery;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.store.ArchiveRecord;

/** Gives what will prove the signers of evidence after years, when today's directory and lists are gone. What that is delivery does not know. */
@FunctionalInterface
public interface ProofPort {
    /** Evidence is archived without it. */
    ProofPort NONE = (signed, then) -> then.accept(List.of());

    /**
     * Gathers it, the same for many messages once.
     *
     * @param then in the loop, perhaps before this returns: records to be archived with the evidence
     */
    void gather(List<Signed> signed, Consumer<List<ArchiveRecord>> then);

    /**
     * What somebody has signed of one envelope.
     *
     * @param time under which its evidence is archived
     * @param envelope its first message
     * @param signer hash of the sender's certificate
     * @param receipts that are archived with it
     */
    record Signed(Instant time, MessageId envelope, Address sender, Hash signer, List<Receipt> receipts) {
        public Signed {
            receipts = List.copyOf(receipts);
        }
    }
}
