package lienthong.gateway.envelope;

import java.util.Optional;
import lienthong.gateway.crypto.Certificate;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.directory.OrganisationEntry;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SignedReceipt;

/**
 * Checks receipts: form, path, signature, and whether who signs may say this for that address. What it says is then compared with the message
 * by {@link #matches}. Thread-safe. Source: docs/spec/envelope.md, "Receipt".
 */
public final class ReceiptVerifier {
    private static final Refusal FORGED = Refusal.of(ErrorCode.RECEIPT_FORGED);

    private final SealCache cache;

    public ReceiptVerifier(SealCache cache) {
        this.cache = cache;
    }

    /**
     * Checks a receipt as received.
     *
     * @return the receipt; {@code RECEIPT_FORGED} for whatever is wrong with bytes, signature or signer, {@code OTHER_NETWORK};
     *     {@code REVOKED} or {@code CERTIFICATE_EXPIRED} of a true signer; {@code WHO_ARE_YOU} when the certificate is not known here yet.
     *     That an {@code expired} is the sender's own word, {@link #matches} tells
     */
    public Result<Receipt> verify(SignedReceipt signed, DirectoryView directory) {
        if (!(ReceiptCodec.decode(signed.text(), null) instanceof Result.Ok<Receipt> ok)) {
            return Result.no(FORGED);
        }
        Receipt receipt = ok.value();
        Optional<RootText> root =
                SealTree.root(signed.seal(), MerkleTree.leafHash(signed.text()), RootText.Kind.RECEIPT_SEAL);
        if (root.isEmpty() || !root.get().network().equals(receipt.network())) {
            return Result.no(FORGED);
        }
        if (!receipt.network().equals(directory.network())) {
            return Result.no(
                    ErrorCode.OTHER_NETWORK,
                    "receipt of network {0}",
                    receipt.network().hex());
        }
        Result<Suite> suite = Suite.ofNumber(root.get().suite());
        if (!suite.isOk()) {
            return Result.no(suite.refusal());
        }
        Optional<Certificate> certificate = directory.certificate(receipt.signer());
        if (certificate.isEmpty()) {
            return Result.no(ErrorCode.WHO_ARE_YOU, "{0}: a certificate that is not known here", receipt.recipient());
        }
        if (certificate.get().publicKeyAlgorithm().isPostQuantum()
                || !cache.verifies(signed.seal().rootText(), signed.seal().cms(), certificate.get())) {
            return Result.no(FORGED);
        }
        Result<Certificate> may = mayState(receipt, directory);
        if (may.isOk()) {
            return Result.ok(receipt);
        }
        return may.refusal().reason() == ErrorCode.WHO_ARE_YOU ? Result.no(FORGED) : Result.no(may.refusal());
    }

    /** Whether the directory lets this certificate say this for that address. */
    private static Result<Certificate> mayState(Receipt receipt, DirectoryView directory) {
        if (receipt.kind() == Receipt.Kind.EXPIRED) {
            // The sender's address is not in the text: any address's certificate in force, compared with the core's by
            // matches().
            return directory
                    .certificateRecord(receipt.signer())
                    .map(record -> directory.signer(record.holder(), receipt.signer(), receipt.time()))
                    .orElseGet(() -> Result.no(ErrorCode.WHO_ARE_YOU, "no address's certificate"));
        }
        Result<Certificate> own = directory.signer(receipt.recipient(), receipt.signer(), receipt.time());
        if (own.isOk() || own.refusal().reason() != ErrorCode.WHO_ARE_YOU) {
            return own;
        }
        return switch (receipt.kind()) {
            case DELIVERED ->
                directory.delegate(
                        receipt.recipient(), receipt.signer(), OrganisationEntry.Delegation.DELIVERED, receipt.time());
            case RETURNED ->
                isPolicy(receipt)
                        ? directory.delegate(
                                receipt.recipient(),
                                receipt.signer(),
                                OrganisationEntry.Delegation.RETURNED,
                                receipt.time())
                        : own;
            case CONSUMED, EXPIRED -> own;
        };
    }

    /** What the application gave back, it alone may say. */
    private static boolean isPolicy(Receipt receipt) {
        return receipt.reason()
                .filter(ErrorCode.RETURNED_BY_APPLICATION::equals)
                .isEmpty();
    }

    /**
     * Whether a verified receipt speaks about this message of this envelope: every field.
     *
     * @param id the message, one of the envelope's
     */
    public static boolean matches(Receipt receipt, EnvelopeFacts facts, MessageId id) {
        if (!receipt.network().equals(facts.header().network())
                || !facts.header().ids().contains(id)
                || !facts.header().recipients().contains(receipt.recipient())
                || receipt.kind() == Receipt.Kind.EXPIRED
                        && !receipt.signer().equals(facts.header().signer())) {
            return false;
        }
        if (receipt.subject() instanceof Receipt.Subject.One one) {
            return one.id().equals(id)
                    && one.leaf().equals(facts.leaf())
                    && one.ciphertextRoot().equals(facts.ciphertextRoot());
        }
        Receipt.Subject.Range range = (Receipt.Subject.Range) receipt.subject();
        return range.sealRoot().equals(facts.sealRoot())
                && range.treeSize() == facts.treeSize()
                && range.first() <= facts.index()
                && facts.index() <= range.last();
    }
}
