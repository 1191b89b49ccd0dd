package lienthong.gateway.node;

import java.nio.ByteBuffer;
import java.util.Optional;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;

/**
 * Tells a payload that this disk has damaged from one that was sealed so: the first is lost here and whole at its origin, of the second its sender hears. A
 * spool file has no checksum of its own; the root in the seal is one.
 */
public final class PayloadGuard {
    private static final int PIECE_BYTES = 1 << 20;
    /** Reading a payload again must not wait behind what lanes of the same numbers carry. */
    private static final long LANE = 1L << 52;

    private final Loop loop;
    private final MessageStore store;
    private final Delivery delivery;
    private final NodeWatch watch;

    PayloadGuard(Loop loop, MessageStore store, Delivery delivery, NodeWatch watch) {
        this.loop = loop;
        this.store = store;
        this.delivery = delivery;
        this.watch = watch;
    }

    /** Root over the blocks of a payload; the refusal of what cannot be read. Blocks. */
    public static Result<Hash> root(Spool.Reader payload) {
        BlockTree tree = new BlockTree();
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        for (long at = 0; at < payload.size(); ) {
            Result<Integer> read = payload.read(at, piece.clear());
            if (!(read instanceof Result.Ok<Integer> count)) {
                return Result.no(read.refusal());
            }
            if (count.value() == 0) {
                return Result.no(ErrorCode.SPOOL_MISSING, "it cannot be read");
            }
            tree.feed(piece.array(), 0, count.value());
            at += count.value();
        }
        return Result.ok(tree.finish());
    }

    /** Why a payload that could not be used is not the sealed one any more; empty when it is, or lies in its record. Off the loop: reads all of it. */
    static Optional<Refusal> fault(MessageStore store, SealedEnvelope.Ciphertext ciphertext, EnvelopeFacts facts) {
        if (!(ciphertext instanceof SealedEnvelope.Ciphertext.Spooled spooled)) {
            return Optional.empty();
        }
        SpoolId id = new SpoolId(spooled.spoolId());
        Result<Hash> root = root(store, id);
        if (!root.isOk()) {
            // Once more: a loose cable is no damage.
            root = root(store, id);
        }
        if (root.equals(Result.ok(facts.ciphertextRoot()))) {
            return Optional.empty();
        }
        store.spool().setAside(id);
        return Optional.of(Refusal.of(
                ErrorCode.RECORD_DAMAGED,
                "payload of {0}: {1}",
                facts.header().id(),
                root.isOk()
                        ? Detail.of("its content is not the sealed one")
                        : root.refusal().about()));
    }

    private static Result<Hash> root(MessageStore store, SpoolId id) {
        return store.spool().open(id).then(reader -> {
            try (reader) {
                return root(reader);
            }
        });
    }

    /** Somebody could not use it: looked at, and given up when it is damaged. */
    void doubt(SealedEnvelope.Ciphertext ciphertext, EnvelopeFacts facts) {
        if (ciphertext instanceof SealedEnvelope.Ciphertext.Spooled spooled) {
            loop.offload(
                    LANE + spooled.spoolId() % LANE,
                    () -> fault(store, ciphertext, facts),
                    found -> found.ifPresent(why -> lost(ciphertext, facts, why)));
        }
    }

    /** It was found damaged. */
    void lost(SealedEnvelope.Ciphertext ciphertext, EnvelopeFacts facts, Refusal why) {
        if (ciphertext instanceof SealedEnvelope.Ciphertext.Spooled spooled) {
            watch.damaged(why);
            delivery.payloadLost(facts.leaf(), new SpoolId(spooled.spoolId()));
        }
    }
}
