package lienthong.gateway.delivery;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.SignedReceipt;

/** Signs, outside the loop. {@code delivered} and policy returns under the node's evidence key, {@code consumed} and {@code returned} under the address's. */
public interface ReceiptPort {
    /**
     * Signs all drafts, as few signatures as there are keys. At most one call is open at a time, so whatever waits meanwhile forms the next
     * tree.
     *
     * @param drafts 1 to {@link lienthong.gateway.message.Limits#TREE_LEAVES_MAX}
     * @param then called in the loop with one answer for each draft, in order; empty where the key is away now (tried again later)
     */
    void sign(List<ReceiptDraft> drafts, Consumer<List<Optional<Signed>>> then);

    /** Signs a skip in the sender's name; {@code then} runs in the loop, empty when the key is away now. */
    void signSkip(Notice.Skip skip, Consumer<Optional<RoutedNotice>> then);

    /** A signed receipt and what it says. */
    record Signed(SignedReceipt signed, Receipt receipt) {}
}
