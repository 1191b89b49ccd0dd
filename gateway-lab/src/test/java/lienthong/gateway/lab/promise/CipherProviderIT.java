package lienthong.gateway.lab.promise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import lienthong.gateway.lab.process.DaemonOptions;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import lienthong.proto.gateway.v1.Attach;
import lienthong.proto.gateway.v1.Credit;
import lienthong.proto.gateway.v1.LeaseWhole;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.ReceiveAction;
import lienthong.proto.gateway.v1.ReceiveItem;
import lienthong.proto.gateway.v1.ReceiveRequest;
import lienthong.proto.gateway.v1.ReceiveResponse;
import lienthong.proto.gateway.v1.SecrecyMark;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendOneRequest;
import lienthong.proto.gateway.v1.WholeMessage;
import lienthong.proto.gateway.v1.WholePart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mật with real processes: the product lies as a jar in the folder {@code providers/} beside the program of two districts, and the province that
 * carries between them has none. The product is gateway-core's provider for tests.
 */
class CipherProviderIT {
    private static final List<String> JVM = DaemonOptions.shortLived(128);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String HUB = "A08";
    private static final String FROM = "A08.02";
    private static final String TO = "A08.10";
    private static final String TEXT = "Nội dung mật, chỉ nơi nhận được đọc. ".repeat(20);
    private static final Path ROOT = Path.of(System.getProperty("lienthong.root"));

    @TempDir
    Path folder;

    @Test
    void whatIsMarkedMatIsSealedByTheProductCarriedByARelayWithoutItAndOpenedByItsRecipient() throws Exception {
        Path providers = Files.createDirectories(folder.resolve("program/providers"));
        packProduct(providers.resolve("product.jar"));
        try (Province province = Province.create(
                folder.resolve("p"), ROOT.resolve("samples").resolve("network").resolve("binh-dinh-2020.yaml"))) {
            province.joinAll(
                    List.of(new Province.Office(HUB, ""), new Province.Office(FROM, HUB), new Province.Office(TO, HUB)),
                    JVM,
                    node -> {
                        if (!node.code().equals(HUB)) {
                            node.provide(providers);
                        }
                        node.start();
                    });
            LabNode hub = province.node(HUB);
            LabNode from = province.node(FROM);
            LabNode to = province.node(TO);
            assertThat(hub.awaitServing().getNode().hasCipher()).isFalse();
            assertThat(from.awaitServing().getNode().getCipher().toString())
                    .contains("provider for tests, not for use");
            to.awaitServing();

            assertThat(send(hub, "from-hub", TO).getRefused().getNumber())
                    .as("a node without the product sends no mật")
                    .isEqualTo(2002);
            SendAnswer[] last = new SendAnswer[1];
            await().atMost(SOON).untilAsserted(() -> {
                last[0] = send(from, "letter", TO);
                assertThat(last[0].hasAccepted()).as("%s", last[0]).isTrue();
            });
            assertThat(send(from, "to-hub", HUB).getRefused().getNumber())
                    .as("a recipient without the product hears nothing of it")
                    .isEqualTo(1410);

            LeaseWhole came = receive(to);
            assertThat(came.getLease().getHeader().getMessageId())
                    .isEqualTo(last[0].getAccepted().getMessageId());
            assertThat(came.getLease().getHeader().getMark()).isEqualTo(SecrecyMark.SECRECY_MARK_CONFIDENTIAL);
            assertThat(came.getContents(0).toStringUtf8()).isEqualTo(TEXT);
            assertThat(hub.counter("taken_over")).as("%s", hub.status()).isPositive();
            assertNowhere(hub.data(), TEXT.substring(0, 40));
        }
    }

    /** The provider for tests and the service file that names it, packed as a product is handed over. */
    private static void packProduct(Path jar) throws IOException {
        Path classes = ROOT.resolve("gateway-core").resolve("target").resolve("test-classes");
        Path services = classes.resolve("cipher-provider");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            pack(out, classes, "lienthong/gateway/cipher", "TestCipherProvider");
            pack(out, services, "META-INF/services", "lienthong.gateway.cipher.CipherProvider");
        }
    }

    private static void pack(JarOutputStream out, Path root, String folder, String begin) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(root.resolve(folder))) {
            files = all.filter(file -> file.getFileName().toString().startsWith(begin))
                    .toList();
        }
        assertThat(files).as(begin).isNotEmpty();
        for (Path file : files) {
            out.putNextEntry(new JarEntry(folder + "/" + file.getFileName()));
            Files.copy(file, out);
            out.closeEntry();
        }
    }

    private static SendAnswer send(LabNode from, String id, String to) {
        return from.gatewayBlocking()
                .sendOne(SendOneRequest.newBuilder()
                        .setMessage(WholeMessage.newBuilder()
                                .setHeader(MessageHeader.newBuilder()
                                        .setClientId(id)
                                        .addRecipients(to)
                                        .setMark(SecrecyMark.SECRECY_MARK_CONFIDENTIAL))
                                .addParts(WholePart.newBuilder().setContent(ByteString.copyFromUtf8(TEXT))))
                        .build())
                .getAnswer();
    }

    private static LeaseWhole receive(LabNode at) throws Exception {
        CompletableFuture<LeaseWhole> came = new CompletableFuture<>();
        StreamObserver<ReceiveRequest> out = at.gateway().receive(new StreamObserver<>() {
            @Override
            public void onNext(ReceiveResponse response) {
                response.getItemsList().stream()
                        .filter(ReceiveItem::hasWhole)
                        .forEach(item -> came.complete(item.getWhole()));
            }

            @Override
            public void onError(Throwable error) {
                came.completeExceptionally(error);
            }

            @Override
            public void onCompleted() {}
        });
        out.onNext(ReceiveRequest.newBuilder()
                .addItems(
                        ReceiveAction.newBuilder().setAttach(Attach.newBuilder().setAddress(at.code())))
                .addItems(
                        ReceiveAction.newBuilder().setCredit(Credit.newBuilder().setMessages(1)))
                .build());
        LeaseWhole whole = came.get(SOON.toSeconds(), TimeUnit.SECONDS);
        out.onCompleted();
        return whole;
    }

    private static void assertNowhere(Path data, String text) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(data)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            assertThat(new String(Files.readAllBytes(file), StandardCharsets.UTF_8))
                    .as("%s", file)
                    .doesNotContain(text);
        }
    }
}
