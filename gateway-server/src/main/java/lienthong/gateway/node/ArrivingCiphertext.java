package lienthong.gateway.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import lienthong.gateway.link.TransferSink;
import lienthong.gateway.merkle.BlockTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;

/**
 * Where an arriving ciphertext goes: a spool file whose durable part is known to the log. What an earlier session left and cannot be read any more is
 * given up, and nothing else: the neighbour has it whole, and begins anew. All methods run outside the loop, in turn.
 */
final class ArrivingCiphertext implements TransferSink {
    /** Progress of a large transfer is made durable this often: what a cut costs at most. */
    private static final long SYNC_EVERY_BYTES = 8L * 1024 * 1024;

    private final String name;
    private final Spool.Partial file;
    private final long begunAt;
    private final Ends ends;
    private final BlockTree tree = new BlockTree();
    private boolean treeCaughtUp;
    private boolean whole;
    private long synced;
    private Optional<Refusal> unreadable = Optional.empty();

    /** What becomes of it; called from outside the loop. */
    interface Ends {
        /** So many bytes came and are written. */
        void arrived(long bytes);

        /** All of it is durable under this id. */
        void whole(SpoolId id);

        /** Nobody writes it any more; so much of it stays. {@code whole}: after all of it was. */
        void over(long bytes, boolean whole);

        /** The disk cannot give back what an earlier session had written. */
        void unreadable(Refusal why);
    }

    ArrivingCiphertext(String name, Spool.Partial file, long begunAt, Ends ends) {
        this.name = name;
        this.file = file;
        this.begunAt = begunAt;
        this.ends = ends;
        this.synced = begunAt;
    }

    @Override
    public Optional<Refusal> write(long offset, Bytes data) throws IOException {
        if (!catchUp()) {
            return unreadable;
        }
        Result<Long> written = file.write(offset, data.asBuffer());
        if (isFull(written)) {
            return Optional.of(written.refusal());
        }
        ok(written);
        ends.arrived(data.size());
        tree.feed(data);
        long end = offset + data.size();
        if (end - synced >= SYNC_EVERY_BYTES) {
            ok(file.syncTo(end, () -> {}));
            synced = end;
        }
        return Optional.empty();
    }

    /** No room for this one: everything else goes on, and what is here of it stays for the next try. */
    private static boolean isFull(Result<?> result) {
        return !result.isOk() && result.refusal().reason() == ErrorCode.DISK_LOW;
    }

    /** Reads what an earlier session left, so that the root covers it; whether that can be read. */
    private boolean catchUp() {
        if (treeCaughtUp) {
            return unreadable.isEmpty();
        }
        treeCaughtUp = true;
        ByteBuffer block = ByteBuffer.allocate(Limits.CIPHERTEXT_BLOCK_BYTES);
        for (long at = 0; at < begunAt; ) {
            block.clear().limit((int) Math.min(block.capacity(), begunAt - at));
            Result<Integer> read = file.read(at, block);
            if (!read.isOk()) {
                // Once more: a loose cable is no damage.
                read = file.read(at, block.position(0));
            }
            if (!(read instanceof Result.Ok<Integer> count) || count.value() <= 0) {
                Refusal why =
                        read.isOk() ? Refusal.of(ErrorCode.SPOOL_MISSING, "{0} is too short", name) : read.refusal();
                unreadable = Optional.of(why);
                file.discard();
                ends.unreadable(why);
                ends.over(0, false);
                return false;
            }
            tree.feed(Bytes.copyOf(block.array(), 0, count.value()));
            at += count.value();
        }
        return true;
    }

    private static <T> T ok(Result<T> result) throws IOException {
        if (result instanceof Result.Ok<T> yes) {
            return yes.value();
        }
        throw new IOException(result.refusal().toString());
    }

    @Override
    public Result<Received> finish() throws IOException {
        if (!catchUp()) {
            return Result.no(unreadable.orElseThrow());
        }
        long length = file.size();
        Result<SpoolId> named = file.finish();
        if (isFull(named)) {
            return Result.no(named.refusal());
        }
        SpoolId id = ok(named);
        Hash root = tree.finish();
        whole = true;
        ends.whole(id);
        return Result.ok(new Received(new SealedEnvelope.Ciphertext.Spooled(id.value(), length), root));
    }

    @Override
    public void suspend() throws IOException {
        if (unreadable.isPresent()) {
            return;
        }
        if (whole) {
            // The session ended meanwhile: the next one finds all of it.
            ends.over(file.size(), true);
            return;
        }
        if (file.size() > synced) {
            ok(file.syncTo(file.size(), () -> {}));
        }
        file.close();
        ends.over(file.size(), false);
    }

    @Override
    public void discard() {
        if (unreadable.isEmpty()) {
            file.discard();
            ends.over(0, false);
        }
    }
}
