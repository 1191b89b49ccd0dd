package lienthong.gateway.link.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import org.junit.jupiter.api.Test;

/** What happens to every operator is said in words of ours; the rest as the operating system said it. */
class TroubleTest {
    private static final InetSocketAddress HUB = InetSocketAddress.createUnresolved("hub.example", 7878);

    @Test
    void aPortInUseIsNamedAndNothingElseIsSaid() throws IOException {
        assertThat(Trouble.binding(HUB, new BindException("bind(..) failed with error(-98): Address already in use"))
                        .english())
                .isEqualTo("hub.example:7878");
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket first = new ServerSocket(0, 1, loopback)) {
            try (ServerSocket second = new ServerSocket(first.getLocalPort(), 1, loopback)) {
                assertThat(second).as("the port is taken").isNull();
            } catch (BindException asJavaSaysIt) {
                InetSocketAddress place = new InetSocketAddress(loopback, first.getLocalPort());
                assertThat(Trouble.binding(place, asJavaSaysIt).english()).isEqualTo(Trouble.place(place));
            }
        }
    }

    @Test
    void anAddressOfAnotherMachineOrNoneIsCalledThat() {
        assertThat(Trouble.binding(HUB, new BindException("Cannot assign requested address"))
                        .english())
                .isEqualTo("hub.example:7878 is no address of this machine");
        assertThat(Trouble.binding(HUB, new UnresolvedAddressException()).english())
                .isEqualTo("hub.example:7878 is no address of this machine");
        assertThat(Trouble.binding(HUB, new BindException("Permission denied")).english())
                .isEqualTo("hub.example:7878: Permission denied");
    }

    @Test
    void aNeighbourThatDoesNotListenAndANameThatIsUnknownAreSaidPlainly() throws IOException {
        int free;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = gone.getLocalPort();
        }
        try (Socket nobody = new Socket(InetAddress.getLoopbackAddress(), free)) {
            assertThat(nobody).as("somebody took the port meanwhile").isNotNull();
        } catch (ConnectException asJavaSaysIt) {
            assertThat(Trouble.connecting(asJavaSaysIt).english()).isEqualTo("no node listens there");
        }
        assertThat(Trouble.connecting(new UnknownHostException("hub.example")).english())
                .isEqualTo("this machine knows no address for that name");
        assertThat(Trouble.connecting(new IOException("Network is unreachable")).english())
                .isEqualTo("Network is unreachable");
    }
}
