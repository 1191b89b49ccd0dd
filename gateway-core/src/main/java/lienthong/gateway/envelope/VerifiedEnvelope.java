package lienthong.gateway.envelope;

import java.util.List;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.SealedEnvelope;

/**
 * An envelope whose seal was checked. Only {@link EnvelopeVerifier} and {@link SealBatch} make one, so that nothing unverified can be opened.
 * Immutable, thread-safe.
 */
public final class VerifiedEnvelope {
    private final SealedEnvelope sealed;
    private final EnvelopeFacts facts;
    private final Hash core;

    VerifiedEnvelope(SealedEnvelope sealed, EnvelopeFacts facts, Hash core) {
        this.sealed = sealed;
        this.facts = facts;
        this.core = core;
    }

    /** As received: its slots are those that came on this branch. */
    public SealedEnvelope sealed() {
        return sealed;
    }

    /** What every hop may know. */
    public EnvelopeFacts facts() {
        return facts;
    }

    /** SHA-256 of the core's bytes. */
    public Hash core() {
        return core;
    }

    /** The same envelope with its ciphertext at another place, or fewer slots; core, statement and seal stay. */
    public VerifiedEnvelope with(SealedEnvelope moved) {
        lienthong.gateway.message.Invariant.check(
                moved.core().equals(sealed.core())
                        && moved.statement().equals(sealed.statement())
                        && moved.seal().equals(sealed.seal())
                        && sealed.slots().containsAll(moved.slots())
                        && moved.ciphertext().length() == sealed.ciphertext().length(),
                "not the envelope that was verified");
        return new VerifiedEnvelope(moved, facts, core);
    }

    static EnvelopeFacts facts(
            lienthong.gateway.message.Header header,
            Statement statement,
            Hash leaf,
            Hash sealRoot,
            int index,
            int treeSize) {
        return new EnvelopeFacts(
                header,
                leaf,
                sealRoot,
                index,
                treeSize,
                statement.ciphertextRoot(),
                statement.ciphertextLength(),
                List.copyOf(statement.manifests()),
                List.copyOf(statement.slots()));
    }
}
