package lienthong.gateway.envelope;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Seal;
import lienthong.gateway.message.SignedReceipt;

/** One signature, many receipts. Stateless, thread-safe. */
public final class ReceiptSigner {
    private ReceiptSigner() {}

    /**
     * Signs everything that one key has to state.
     *
     * @param receipts 1 to {@link lienthong.gateway.message.Limits#TREE_LEAVES_MAX} of one network, each naming the key's certificate
     * @param suite of the envelopes they are about
     * @param now claimed by the signature
     * @return the receipts with their seals, in order; {@code TOKEN_AWAY}
     */
    public static Result<List<SignedReceipt>> sign(List<Receipt> receipts, int suite, SigningKey key, Instant now) {
        Hash network = receipts.get(0).network();
        List<Bytes> texts = new ArrayList<>(receipts.size());
        List<Hash> leaves = new ArrayList<>(receipts.size());
        for (Receipt receipt : receipts) {
            Invariant.check(
                    receipt.network().equals(network)
                            && receipt.signer().equals(key.certificate().hash()),
                    "one network and signer under one seal");
            Bytes text = ReceiptCodec.encode(receipt);
            texts.add(text);
            leaves.add(MerkleTree.leafHash(text));
        }
        return SealTree.sign(network, RootText.Kind.RECEIPT_SEAL, suite, leaves, key, Optional.empty(), now)
                .map(seals -> signed(texts, seals));
    }

    private static List<SignedReceipt> signed(List<Bytes> texts, List<Seal> seals) {
        List<SignedReceipt> signed = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            signed.add(new SignedReceipt(texts.get(i), seals.get(i)));
        }
        return List.copyOf(signed);
    }
}
