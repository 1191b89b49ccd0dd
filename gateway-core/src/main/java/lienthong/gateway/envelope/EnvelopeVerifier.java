package lienthong.gateway.envelope;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.CmsVerifier;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.message.SealedEnvelope.Seal;
import lienthong.gateway.message.SealedEnvelope.Slot;

/**
 * What every hop checks before it takes custody, without any key: strict core, statement over core, ciphertext and slots, path, signature,
 * signer by the directory, revocation, suite. Whatever is wrong with the bytes or the signature has one face, {@code SEAL_INVALID} without
 * detail; only what a true sender did against policy is named. Thread-safe. Source: docs/spec/envelope.md, "Checks".
 */
public final class EnvelopeVerifier {
    private static final Refusal INVALID = Refusal.of(ErrorCode.SEAL_INVALID);

    private final SealCache cache;

    public EnvelopeVerifier(SealCache cache) {
        this.cache = cache;
    }

    /**
     * Checks an envelope as received.
     *
     * @param ciphertextRoot computed over the bytes that came, by whoever took them
     * @param ciphertextLength bytes that came
     * @param directory the directory in force here
     * @return the envelope with its facts; {@code SEAL_INVALID}; {@code OTHER_NETWORK}; {@code SUITE_UNKNOWN}, {@code SUITE_TOO_LOW},
     *     {@code SIGNER_MISSING}; of the sender's certificate {@code WHO_ARE_YOU} (not known here, or not the sender's),
     *     {@code CERTIFICATE_EXPIRED}, {@code REVOKED}
     */
    public Result<VerifiedEnvelope> verify(
            SealedEnvelope sealed, Hash ciphertextRoot, long ciphertextLength, DirectoryView directory) {
        Result<Bound> bound = bind(sealed);
        if (!(bound instanceof Result.Ok<Bound> ok)) {
            return Result.no(bound.refusal());
        }
        Bound parts = ok.value();
        Header header = parts.header();
        if (!parts.statement().ciphertextRoot().equals(ciphertextRoot)
                || parts.statement().ciphertextLength() != ciphertextLength) {
            return Result.no(INVALID);
        }
        if (!header.network().equals(directory.network())) {
            return Result.no(
                    ErrorCode.OTHER_NETWORK,
                    "envelope of network {0}",
                    header.network().hex());
        }
        Result<Suite> suite = Suite.ofNumber(header.suite());
        if (!(suite instanceof Result.Ok<Suite> known)) {
            return Result.no(suite.refusal());
        }
        boolean second = known.value().needsPostQuantumSeal() || header.flags().contains(Header.Flag.PQ_REQUIRED);
        if (second && sealed.seal().pqCms().isEmpty()) {
            return Result.no(ErrorCode.SIGNER_MISSING, "a post-quantum seal is required and absent");
        }
        Optional<Certificate> certificate = directory.certificate(header.signer());
        if (certificate.isEmpty()) {
            return Result.no(ErrorCode.WHO_ARE_YOU, "{0}: a certificate that is not known here", header.sender());
        }
        if (!signed(sealed.seal(), certificate.get(), directory)) {
            return Result.no(INVALID);
        }
        // From here on it is the holder of that certificate who is judged, not the bytes.
        Optional<Refusal> refusal = judge(header, sealed.seal(), directory);
        return refusal.isPresent() ? Result.no(refusal.get()) : Result.ok(parts.verified(sealed));
    }

    /**
     * The same for bytes that this node verified and stored itself: bindings and arithmetic once more, but not policy, which may have changed
     * since. Never for what comes from outside.
     *
     * @return the envelope, or {@code SEAL_INVALID}: then the store is damaged
     */
    public Result<VerifiedEnvelope> recheck(SealedEnvelope stored, DirectoryView directory) {
        Result<Bound> bound = bind(stored);
        if (!(bound instanceof Result.Ok<Bound> ok)) {
            return Result.no(bound.refusal());
        }
        Optional<Certificate> certificate =
                directory.certificate(ok.value().header().signer());
        return certificate.isPresent() && signed(stored.seal(), certificate.get(), directory)
                ? Result.ok(ok.value().verified(stored))
                : Result.no(INVALID);
    }

    /** Everything of an envelope that follows from its own bytes. */
    private record Bound(Header header, Hash core, Statement statement, Hash leaf, Hash root) {
        VerifiedEnvelope verified(SealedEnvelope sealed) {
            EnvelopeFacts facts = VerifiedEnvelope.facts(
                    header,
                    statement,
                    leaf,
                    root,
                    sealed.seal().index(),
                    sealed.seal().size());
            return new VerifiedEnvelope(sealed, facts, core);
        }
    }

    /** Strict texts, hashes, path: all but the signature. One face. */
    private static Result<Bound> bind(SealedEnvelope sealed) {
        if (!(CoreCodec.decode(sealed.core(), null) instanceof Result.Ok<Header> core)
                || !(StatementCodec.decode(sealed.statement(), core.value().network())
                        instanceof Result.Ok<Statement> stated)) {
            return Result.no(INVALID);
        }
        Header header = core.value();
        Statement statement = stated.value();
        Hash coreHash = Hash.of(sealed.core());
        if (!statement.core().equals(coreHash)
                || statement.manifests().size() != header.ids().size()
                || statement.slots().size() != header.recipients().size() + 1
                || statement.ciphertextLength() != sealed.ciphertext().length()
                || !slotsHold(sealed.slots(), statement.slots())) {
            return Result.no(INVALID);
        }
        Hash leaf = MerkleTree.leafHash(sealed.statement());
        Optional<RootText> root = SealTree.root(sealed.seal(), leaf, RootText.Kind.SEAL);
        if (root.isEmpty()
                || !root.get().network().equals(header.network())
                || root.get().suite() != header.suite()) {
            return Result.no(INVALID);
        }
        return Result.ok(new Bound(header, coreHash, statement, leaf, root.get().root()));
    }

    private static boolean slotsHold(List<Slot> slots, List<Hash> stated) {
        int last = -1;
        for (Slot slot : slots) {
            if (slot.number() <= last
                    || slot.number() >= stated.size()
                    || !Hash.of(slot.bytes()).equals(stated.get(slot.number()))) {
                return false;
            }
            last = slot.number();
        }
        return true;
    }

    /** The arithmetic: the classical seal by exactly this certificate, and the second one, where there is one, by its own. */
    private boolean signed(Seal seal, Certificate certificate, DirectoryView directory) {
        if (certificate.publicKeyAlgorithm().isPostQuantum()
                || !cache.verifies(seal.rootText(), seal.cms(), certificate)) {
            return false;
        }
        if (seal.pqCms().isEmpty()) {
            return true;
        }
        Bytes second = seal.pqCms().get();
        return CmsVerifier.claimedSigner(second)
                .flatMap(directory::certificate)
                .filter(own -> own.publicKeyAlgorithm().isPostQuantum())
                .filter(own -> cache.verifies(seal.rootText(), second, own))
                .isPresent();
    }

    /** Signer, revocation and suite, by the directory in force. */
    private static Optional<Refusal> judge(Header header, Seal seal, DirectoryView directory) {
        Instant at = header.created();
        Result<Certificate> signer = directory.signer(header.sender(), header.signer(), at);
        if (!signer.isOk()) {
            return Optional.of(signer.refusal());
        }
        if (seal.pqCms().isPresent()) {
            Result<Certificate> second = CmsVerifier.claimedSigner(seal.pqCms().get())
                    .map(hash -> directory.signer(header.sender(), hash, at))
                    .orElseGet(() -> Result.no(INVALID));
            if (!second.isOk()) {
                return Optional.of(second.refusal());
            }
        }
        for (Address recipient : header.recipients()) {
            int minimum = directory.directory().suiteMinimum(recipient);
            if (!directory.directory().policy().suites().allows(header.suite(), minimum)) {
                return Optional.of(Refusal.of(
                        ErrorCode.SUITE_TOO_LOW, "{0} accepts suite {1}, not {2}", recipient, minimum, header.suite()));
            }
        }
        return Optional.empty();
    }
}
