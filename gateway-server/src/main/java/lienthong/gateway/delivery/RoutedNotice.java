package lienthong.gateway.delivery;

import lienthong.gateway.message.Bytes;

/**
 * A verified notice on its way.
 *
 * @param notice parsed
 * @param signed its text and signature in the form the node's codec gave; at most {@link #SIGNED_BYTES_MAX}
 */
public record RoutedNotice(Notice notice, Bytes signed) {
    public static final int SIGNED_BYTES_MAX = 64 * 1024;
}
