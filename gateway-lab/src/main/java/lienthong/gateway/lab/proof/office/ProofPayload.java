package lienthong.gateway.lab.proof.office;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A payload that anyone can make again from its first line: {@code lienthong-proof 1 ID KEY SEQ BYTES} and a newline, then as many bytes as
 * are missing to BYTES, of which word {@code n} (eight bytes, big-endian, from 0) is SplitMix64's output for state {@code s + (n + 1) ×
 * 0x9e3779b97f4a7c15}, {@code s} being the first eight bytes of the SHA-256 of that line. Immutable.
 *
 * @param id of the message at its sender; no blanks
 * @param key within which order was asked, {@code -} for none
 * @param seq position within sender, recipient and key, from 1; 0 without a key
 * @param bytes length of the whole, at least that of the first line
 */
record ProofPayload(String id, String key, long seq, int bytes) {
    private static final String WORD = "lienthong-proof";
    private static final long GAMMA = 0x9e3779b97f4a7c15L;
    private static final int LINE_MAX = 256;

    private byte[] line() {
        return (WORD + " 1 " + id + " " + key + " " + seq + " " + bytes + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Reads the first line of what arrived; empty when there is none of this form. */
    static Optional<ProofPayload> read(byte[] beginning) {
        int end = 0;
        while (end < beginning.length && end < LINE_MAX && beginning[end] != '\n') {
            end++;
        }
        if (end == beginning.length || end == LINE_MAX) {
            return Optional.empty();
        }
        String[] words = new String(beginning, 0, end, StandardCharsets.UTF_8).split(" ", -1);
        if (words.length != 6
                || !words[0].equals(WORD)
                || !words[1].equals("1")
                || !words[4].matches("[0-9]{1,18}")
                || !words[5].matches("[0-9]{1,9}")) {
            return Optional.empty();
        }
        return Optional.of(new ProofPayload(words[2], words[3], Long.parseLong(words[4]), Integer.parseInt(words[5])));
    }

    /** Bytes {@code [from, to)} of the payload. */
    byte[] range(int from, int to) {
        byte[] line = line();
        long state = ByteBuffer.wrap(digest().digest(line)).getLong();
        byte[] out = new byte[to - from];
        int at = from;
        while (at < to && at < line.length) {
            out[at - from] = line[at];
            at++;
        }
        ByteBuffer word = ByteBuffer.allocate(8).order(ByteOrder.BIG_ENDIAN);
        while (at < to) {
            int inFiller = at - line.length;
            word.putLong(0, mix(state + (inFiller / 8 + 1) * GAMMA));
            int skip = inFiller % 8;
            int take = Math.min(8 - skip, to - at);
            System.arraycopy(word.array(), skip, out, at - from, take);
            at += take;
        }
        return out;
    }

    private static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }

    /** SHA-256 of the whole, hexadecimal. */
    String sha256() {
        MessageDigest digest = digest();
        int step = 1 << 20;
        for (int at = 0; at < bytes; at += step) {
            digest.update(range(at, Math.min(bytes, at + step)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The smallest payload that holds this id, key and number, if it is larger than {@code wanted}; else {@code wanted}. */
    static int atLeast(String id, String key, long seq, int wanted) {
        return Math.max(wanted, new ProofPayload(id, key, seq, 999_999_999).line().length);
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException never) {
            throw new IllegalStateException("every Java platform has SHA-256", never);
        }
    }

    /** Whether these are this payload's bytes. */
    boolean is(byte[] whole) {
        return whole.length == bytes && Arrays.equals(whole, range(0, bytes));
    }
}
