package lienthong.gateway.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.Service;
import org.junit.jupiter.api.Test;

/** Each text has one written form: whatever a codec accepts, it would have written itself. */
class StrictCodecsTest {
    private record Form(Bytes text, Function<Bytes, Result<Bytes>> again) {}

    private static Map<String, Form> forms() {
        VerifiedEnvelope envelope = Kit.shared()
                .to(TestNetwork.DISTRICT, TestNetwork.HUB)
                .ordering("k 1")
                .shown(Service.DOCUMENT)
                .message("a")
                .message("b")
                .seal();
        var header = envelope.facts().header();
        Hash hash = Hash.of(Bytes.utf8("h"));
        Receipt receipt = Kit.shared().receipt(Receipt.Kind.RETURNED, envelope, TestNetwork.DISTRICT, hash);
        Receipt range = new Receipt(
                receipt.network(),
                Receipt.Kind.CONSUMED,
                new Receipt.Subject.Range(hash, 9, 2, 7),
                receipt.recipient(),
                hash,
                Optional.empty(),
                receipt.time(),
                receipt.directory(),
                receipt.incarnation(),
                3);
        Manifest manifest =
                Kit.opened(Kit.open(envelope, TestNetwork.DISTRICT)).manifests().get(0);
        Notice.Skip skip = new Notice.Skip(
                header.network(),
                header.sender(),
                hash,
                receipt.incarnation(),
                TestNetwork.HUB,
                12,
                ErrorCode.EXPIRED,
                Kit.NOW,
                header.directory());
        Notice.Rewrap rewrap = new Notice.Rewrap(
                header.network(), header.id(), hash, TestNetwork.HUB, hash, hash, Kit.NOW, header.directory());
        Map<String, Form> forms = new LinkedHashMap<>();
        forms.put(
                "core",
                new Form(
                        envelope.sealed().core(),
                        text -> CoreCodec.decode(text, null).map(CoreCodec::encode)));
        forms.put(
                "statement",
                new Form(
                        envelope.sealed().statement(),
                        text -> StatementCodec.decode(text, null).map(StatementCodec::encode)));
        forms.put(
                "root text",
                new Form(
                        envelope.sealed().seal().rootText(),
                        text -> RootText.decode(text, null, RootText.Kind.SEAL).map(RootText::encode)));
        for (Receipt each : List.of(receipt, range)) {
            forms.put(
                    "receipt " + each.kind(),
                    new Form(
                            ReceiptCodec.encode(each),
                            text -> ReceiptCodec.decode(text, null).map(ReceiptCodec::encode)));
        }
        forms.put(
                "manifest",
                new Form(
                        ManifestCodec.encode(manifest),
                        text -> ManifestCodec.decode(text, null).map(ManifestCodec::encode)));
        forms.put(
                "skip",
                new Form(
                        NoticeCodec.encode(skip),
                        text -> NoticeCodec.decodeSkip(text, null).map(NoticeCodec::encode)));
        forms.put(
                "rewrap",
                new Form(
                        NoticeCodec.encode(rewrap),
                        text -> NoticeCodec.decodeRewrap(text, null).map(NoticeCodec::encode)));
        return forms;
    }

    @Test
    void everyFormReadsBackAsItself() {
        forms().forEach((name, form) ->
                assertThat(form.again().apply(form.text()).orBug()).as(name).isEqualTo(form.text()));
    }

    @Test
    void linesMissingDoubledMovedOrAddedAreRefused() {
        forms().forEach((name, form) -> {
            List<String> lines = form.text().utf8().lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                List<String> without = new ArrayList<>(lines);
                String gone = without.remove(i);
                // One of several ids, recipients or hashes may be missing without a trace in the form.
                if (!isRepeated(gone)) {
                    refuses(name + " without " + gone, form, text(without));
                }
                List<String> twice = new ArrayList<>(lines);
                twice.add(i, lines.get(i));
                if (!isRepeated(gone) || gone.startsWith("to ") || gone.startsWith("id ") || gone.startsWith("flag ")) {
                    refuses(name + " twice " + gone, form, text(twice));
                }
                if (i + 1 < lines.size() && !word(lines.get(i)).equals(word(lines.get(i + 1)))) {
                    List<String> moved = new ArrayList<>(lines);
                    moved.set(i, lines.get(i + 1));
                    moved.set(i + 1, lines.get(i));
                    refuses(name + " moved " + gone, form, text(moved));
                }
            }
            refuses(name + " with a line more", form, form.text().plus(Bytes.utf8("more 1\n")));
            refuses(name + " with an empty line", form, form.text().plus(Bytes.utf8("\n")));
            refuses(
                    name + " without its end",
                    form,
                    form.text().slice(0, form.text().size() - 1));
            refuses(name + " empty", form, Bytes.empty());
        });
    }

    @Test
    void otherSpellingsAreRefused() {
        forms().forEach((name, form) -> {
            String text = form.text().utf8();
            refuses(name + " CRLF", form, Bytes.utf8(text.replace("\n", "\r\n")));
            refuses(name + " with a byte order mark", form, Bytes.utf8("\uFEFF" + text));
            refuses(name + " of version 2", form, Bytes.utf8(text.replace("lienthong 1 ", "lienthong 2 ")));
            List<String> lines = text.lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                List<String> spaced = new ArrayList<>(lines);
                String word = word(lines.get(i));
                spaced.set(i, lines.get(i).replaceFirst(" ", "  "));
                if (!isText(word)) {
                    refuses(name + " two blanks in " + word, form, text(spaced));
                    spaced.set(i, lines.get(i) + " ");
                    refuses(name + " a blank after " + word, form, text(spaced));
                    // Places, types and the codes of offices are themselves in both cases.
                    if (lines.get(i).matches(".*[0-9a-f]{16}.*")) {
                        spaced.set(i, lines.get(i).toUpperCase(java.util.Locale.ROOT));
                        refuses(name + " upper case " + word, form, text(spaced));
                    }
                    if (lines.get(i).matches("[a-z]+ [0-9]+")) {
                        spaced.set(i, lines.get(i).replaceFirst(" ", " 0"));
                        refuses(name + " leading zero " + word, form, text(spaced));
                        spaced.set(i, lines.get(i).replaceFirst(" ", " +"));
                        refuses(name + " plus " + word, form, text(spaced));
                        spaced.set(i, lines.get(i).replaceFirst(" .*", " 99999999999999999999"));
                        refuses(name + " huge " + word, form, text(spaced));
                    }
                }
            }
        });
    }

    @Test
    void whateverIsAcceptedIsWrittenTheSame() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        forms().forEach((name, form) -> {
            for (int turn = 0; turn < 2_000; turn++) {
                byte[] bytes = form.text().toArray();
                for (int change = 0; change <= random.nextInt(3); change++) {
                    switch (random.nextInt(3)) {
                        case 0 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                        case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1) + 1);
                        default -> {
                            int at = random.nextInt(bytes.length);
                            bytes[at] ^= (byte) (1 << random.nextInt(8));
                        }
                    }
                }
                Bytes changed = Bytes.ofOwned(bytes);
                Result<Bytes> again = form.again().apply(changed);
                if (again.isOk()) {
                    assertThat(again.orBug()).as("seed %d, %s", seed, name).isEqualTo(changed);
                }
            }
        });
    }

    private static void refuses(String what, Form form, Bytes text) {
        assertThat(form.again().apply(text).isOk()).as(what).isFalse();
    }

    private static Bytes text(List<String> lines) {
        return Bytes.ofOwned((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String word(String line) {
        return line.substring(0, line.indexOf(' '));
    }

    private static boolean isRepeated(String line) {
        return List.of("id", "to", "flag", "manifest", "slot").contains(word(line)) && !line.startsWith("slot HASH");
    }

    private static boolean isText(String word) {
        return List.of("subject", "correlation", "ordering", "name").contains(word);
    }
}
