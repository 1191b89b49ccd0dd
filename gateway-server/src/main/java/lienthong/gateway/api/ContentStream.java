package lienthong.gateway.api;

import java.util.function.Consumer;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Refusal;

/** Bytes that are fetched a piece at a time, as fast as the reader takes them. One fetch at a time; not used after an end or {@link #close}. */
public interface ContentStream extends AutoCloseable {
    /** Fetches the next piece. */
    void next(Consumer<Piece> then);

    /** Gives up what it holds; no effect after the end. */
    @Override
    void close();

    /** What a fetch gives. */
    sealed interface Piece {
        /**
         * Bytes of one part.
         *
         * @param part index from 0, parts in order (always 0 for a file)
         * @param bytes 1 byte to 1 MiB
         */
        record Chunk(int part, Bytes bytes) implements Piece {}

        /** All bytes were given. */
        record End() implements Piece {}

        /** It cannot go on. */
        record Failed(Refusal why) implements Piece {}
    }
}
