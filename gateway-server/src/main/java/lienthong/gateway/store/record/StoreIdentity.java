package lienthong.gateway.store.record;

import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;

/**
 * Whose files these are. The id is random and told to nobody: it is the start of every checksum, so that neither a foreign record nor bytes
 * that a peer chose can pass for one of ours.
 *
 * @param id 16 bytes
 * @param incarnation this life of the store; not zero
 */
public record StoreIdentity(Bytes id, long incarnation) {
    public static final int ID_BYTES = 16;

    public StoreIdentity {
        Invariant.check(id.size() == ID_BYTES && incarnation != 0, "store identity");
    }

    /** A new store. */
    public static StoreIdentity make(Randomness random) {
        return new StoreIdentity(Bytes.ofOwned(random.bytes(ID_BYTES)), random.nonZeroLong());
    }
}
