package lienthong.gateway.config;

import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;

/**
 * One thing wrong in a configuration file.
 *
 * @param reason LT-1011 or LT-12xx
 * @param line from 1; 0 when it concerns the file as a whole
 * @param column from 1
 * @param about what, with the value when it is no secret, and the nearest known key
 */
public record ConfigFault(ErrorCode reason, int line, int column, Detail about) {
    /** What, in English. */
    public String detail() {
        return about.english();
    }

    /** {@code line 3, column 1: LT-1201 KEY_UNKNOWN: lisen; did you mean listen?}. */
    @Override
    public String toString() {
        String place = line == 0 ? "" : "line " + line + ", column " + column + ": ";
        return place + reason.label() + ": " + about.english();
    }
}
