package lienthong.gateway.envelope.evidence;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.regex.Pattern;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/** The closed list of files in a piece of evidence: no name comes from a message. */
final class Names {
    static final String VERIFY_TEXT = "VERIFY.txt";
    static final String VERIFY_SCRIPT = "verify.sh";
    static final String CORE = "message/core.txt";
    static final String STATEMENT = "message/statement.txt";
    static final String MANIFEST = "message/manifest.txt";
    static final String SECOND_SEAL = "message/seal-pq.der";
    static final String MESSAGE = "message";
    static final String DIRECTORY_ROOT = "directory/root.txt";
    static final String DIRECTORY_HEAD = "directory/head.txt";
    static final String DIRECTORY_P384 = "directory/head.p384.sig";
    static final String DIRECTORY_MLDSA = "directory/head.mldsa87.sig";
    static final String DIRECTORY_CRL = "directory/root-crl.pem";

    private static final Pattern ALLOWED = Pattern.compile("VERIFY\\.txt|verify\\.sh|evidence\\.txt"
            + "|message/(core|statement|place|root|manifest)\\.txt|message/seal(-pq)?\\.der"
            + "|parts/[0-9]{4}|receipts/[0-9]{4}/((receipt|place|root)\\.txt|seal\\.der)"
            + "|certificates/(ca-[0-9]{4}|signer-[0-9a-f]{64}|crl-[0-9a-f]{64}-[0-9]{4})\\.pem"
            + "|directory/((root|head)\\.txt|head\\.(p384|mldsa87)\\.sig|root-crl\\.pem|entry-[0-9]{4}\\.(txt|place))"
            + "|audit/[0-9]{4}/((entry|place|root|sequence)\\.txt|seal\\.der)");

    private Names() {}

    static boolean isAllowed(String name) {
        return ALLOWED.matcher(name).matches();
    }

    static boolean isPart(String name) {
        return name.startsWith("parts/");
    }

    static String part(int number) {
        return "parts/" + four(number);
    }

    static String receipt(int number) {
        return "receipts/" + four(number);
    }

    static String audit(int number) {
        return "audit/" + four(number);
    }

    static String sequence(int number) {
        return audit(number) + "/sequence.txt";
    }

    static String ca(int number) {
        return "certificates/ca-" + four(number) + ".pem";
    }

    static String signer(Hash hash) {
        return "certificates/signer-" + hash.hex() + ".pem";
    }

    static String crl(Hash ca, int number) {
        return "certificates/crl-" + ca.hex() + "-" + four(number) + ".pem";
    }

    static String entry(int number) {
        return "directory/entry-" + four(number) + ".txt";
    }

    static String entryPlace(int number) {
        return "directory/entry-" + four(number) + ".place";
    }

    private static String four(int number) {
        return String.format(Locale.ROOT, "%04d", number);
    }

    /** A file that every piece of evidence carries unchanged. */
    static Bytes resource(String name) {
        try (InputStream in = Names.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new Bug("resource " + name + " is not in the jar");
            }
            return Bytes.ofOwned(in.readAllBytes());
        } catch (IOException e) {
            throw new Bug("resource " + name + " cannot be read", e);
        }
    }
}
