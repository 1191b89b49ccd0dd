package lienthong.gateway.envelope;

import java.util.function.Function;
import lienthong.gateway.message.ErrorCode;

/**
 * What comes of trying to open: the value, or one face for every way of not opening.
 *
 * @param <T> {@link OpenedSlot} or {@link OpenedEnvelope}
 */
public sealed interface Opening<T> {
    /** All checks passed. */
    record Opened<T>(T value) implements Opening<T> {}

    /**
     * Not opened. Why exactly (key, tag, commitment, manifest, parts) is nobody's business: a sender that learned it would have an oracle.
     *
     * @param reason {@code NOT_ADDRESSED} when the address is no recipient in the core, {@code SUITE_UNKNOWN} when the suite that the core names
     *     needs a product that is not installed here, {@code SEAL_INVALID} for all else
     */
    record NotOpened<T>(ErrorCode reason) implements Opening<T> {}

    static <T> Opening<T> no() {
        return new NotOpened<>(ErrorCode.SEAL_INVALID);
    }

    default <R> R fold(Function<? super T, ? extends R> opened, Function<ErrorCode, ? extends R> not) {
        return this instanceof Opened<T> yes ? opened.apply(yes.value()) : not.apply(((NotOpened<T>) this).reason());
    }
}
