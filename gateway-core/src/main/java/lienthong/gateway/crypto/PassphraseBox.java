package lienthong.gateway.crypto;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * A secret under a passphrase: Argon2id (RFC 9106), then AES-256-GCM under that one-time key. Stateless, thread-safe; each call takes the
 * memory its cost says.
 *
 * <pre>
 * "lienthong-box 1\n"(16) ‖ memory KiB(4) ‖ passes(1) ‖ lanes(1) ‖ salt(16) ‖ ciphertext ‖ tag(16)
 * AAD = everything before the ciphertext ‖ purpose in UTF-8
 * </pre>
 */
public final class PassphraseBox {
    private static final byte[] LABEL = "lienthong-box 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int SALT_BYTES = 16;
    private static final int HEADER_BYTES = LABEL.length + 4 + 1 + 1 + SALT_BYTES;

    private PassphraseBox() {}

    /**
     * What one try costs.
     *
     * @param memoryKib 8 per lane to 262,144: a damaged or hostile file must not take all memory
     * @param passes    1 to 16
     * @param lanes     1 to 4
     */
    public record Cost(int memoryKib, int passes, int lanes) {
        /** 64 MiB, 3 passes, 1 lane: RFC 9106 §4's second choice with one lane; a third of a second. */
        public static final Cost STANDARD = new Cost(64 * 1024, 3, 1);
        /** Next to nothing: for tests and scenarios only. */
        public static final Cost FOR_TESTS = new Cost(8, 1, 1);

        public Cost {
            Invariant.check(
                    isAllowed(memoryKib, passes, lanes),
                    "Argon2 cost %d KiB, %d passes, %d lanes",
                    memoryKib,
                    passes,
                    lanes);
        }

        static boolean isAllowed(int memoryKib, int passes, int lanes) {
            return lanes >= 1
                    && lanes <= 4
                    && passes >= 1
                    && passes <= 16
                    && memoryKib >= 8 * lanes
                    && memoryKib <= 256 * 1024;
        }
    }

    /**
     * Seals {@code content}.
     *
     * @param purpose    what the content is, for instance {@code "epoch keys"}: a box opens for the same purpose only
     * @param passphrase any characters, at least one; compared after NFC, so that two keyboards give the same
     */
    public static Bytes seal(String purpose, SecretBytes content, char[] passphrase, Cost cost, Randomness randomness) {
        Invariant.check(passphrase.length > 0, "empty passphrase");
        byte[] header = ByteBuffer.allocate(HEADER_BYTES)
                .put(LABEL)
                .putInt(cost.memoryKib())
                .put((byte) cost.passes())
                .put((byte) cost.lanes())
                .put(randomness.bytes(SALT_BYTES))
                .array();
        SecretBytes key = key(passphrase, cost, salt(header));
        Bytes sealed = SingleUseCipher.seal(key, aad(header, purpose), content);
        key.destroy();
        return Bytes.ofOwned(header).plus(sealed);
    }

    /**
     * Opens a box.
     *
     * @return PASSPHRASE_WRONG, without a hint which part, for a wrong passphrase, another purpose, a damaged or foreign box alike, and after
     *     the same work
     */
    public static Result<SecretBytes> open(String purpose, Bytes box, char[] passphrase) {
        byte[] header =
                Arrays.copyOf(box.slice(0, Math.min(box.size(), HEADER_BYTES)).toArray(), HEADER_BYTES);
        ByteBuffer fields = ByteBuffer.wrap(header, LABEL.length, HEADER_BYTES - LABEL.length);
        int memoryKib = fields.getInt();
        int passes = fields.get() & 0xff;
        int lanes = fields.get() & 0xff;
        boolean ours = box.size() >= HEADER_BYTES + SingleUseCipher.OVERHEAD_BYTES
                && Arrays.equals(header, 0, LABEL.length, LABEL, 0, LABEL.length)
                && Cost.isAllowed(memoryKib, passes, lanes);
        SecretBytes key = key(passphrase, ours ? new Cost(memoryKib, passes, lanes) : Cost.STANDARD, salt(header));
        Bytes sealed = ours ? box.slice(HEADER_BYTES, box.size() - HEADER_BYTES) : Bytes.empty();
        var content = SingleUseCipher.openSecret(key, aad(header, purpose), sealed);
        key.destroy();
        return content.map(Result::ok).orElseGet(() -> Result.no(Refusal.of(ErrorCode.PASSPHRASE_WRONG)));
    }

    private static byte[] salt(byte[] header) {
        return Arrays.copyOfRange(header, HEADER_BYTES - SALT_BYTES, HEADER_BYTES);
    }

    private static Bytes aad(byte[] header, String purpose) {
        return Bytes.copyOf(header).plus(Bytes.utf8(purpose));
    }

    private static SecretBytes key(char[] passphrase, Cost cost, byte[] salt) {
        byte[] password = utf8(passphrase);
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withMemoryAsKB(cost.memoryKib())
                    .withIterations(cost.passes())
                    .withParallelism(cost.lanes())
                    .withSalt(salt)
                    .build());
            byte[] key = new byte[AesGcm.KEY_BYTES];
            generator.generateBytes(password, key);
            return SecretBytes.ofOwned(key);
        } finally {
            Arrays.fill(password, (byte) 0);
        }
    }

    /** ASCII, the usual case, leaves no text behind in memory; other letters pass through the JDK's normaliser, which makes one. */
    private static byte[] utf8(char[] passphrase) {
        CharBuffer characters = CharBuffer.wrap(passphrase);
        CharSequence normal = characters.chars().allMatch(c -> c < 0x80)
                ? characters
                : Normalizer.normalize(characters, Normalizer.Form.NFC);
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(normal));
        byte[] out = new byte[encoded.remaining()];
        encoded.get(out);
        encoded.clear();
        while (encoded.hasRemaining()) {
            encoded.put((byte) 0);
        }
        return out;
    }
}
