package lienthong.gateway.envelope;

import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CmsVerifier;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;

/**
 * Remembers signatures whose arithmetic was checked: by root text, CMS and certificate, nothing else. Eleven messages under one root then cost one
 * verification. Revocation, signer and policy are judged for each message anew. Thread-safe, bounded.
 */
public final class SealCache {
    private static final int KEPT_MAX = 8_192;

    private final Map<Hash, Boolean> good;

    public SealCache() {
        good = new LinkedHashMap<>(256, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Hash, Boolean> eldest) {
                return size() > KEPT_MAX;
            }
        };
    }

    /** Whether {@code cms} is the certificate's signature over {@code text}. Failures are not remembered: nobody fills the cache with them. */
    boolean verifies(Bytes text, Bytes cms, Certificate certificate) {
        MessageDigest digest = Hash.digest();
        // Lengths first, so that no two triples run together.
        digest.update(java.nio.ByteBuffer.allocate(8)
                .putInt(text.size())
                .putInt(cms.size())
                .flip());
        digest.update(text.asBuffer());
        digest.update(cms.asBuffer());
        digest.update(certificate.hash().bytes().asBuffer());
        Hash key = new Hash(Bytes.ofOwned(digest.digest()));
        synchronized (good) {
            if (good.containsKey(key)) {
                // An access-ordered map moves an entry on get alone.
                return Boolean.TRUE.equals(good.get(key));
            }
        }
        boolean verifies = CmsVerifier.verify(cms, text, certificate).isEmpty();
        if (verifies) {
            synchronized (good) {
                good.put(key, true);
            }
        }
        return verifies;
    }
}
