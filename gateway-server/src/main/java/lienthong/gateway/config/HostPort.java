package lienthong.gateway.config;

import java.util.regex.Pattern;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;

/**
 * A place to dial or to listen at.
 *
 * @param host a name or an address; an IPv6 address without its brackets
 * @param port 0 to 65535; 0 only to listen at any free one
 */
public record HostPort(String host, int port) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]{2,45}]");

    /** {@code hub.example:7878}, {@code 10.0.0.1:7878}, {@code [::1]:7878}; {@code TYPE} otherwise. */
    public static Result<HostPort> parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon > 0 && colon < text.length() - 1 && text.length() - colon <= 6) {
            String host = text.substring(0, colon);
            String digits = text.substring(colon + 1);
            boolean known = NAME.matcher(host).matches() || IPV6.matcher(host).matches();
            if (known && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                int port = Integer.parseInt(digits);
                if (port <= 65_535) {
                    return Result.ok(
                            new HostPort(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port));
                }
            }
        }
        return Result.no(ErrorCode.TYPE, "host:port, for instance hub.example:7878");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
