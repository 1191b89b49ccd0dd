package lienthong.gateway.crypto;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.spec.SecretKeySpec;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;

/** HMAC-SHA256 (RFC 2104, FIPS 198-1), and comparison that tells nothing by its time. Stateless, thread-safe. */
public final class Mac {
    public static final int SIZE_BYTES = 32;

    private Mac() {}

    /** 32 bytes. {@code key}: at least one byte, 32 are right. */
    public static Bytes of(SecretBytes key, Bytes data) {
        return Bytes.ofOwned(compute(key, data));
    }

    /**
     * A key of its own for one purpose: HMAC as a pseudo-random function (NIST SP 800-108 has it so), so that no caller handles a key's bytes.
     *
     * @param purpose a label that no other use of {@code key} has, followed by what the derived key is for
     */
    public static SecretBytes derive(SecretBytes key, Bytes purpose) {
        return SecretBytes.ofOwned(compute(key, purpose));
    }

    private static byte[] compute(SecretBytes key, Bytes data) {
        try {
            javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.inner(), "HmacSHA256"));
            mac.update(data.asBuffer());
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new Bug("every JDK has HMAC-SHA256", e);
        }
    }

    /** Whether {@code mac} is the one of {@code data}. */
    public static boolean verifies(SecretBytes key, Bytes data, Bytes mac) {
        return constantTimeEquals(of(key, data), mac);
    }

    /** Equality in time that depends only on the sizes. */
    public static boolean constantTimeEquals(Bytes one, Bytes other) {
        return MessageDigest.isEqual(one.toArray(), other.toArray());
    }
}
