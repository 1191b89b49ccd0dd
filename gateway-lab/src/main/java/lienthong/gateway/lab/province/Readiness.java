package lienthong.gateway.lab.province;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendOneRequest;
import lienthong.proto.gateway.v1.WholeMessage;

/** Waits for a network that has just been joined to know itself. */
public final class Readiness {
    private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(60);

    private Readiness() {}

    /**
     * Waits until {@code node} can seal for {@code recipient}: its keys have come over the links. Asks by sending a message of
     * service {@code probe}, which nobody reads and which expires after a minute.
     */
    public static void awaitKeys(LabNode node, String recipient) {
        long until = System.nanoTime() + BOUND_NANOS;
        String last = "";
        while (System.nanoTime() < until) {
            SendAnswer answer = ask(node, recipient);
            if (answer.hasAccepted()) {
                return;
            }
            last = answer.toString().strip();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        throw new LabFailed(node.code() + " cannot seal for " + recipient + ": " + last);
    }

    /** Whether {@code node} accepts such a message now. */
    public static boolean accepts(LabNode node, String recipient) {
        return ask(node, recipient).hasAccepted();
    }

    private static SendAnswer ask(LabNode node, String recipient) {
        return node.gatewayBlocking()
                .sendOne(SendOneRequest.newBuilder()
                        .setMessage(WholeMessage.newBuilder()
                                .setHeader(MessageHeader.newBuilder()
                                        .setClientId("ready-" + System.nanoTime())
                                        .addRecipients(recipient)
                                        .setService("probe")
                                        .setSubject("probe")
                                        .setLifetimeSeconds(60)))
                        .build())
                .getAnswer();
    }
}
