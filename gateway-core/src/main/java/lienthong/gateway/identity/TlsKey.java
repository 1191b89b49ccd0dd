package lienthong.gateway.identity;

import java.security.PrivateKey;
import java.util.List;
import lienthong.gateway.message.Bytes;

/** A TLS private key with its chain. Neither printed nor compared. */
public final class TlsKey {
    private final PrivateKey key;
    private final List<Bytes> chain;

    TlsKey(PrivateKey key, List<Bytes> chain) {
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    /** ECDSA P-256. */
    public PrivateKey key() {
        return key;
    }

    /** DER: the leaf, then its office's CA. */
    public List<Bytes> chain() {
        return chain;
    }

    @Override
    public String toString() {
        return "TlsKey";
    }
}
