package lienthong.gateway.identity;

import java.util.regex.Pattern;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Result;

/**
 * Where to dial: goes from an invitation into a configuration file, never over a link.
 *
 * @param host a name, an IPv4 address, or an IPv6 address in brackets
 * @param port 1 to 65535
 */
public record DialAddress(String host, int port) {
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]{2,45}]");
    private static final int PORT_MAX = 65_535;

    public DialAddress {
        Invariant.check(HOST.matcher(host).matches() && port >= 1 && port <= PORT_MAX, "dial address, port %d", port);
    }

    /** From {@code host:port}; USAGE when it is not. */
    public static Result<DialAddress> parse(String text) {
        int colon = text.lastIndexOf(':');
        String digits = colon < 0 ? "" : text.substring(colon + 1);
        String host = colon < 0 ? text : text.substring(0, colon);
        if (!HOST.matcher(host).matches()
                || !digits.matches("[1-9][0-9]{0,4}")
                || Integer.parseInt(digits) > PORT_MAX) {
            return Result.no(
                    ErrorCode.USAGE, "where to dial is HOST:PORT, for instance hub.example:7443, not {0}", text);
        }
        return Result.ok(new DialAddress(host, Integer.parseInt(digits)));
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
