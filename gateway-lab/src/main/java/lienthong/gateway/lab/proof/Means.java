package lienthong.gateway.lab.proof;

import java.util.function.Function;

/** Something that a proof works with, where this machine has it. */
sealed interface Means<T> permits Means.Here, Means.Missing {
    /** It is here. */
    record Here<T>(T it) implements Means<T> {}

    /** It is not: {@code needs} says what a machine must have. */
    record Missing<T>(String needs) implements Means<T> {}

    /** With what {@code next} makes of it. */
    default <R> Means<R> map(Function<T, R> next) {
        return this instanceof Here<T> here
                ? new Here<>(next.apply(here.it()))
                : new Missing<>(((Missing<T>) this).needs());
    }
}
