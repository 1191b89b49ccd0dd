package lienthong.gateway.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Set;
import lienthong.gateway.message.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Passphrases, codes and fingerprints as they are heard: from a file of mode 0600, from standard input ({@code -}), or asked at the terminal.
 * Never from an argument: every user of the machine can read those (T28).
 */
final class SecretInput {
    private static final int BYTES_MAX = 4_096;

    private SecretInput() {}

    /**
     * Reads a secret.
     *
     * @param file path, or {@code -} for the first line of standard input; null to ask
     * @param option name of the option, for the advice when there is no terminal
     * @param questionKey text of the question
     * @return to be overwritten by the caller
     */
    static char[] read(Root root, @Nullable String file, String option, String questionKey)
            throws Refused, IOException {
        if (file == null) {
            Surroundings.Prompt prompt = root.surroundings()
                    .prompt()
                    .orElseThrow(() -> new Refused(
                            ErrorCode.USAGE, "no terminal to ask at; give {0} FILE, or - for standard input", option));
            return prompt.secret(root.text(questionKey) + " ");
        }
        if (file.equals("-")) {
            return line(root.surroundings().in());
        }
        Path path = root.input(file);
        checkMode(path);
        try (InputStream stream = Files.newInputStream(path)) {
            return line(stream);
        }
    }

    /** What was heard and is no secret, such as a fingerprint: asked with echo, and a file of any mode will do. */
    static char[] heard(Root root, @Nullable String file, String option, String questionKey)
            throws Refused, IOException {
        if (file != null && !file.equals("-")) {
            try (InputStream stream = Files.newInputStream(root.input(file))) {
                return line(stream);
            }
        }
        if (file == null && root.surroundings().prompt().isPresent()) {
            return root.surroundings()
                    .prompt()
                    .get()
                    .line(root.text(questionKey) + " ")
                    .toCharArray();
        }
        return read(root, file, option, questionKey);
    }

    /** The same asked twice where it is chosen and not known yet. */
    static char[] choose(Root root, @Nullable String file, String option, String questionKey)
            throws Refused, IOException {
        char[] first = read(root, file, option, questionKey);
        if (first.length == 0) {
            throw new Refused(ErrorCode.PASSPHRASE_WRONG, "an empty passphrase protects nothing");
        }
        if (file == null) {
            char[] again = read(root, null, option, "ask.again");
            boolean same = Arrays.equals(first, again);
            Arrays.fill(again, '\0');
            if (!same) {
                Arrays.fill(first, '\0');
                throw new Refused(ErrorCode.PASSPHRASE_WRONG, "the two are not the same");
            }
        }
        return first;
    }

    /** {@code FILE_EXPOSED} when others may read a file with a secret. */
    static void checkMode(Path path) throws Refused, IOException {
        // Of the file itself, also behind a link: what matters is who can read the secret.
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
        if (mode.contains(PosixFilePermission.GROUP_READ) || mode.contains(PosixFilePermission.OTHERS_READ)) {
            throw new Refused(ErrorCode.FILE_EXPOSED, "chmod 600 {0}", path);
        }
    }

    /** The first line, without its end. */
    private static char[] line(InputStream stream) throws Refused, IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int b = stream.read(); b >= 0 && b != '\n'; b = stream.read()) {
            if (bytes.size() == BYTES_MAX) {
                throw new Refused(ErrorCode.USAGE, "a secret of more than {0} bytes", BYTES_MAX);
            }
            bytes.write(b);
        }
        byte[] encoded = bytes.toByteArray();
        try {
            CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(encoded));
            int length = decoded.length() > 0 && decoded.charAt(decoded.length() - 1) == '\r'
                    ? decoded.length() - 1
                    : decoded.length();
            char[] secret = new char[length];
            decoded.get(secret);
            if (decoded.hasArray()) {
                Arrays.fill(decoded.array(), '\0');
            }
            return secret;
        } catch (CharacterCodingException notUtf8) {
            throw new Refused(ErrorCode.TEXT_NOT_CLEAN, "the secret is not UTF-8");
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }
}
