package lienthong.gateway.link.netty;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import lienthong.gateway.message.Detail;

/** What the operating system said about an address, in words of ours where it is one of the few things that happen to every operator. */
final class Trouble {
    private Trouble() {}

    /** As the configuration writes it. */
    static String place(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    /** Why nothing can listen there; the place alone when somebody else does. */
    static Detail binding(InetSocketAddress address, Throwable cause) {
        String words = words(cause);
        if (words.contains("already in use")) {
            return Detail.of("{0}", place(address));
        }
        return isUnresolved(cause) || words.contains("assign requested address")
                ? Detail.of("{0} is no address of this machine", place(address))
                : Detail.of("{0}: {1}", place(address), Detail.technical(cause));
    }

    /** Why nobody could be reached. */
    static Detail connecting(Throwable cause) {
        if (isUnresolved(cause)) {
            return Detail.of("this machine knows no address for that name");
        }
        return cause instanceof ConnectException && words(cause).contains("refused")
                ? Detail.of("no node listens there")
                : Detail.technical(cause);
    }

    private static String words(Throwable cause) {
        return String.valueOf(cause.getMessage());
    }

    private static boolean isUnresolved(Throwable cause) {
        return cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException;
    }
}
