package lienthong.gateway.link;

import java.security.PrivateKey;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;

/**
 * What this node shows on a link. Neither printed nor compared: it holds a private key.
 */
public final class TlsIdentity {
    private final PrivateKey key;
    private final List<Bytes> chain;

    /**
     * @param key of the leaf: ECDSA P-256 (the TLS engine knows no Ed25519 certificates)
     * @param chain DER, leaf first, then the office's CA; 1 to 4
     */
    public TlsIdentity(PrivateKey key, List<Bytes> chain) {
        Invariant.check(!chain.isEmpty() && chain.size() <= PeerJudge.CHAIN_MAX, "chain of %d", chain.size());
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    public PrivateKey key() {
        return key;
    }

    /** DER certificates, leaf first. */
    public List<Bytes> chain() {
        return chain;
    }

    @Override
    public String toString() {
        return "TlsIdentity(" + chain.size() + " certificates)";
    }
}
