package lienthong.gateway.message;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.util.function.Function;

/**
 * What a parser or a check gives back: the value, or the numbered reason why there is none.
 *
 * @param <T> the value's type
 */
public sealed interface Result<T> {
    /** The value is there. */
    record Ok<T>(T value) implements Result<T> {}

    /** It is not, and why. */
    record No<T>(Refusal refusal) implements Result<T> {}

    static <T> Result<T> ok(T value) {
        return new Ok<>(value);
    }

    /** With one of our own sentences, see {@link Detail#of}. */
    static <T> Result<T> no(ErrorCode reason, @CompileTimeConstant String detail, Object... arguments) {
        return new No<>(new Refusal(reason, Detail.of(detail, arguments)));
    }

    static <T> Result<T> no(ErrorCode reason, Detail about) {
        return new No<>(new Refusal(reason, about));
    }

    static <T> Result<T> no(Refusal refusal) {
        return new No<>(refusal);
    }

    /** Asks for both cases. */
    default <R> R fold(Function<? super T, ? extends R> ok, Function<Refusal, ? extends R> no) {
        if (this instanceof Ok<T> yes) {
            return ok.apply(yes.value());
        }
        return no.apply(((No<T>) this).refusal());
    }

    default <R> Result<R> map(Function<? super T, ? extends R> change) {
        return this instanceof Ok<T> yes ? ok(change.apply(yes.value())) : no(((No<T>) this).refusal());
    }

    default <R> Result<R> then(Function<? super T, Result<R>> next) {
        return this instanceof Ok<T> yes ? next.apply(yes.value()) : no(((No<T>) this).refusal());
    }

    default boolean isOk() {
        return this instanceof Ok<T>;
    }

    /** The value of a result known to be ok, for instance of our own constants; a refusal here is a {@link Bug}. */
    default T orBug() {
        if (this instanceof Ok<T> yes) {
            return yes.value();
        }
        throw new Bug("unexpected refusal " + ((No<T>) this).refusal());
    }

    /** The refusal of a result known to be one; a value here is a {@link Bug}. */
    default Refusal refusal() {
        if (this instanceof No<T> no) {
            return no.refusal();
        }
        throw new Bug("unexpected value where a refusal was due");
    }
}
