package lienthong.gateway.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import lienthong.gateway.message.Bytes;

/** Textual encoding (RFC 7468), strict form: 64 characters a line. */
final class Pem {
    private Pem() {}

    static String encode(String label, Bytes der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der.toArray())
                + "\n-----END " + label + "-----\n";
    }

    /** The only block of this label; lines may end in CR LF and be of any length. */
    static Optional<Bytes> decode(String label, String pem) {
        String text = pem.strip().replace("\r", "");
        String begin = "-----BEGIN " + label + "-----\n";
        String end = "\n-----END " + label + "-----";
        if (!text.startsWith(begin) || !text.endsWith(end) || text.length() < begin.length() + end.length()) {
            return Optional.empty();
        }
        try {
            String body =
                    text.substring(begin.length(), text.length() - end.length()).replace("\n", "");
            return Optional.of(Bytes.ofOwned(Base64.getDecoder().decode(body.getBytes(StandardCharsets.US_ASCII))));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}
