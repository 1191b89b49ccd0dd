package lienthong.gateway.directory;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;

/**
 * The first 132 bits of a hash in a form that survives a bad telephone line: 12 words of 11 bits, or 40 decimal digits. The list has 2,048
 * words of two open syllables without tones; no two of its syllables are told apart by what a dialect merges (tr and ch, s and x, l and n,
 * d, gi, r and v, hỏi and ngã, any final consonant). Whoever types what he hears may write any of the merged spellings.
 *
 * <p>Source: docs/spec/directory.md, "Spoken fingerprints". Immutable, thread-safe.
 */
public final class SpokenFingerprint {
    /** Words of a fingerprint. */
    public static final int WORDS = 12;
    /** Decimal digits of a fingerprint: 10^40 is above 2^132. */
    public static final int DIGITS = 40;

    private static final int WORD_BITS = 11;
    private static final int BITS = WORDS * WORD_BITS;
    private static final List<String> LIST = load();

    private final BigInteger value;

    private SpokenFingerprint(BigInteger value) {
        this.value = value;
    }

    /** The spoken form of a hash. */
    public static SpokenFingerprint of(Hash hash) {
        return new SpokenFingerprint(new BigInteger(1, hash.bytes().toArray()).shiftRight(Hash.SIZE_BYTES * 8 - BITS));
    }

    private static List<String> load() {
        try (InputStream stream = SpokenFingerprint.class.getResourceAsStream("words.txt")) {
            if (stream == null) {
                throw new Bug("the list of words is not in the jar");
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            List<String> words = List.copyOf(reader.lines().toList());
            Invariant.check(words.size() == 1 << WORD_BITS, "words %d", words.size());
            return words;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All 2,048 words in order: the word at position N stands for the 11 bits of N. */
    static List<String> list() {
        return LIST;
    }

    /** 12 words, each of two syllables joined by a dash. */
    public List<String> words() {
        List<String> words = new ArrayList<>(WORDS);
        for (int i = WORDS - 1; i >= 0; i--) {
            words.add(LIST.get(value.shiftRight(i * WORD_BITS).intValue() & ((1 << WORD_BITS) - 1)));
        }
        return words;
    }

    /** 40 digits without blanks; shown in groups of four. */
    public String digits() {
        String digits = value.toString();
        return "0".repeat(DIGITS - digits.length()) + digits;
    }

    /** {@link #digits} in ten groups of four. */
    public String digitGroups() {
        return digits().replaceAll("(.{4})(?!$)", "$1 ");
    }

    /**
     * Whether somebody typed this fingerprint: 12 words or 40 digits, whatever the case, blanks, dashes, accents, and whichever of the
     * spellings that dialects merge.
     */
    public boolean matches(String typed) {
        StringBuilder digits = new StringBuilder();
        boolean letters = false;
        for (int i = 0; i < typed.length(); i++) {
            char c = typed.charAt(i);
            if (c >= '0' && c <= '9') {
                digits.append(c);
            } else if (Character.isLetter(c)) {
                letters = true;
            }
        }
        if (!letters) {
            return digits.toString().equals(digits());
        }
        return digits.length() == 0 && fold(typed).equals(fold(String.join(" ", words())));
    }

    /**
     * Letters only, without tones and accents, lower case, each group that dialects merge written one way. The words are of open syllables,
     * so that no blank is needed to tell them apart.
     */
    static String fold(String typed) {
        String plain = Normalizer.normalize(typed.toLowerCase(Locale.ROOT), Normalizer.Form.NFD)
                .replace('đ', 'd')
                .replaceAll("[^a-z]", "");
        return plain.replace("tr", "ch")
                .replace('s', 'x')
                .replace('y', 'i')
                .replace("f", "ph")
                .replaceAll("n(?=[aeiou])", "l")
                .replaceAll("[kq](?=[aeiou])", "c");
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof SpokenFingerprint that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    /** The words. */
    @Override
    public String toString() {
        return String.join(" ", words());
    }
}
