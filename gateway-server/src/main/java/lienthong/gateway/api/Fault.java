package lienthong.gateway.api;

import com.google.errorprone.annotations.CompileTimeConstant;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/**
 * A refusal and the field it concerns.
 *
 * @param field path of the field as in the .proto, for instance {@code recipients[3]}; empty when it concerns none
 */
record Fault(Refusal why, String field) {
    static Fault of(ErrorCode reason, String field, @CompileTimeConstant String detail, Object... arguments) {
        return new Fault(Refusal.of(reason, Detail.of(detail, arguments)), field);
    }

    static Fault of(ErrorCode reason, String field, Detail about) {
        return new Fault(Refusal.of(reason, about), field);
    }

    static Fault of(Refusal why) {
        return new Fault(why, "");
    }
}
