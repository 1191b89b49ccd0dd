package lienthong.gateway.envelope;

import java.util.List;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.SealedEnvelope.Ciphertext;

/** A payload encrypted under its core; what is missing are the slots and the seal. Holds the content key until {@link EnvelopeSealer#finish}. */
public final class SealedPayload {
    private final Hash core;
    private final SecretBytes contentKey;
    private final Ciphertext ciphertext;
    private final Hash root;
    private final List<Bytes> manifests;

    SealedPayload(Hash core, SecretBytes contentKey, Ciphertext ciphertext, Hash root, List<Bytes> manifests) {
        this.core = core;
        this.contentKey = contentKey;
        this.ciphertext = ciphertext;
        this.root = root;
        this.manifests = List.copyOf(manifests);
    }

    /** Of the core it is bound to. */
    public Hash core() {
        return core;
    }

    public Ciphertext ciphertext() {
        return ciphertext;
    }

    /** RFC 9162 root over the ciphertext's blocks. */
    public Hash root() {
        return root;
    }

    /** Strict texts, in the order of the core's ids: the owner keeps them for evidence. */
    public List<Bytes> manifests() {
        return manifests;
    }

    SecretBytes contentKey() {
        return contentKey;
    }

    /** Overwrites the content key of a payload that will not be sealed. */
    public void abandon() {
        contentKey.destroy();
    }
}
