package lienthong.gateway.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.crypto.UnsafeKeyAccess;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.NetworkRoot;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every file of docs/spec/vectors ends as it says. */
class EnvelopeVectorsTest {
    private static DirectoryView view;
    private static final Map<Address, Map<Hash, RecipientPrivateKey>> KEYS = new HashMap<>();
    private static Path folder = Path.of(".");

    @BeforeAll
    static void network() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(here.resolve("docs/spec/vectors"))) {
            here = here.getParent();
        }
        folder = here.resolve("docs/spec/vectors");
        DirectoryBook book = null;
        NetworkRoot root = null;
        Instant time = Kit.NOW;
        List<Bytes> records = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("network.txt"), StandardCharsets.UTF_8)) {
            String value = line.substring(line.indexOf(": ") + 2);
            switch (line.substring(0, line.indexOf(':'))) {
                case "network" -> assertThat(value).hasSize(64);
                case "root" -> {
                    root = NetworkRoot.parse(Bytes.ofHex(value)).orBug();
                    book = DirectoryBook.of(root);
                }
                case "directory" ->
                    assertThat(book.accept(
                                    SignedDirectory.parse(Bytes.ofHex(value)).orBug(), time.plusSeconds(60)))
                            .isInstanceOf(DirectoryBook.Outcome.Newer.class);
                case "record" -> records.add(Bytes.ofHex(value));
                case "key" -> key(value.split(" ", -1));
                case "time" -> assertThat(Instant.parse(value)).isEqualTo(time);
                default -> throw new IllegalArgumentException(line);
            }
        }
        assertThat(book.acceptRecords(records, time)).isEmpty();
        view = book.view();
    }

    private static void key(String[] words) {
        RecipientPrivateKey key = RecipientPrivateKey.decode(
                        Suite.ofNumber(Integer.parseInt(words[1])).orBug(),
                        SecretBytes.copyOf(Bytes.ofHex(words[2]).toArray(), UnsafeKeyAccess.get()))
                .orBug();
        KEYS.computeIfAbsent(TestNetwork.address(words[0]), same -> new HashMap<>())
                .put(key.publicKey().keyId(), key);
    }

    private static List<Path> files() {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".txt") && !file.endsWith("network.txt"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Vector read(Path file) {
        try {
            return Vector.parse(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyVectorEndsAsItSays() {
        return files().stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    Vector vector = read(file);
                    assertThat(vector.one("vector") + ".txt")
                            .isEqualTo(file.getFileName().toString());
                    assertThat(end(vector)).as(vector.one("about")).isEqualTo(vector.one("expect"));
                }));
    }

    @Test
    void negativesOutnumberPositives() {
        List<Path> files = files();
        long good = files.stream()
                .filter(file -> Vector.GOOD.contains(read(file).one("expect")))
                .count();
        assertThat(files).hasSizeGreaterThan(60);
        assertThat(good).isGreaterThan(5).isLessThan(files.size() / 2);
    }

    @Test
    void unknownKeysAndWordsAreRefused() {
        String good = "vector: a\nabout: b\nnetwork: c\nenvelope: 00\nexpect: opened\n";
        assertThat(Vector.parse(good).one("about")).isEqualTo("b");
        for (String bad : List.of(
                good + "more: 1\n",
                good + "\n",
                good.replace("opened", "Opened"),
                good.replace("expect: opened\n", ""),
                good + "vector: twice\n")) {
            assertThatThrownBy(() -> Vector.parse(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static String end(Vector vector) throws InvalidProtocolBufferException {
        Result<SealedEnvelope> parsed = EnvelopeWire.ofBytes(Bytes.ofHex(vector.one("envelope")));
        if (!(parsed instanceof Result.Ok<SealedEnvelope> ok)) {
            return "malformed";
        }
        Result<VerifiedEnvelope> verified = Kit.verify(ok.value(), view);
        if (!(verified instanceof Result.Ok<VerifiedEnvelope> good)) {
            return word(verified.refusal().reason());
        }
        if (!vector.all("receipt").isEmpty()) {
            return receipt(vector, good.value());
        }
        Address recipient = TestNetwork.address(vector.one("recipient"));
        RecipientKeys keys = id -> Optional.ofNullable(KEYS.get(recipient).get(id));
        return Kit.open(good.value(), recipient, keys)
                .fold(
                        opened -> {
                            List<String> parts = new ArrayList<>();
                            for (int i = 0; i < opened.manifests().size(); i++) {
                                opened.partsInMemory(i)
                                        .orElseThrow()
                                        .forEach(part -> parts.add(part.size() + " "
                                                + Hash.of(part).hex()));
                            }
                            assertThat(parts).isEqualTo(vector.all("part"));
                            return "opened";
                        },
                        reason -> switch (reason) {
                            case NOT_ADDRESSED -> "not addressed";
                            case SUITE_UNKNOWN -> "suite unknown";
                            default -> "not opened";
                        });
    }

    private static String receipt(Vector vector, VerifiedEnvelope envelope) throws InvalidProtocolBufferException {
        var message = lienthong.proto.wire.v1.SignedReceipt.parseFrom(
                Bytes.ofHex(vector.one("receipt")).toArray());
        Result<Receipt> receipt = new ReceiptVerifier(new SealCache())
                .verify(EnvelopeWire.fromProto(message).orBug(), view);
        if (!(receipt instanceof Result.Ok<Receipt> ok)) {
            return word(receipt.refusal().reason());
        }
        return ReceiptVerifier.matches(
                        ok.value(),
                        envelope.facts(),
                        MessageId.parse(vector.one("message")).orBug())
                ? "receipt matches"
                : "receipt of another message";
    }

    private static String word(ErrorCode reason) {
        return switch (reason) {
            case SEAL_INVALID -> "seal invalid";
            case OTHER_NETWORK -> "other network";
            case SUITE_UNKNOWN -> "suite unknown";
            case SUITE_TOO_LOW -> "suite too low";
            case SIGNER_MISSING -> "signer missing";
            case WHO_ARE_YOU -> "signer unknown";
            case RECEIPT_FORGED -> "receipt forged";
            default -> throw new AssertionError("an end that no vector has: " + reason);
        };
    }
}
