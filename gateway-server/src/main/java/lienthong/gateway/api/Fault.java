package lienthong.gateway.api;

import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/**
 * A refusal and the field it concerns.
 *
 * @param field path of the field as in the .proto, for instance {@code recipients[3]}; empty when it concerns none
 */
record Fault(Refusal why, String field) {
    static Fault of(ErrorCode reason, String field, String detail) {
        return new Fault(Refusal.of(reason, detail), field);
    }

    static Fault of(Refusal why) {
        return new Fault(why, "");
    }
}
