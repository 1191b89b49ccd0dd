package lienthong.gateway.crypto;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Runs files of published test vectors through this room's façade. The family is told by a file's own shape, never by its name:
 *
 * <ul>
 *   <li>Wycheproof JSON: {@link WycheproofVectors}
 *   <li>HPKE (RFC 9180 and hpke-pq) and X-Wing JSON: {@link HpkeVectors}
 *   <li>CCTV ML-KEM, text or JSON, plain or gzip: {@link MlKemVectors}
 * </ul>
 *
 * One line a case, then {@code N passed, N failed}. A case whose parameters this room does not implement fails with a line that says so; a
 * file of no known family is an error. Exit: 0 all passed, 1 some failed, 2 a file could not be run.
 */
public final class VectorRunner {
    /** One promise of a file. Throws {@link Mismatch} when it does not hold. */
    interface Check {
        void run();
    }

    /** A case does not give what its file says, or cannot be run. */
    static class Mismatch extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Mismatch(String message) {
            super(message);
        }
    }

    /** A file that is none of the families here. */
    static final class UnknownFamily extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        UnknownFamily(String message) {
            super(message);
        }
    }

    /** A case of parameters that no suite of this room has. */
    static final class NotOurs extends Mismatch {
        private static final long serialVersionUID = 1L;

        NotOurs(String what) {
            super("refused, not implemented here: " + what);
        }
    }

    /**
     * How many cases held.
     *
     * @param notOurs of those that failed, how many for parameters that no suite of this room has
     */
    record Count(int passed, int failed, int notOurs) {
        Count plus(Count other) {
            return new Count(passed + other.passed, failed + other.failed, notOurs + other.notOurs);
        }
    }

    private final PrintStream out;
    private int passed;
    private int failed;
    private int notOurs;

    private VectorRunner(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] files) {
        Count sum = new Count(0, 0, 0);
        boolean broken = files.length == 0;
        for (String file : files) {
            try {
                sum = sum.plus(run(Path.of(file), System.out));
            } catch (IOException | IllegalArgumentException e) {
                System.out.println("ERROR " + file + ": " + e.getMessage());
                broken = true;
            }
        }
        System.out.println(sum.passed() + " passed, " + sum.failed() + " failed");
        System.out.flush();
        if (broken || sum.failed() > 0) {
            System.exit(broken ? 2 : 1);
        }
    }

    /**
     * Runs one file.
     *
     * @throws IllegalArgumentException when it is of no known family or holds no case
     */
    static Count run(Path file, PrintStream out) throws IOException {
        VectorRunner runner = new VectorRunner(out);
        runner.dispatch(unpacked(Files.readAllBytes(file)));
        if (runner.passed + runner.failed == 0) {
            throw new IllegalArgumentException("no case in this file");
        }
        return new Count(runner.passed, runner.failed, runner.notOurs);
    }

    private static byte[] unpacked(byte[] content) throws IOException {
        if (content.length < 2 || content[0] != 0x1f || content[1] != (byte) 0x8b) {
            return content;
        }
        try (InputStream plain = new GZIPInputStream(new ByteArrayInputStream(content))) {
            return plain.readAllBytes();
        }
    }

    private void dispatch(byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8).strip();
        if (text.startsWith("{") || text.startsWith("[")) {
            dispatch(parse(text));
        } else if (text.startsWith("dk = ")) {
            MlKemVectors.decapsulation(this, text);
        } else if (text.lines().allMatch(line -> line.matches("([0-9a-f]{2})+"))) {
            MlKemVectors.refusedKeys(this, text);
        } else {
            throw new UnknownFamily("of no known family of vectors");
        }
    }

    private static JsonElement parse(String text) {
        try {
            return JsonParser.parseString(text);
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
        }
    }

    private void dispatch(JsonElement json) {
        if (json.isJsonObject() && json.getAsJsonObject().has("testGroups")) {
            WycheproofVectors.run(this, json.getAsJsonObject());
        } else if (json.isJsonObject() && json.getAsJsonObject().has("drawPerIteration")) {
            MlKemVectors.accumulated(this, json.getAsJsonObject());
        } else if (isArrayOf(json, "kem_id")) {
            HpkeVectors.hpke(this, json.getAsJsonArray());
        } else if (isArrayOf(json, "eseed")) {
            HpkeVectors.xWing(this, json.getAsJsonArray());
        } else {
            throw new UnknownFamily("JSON of no known family of vectors");
        }
    }

    private static boolean isArrayOf(JsonElement json, String field) {
        return json.isJsonArray()
                && !json.getAsJsonArray().isEmpty()
                && json.getAsJsonArray().get(0).isJsonObject()
                && json.getAsJsonArray().get(0).getAsJsonObject().has(field);
    }

    /** Runs and reports one case; whatever it throws is its failure, not ours. */
    void one(String name, Check check) {
        try {
            check.run();
            passed++;
            out.println("ok " + name);
        } catch (RuntimeException e) {
            failed++;
            notOurs += e instanceof NotOurs ? 1 : 0;
            out.println("FAIL " + name + ": " + (e instanceof Mismatch ? e.getMessage() : e));
        }
    }

    // ---- what the families share

    static Mismatch unknown(String what) {
        return new NotOurs(what);
    }

    static byte[] hex(JsonObject object, String field) {
        if (!object.has(field)) {
            throw new Mismatch("field " + field + " is missing");
        }
        return HexFormat.of().parseHex(object.get(field).getAsString());
    }

    static byte[] hexOrEmpty(JsonObject object, String field) {
        return object.has(field) ? hex(object, field) : new byte[0];
    }

    static void same(String what, byte[] expected, byte[] actual) {
        if (!Arrays.equals(expected, actual)) {
            throw new Mismatch(what + " is " + brief(actual) + ", not " + brief(expected));
        }
    }

    static byte[] present(String what, Optional<byte[]> value) {
        return value.orElseThrow(() -> new Mismatch(what + " was refused"));
    }

    static void holds(String what, boolean condition) {
        if (!condition) {
            throw new Mismatch(what);
        }
    }

    private static String brief(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes);
        return hex.length() <= 32 ? "\"" + hex + "\"" : hex.substring(0, 32) + "…(" + bytes.length + " bytes)";
    }
}
