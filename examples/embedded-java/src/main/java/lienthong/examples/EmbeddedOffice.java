package lienthong.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.client.Enrolled;
import lienthong.gateway.client.GatewayClient;
import lienthong.gateway.client.Received;
import lienthong.gateway.client.Submission;
import lienthong.gateway.client.Subscription;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.Service;

/**
 * An office's program with keys of its own: enrols once, then sends documents and takes what comes.
 *
 * <pre>
 * enrol STATE INVITATION CODE_FILE FINGERPRINT_FILE
 * send  STATE TO FILE
 * take  STATE FOLDER SECONDS
 * </pre>
 */
public final class EmbeddedOffice {
    private EmbeddedOffice() {}

    public static void main(String[] arguments) throws Exception {
        Path state = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "enrol" -> System.out.println(
                    enrol(state, Path.of(arguments[2]), Path.of(arguments[3]), Path.of(arguments[4])));
            case "send" -> System.out.println(send(state, Address.parse(arguments[2]).orBug(), Path.of(arguments[3])));
            case "take" -> take(state, Path.of(arguments[2]), Duration.ofSeconds(Long.parseLong(arguments[3])));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    // ten lines: open, send, receive, acknowledge

    static Submission send(Path state, Address to, Path file) {
        try (GatewayClient client = GatewayClient.open(state)) {
            return client.message().from(client.address()).to(to).service(Service.DOCUMENT)
                    .subject("Báo cáo tuần").part(file.getFileName().toString(), "application/pdf", file)
                    .send();
        }
    }

    static boolean take(Path state, Path folder, Duration wait) throws InterruptedException {
        CountDownLatch taken = new CountDownLatch(1);
        try (GatewayClient client = GatewayClient.open(state);
                Subscription reading = client.receive(message -> { save(message, folder); message.acknowledge(); taken.countDown(); })) {
            return taken.await(wait.toSeconds(), TimeUnit.SECONDS);
        }
    }

    // and what stands around them

    private static void save(Received message, Path folder) {
        try {
            Path mine = Files.createDirectories(folder.resolve(message.id().toString()));
            for (Received.ReceivedPart part : message.parts()) {
                Path file = mine.resolve(part.name());
                if (Files.notExists(file)) { // it may have been written before a crash: the same message comes again, marked
                    part.saveTo(file).ifPresent(why -> System.err.println(file + ": " + why));
                }
            }
            System.out.println(message.sender() + ": " + message.subject().orElse("") + " → " + mine);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the message goes back and comes again
        }
    }

    static Result<Enrolled> enrol(Path state, Path invitation, Path code, Path fingerprint) throws IOException {
        return GatewayClient.enrol(
                state, invitation, Files.readString(code).strip().toCharArray(), Files.readString(fingerprint).strip());
    }
}
