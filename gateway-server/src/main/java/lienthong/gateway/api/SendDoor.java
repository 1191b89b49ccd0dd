package lienthong.gateway.api;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/** Where messages are handed over. */
public interface SendDoor {
    /**
     * Hands over small messages together, so that they can be bundled, sealed and written together.
     *
     * @param messages 1 to 1,024, in their order
     * @param answers one for each, in the same order; one bad message never fails its neighbours
     */
    void submit(Caller caller, List<Draft.Whole> messages, Consumer<List<Submission>> answers);

    /**
     * Begins a message whose content follows. Refuses before a byte of payload is read what can be refused by then (B1, B2, B7).
     *
     * @param parts 1 to 256, with their sizes
     */
    void begin(Caller caller, Draft draft, List<Draft.Part> parts, Consumer<Opening> answer);

    /** The answer to {@link #begin}. */
    sealed interface Opening {
        /** Bytes may come. */
        record Open(Upload upload) implements Opening {}

        /** None are wanted: duplicate, busy or refused. */
        record Answered(Submission answer) implements Opening {}
    }

    /**
     * A message on its way in. Calls come one at a time: the next {@link #write} only after {@code taken} of the one before. Either
     * {@link #end} or {@link #cancel} comes, exactly once; after cancel nothing of it may stay (B6).
     */
    interface Upload {
        /**
         * The next bytes, parts one after the other; a buffer never spans two parts and together they are exactly the declared sizes.
         *
         * @param chunk 1 byte to 1 MiB; the upload's own until {@code taken}
         * @param taken runs when the next may come, on any thread; {@code false}: no more is wanted, {@link #end} will say why
         */
        void write(ByteBuffer chunk, TakenCallback taken);

        /** All bytes were written; sizes and given hashes agreed. */
        void end(Consumer<Submission> answer);

        /** Drops everything; the stream was cut or the content did not agree with its declaration. */
        void cancel();
    }

    /** See {@link Upload#write}. */
    @FunctionalInterface
    interface TakenCallback {
        void taken(boolean more);
    }
}
