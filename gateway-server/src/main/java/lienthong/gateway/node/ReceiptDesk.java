package lienthong.gateway.node;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.crypto.SigningKey;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.delivery.Notice;
import lienthong.gateway.delivery.ReceiptDraft;
import lienthong.gateway.delivery.ReceiptPort;
import lienthong.gateway.delivery.RoutedNotice;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.EnvelopeWire;
import lienthong.gateway.envelope.NoticeSigner;
import lienthong.gateway.envelope.ReceiptSigner;
import lienthong.gateway.envelope.SignedNotice;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Incarnation;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SignedReceipt;

/**
 * Signs receipts, as few signatures as there are keys: {@code delivered} and returns by policy under the node's evidence key, everything an
 * application or a sender says under the address's own. Confined to the loop; the arithmetic is offloaded.
 */
final class ReceiptDesk implements ReceiptPort {
    private final Loop loop;
    private final Clock clock;
    private final NeighbourClocks clocks;
    private final DirectoryDesk directory;
    private final KeyRing keys;
    private final Incarnation incarnation;

    ReceiptDesk(
            Loop loop,
            Clock clock,
            NeighbourClocks clocks,
            DirectoryDesk directory,
            KeyRing keys,
            Incarnation incarnation) {
        this.clocks = clocks;
        this.loop = loop;
        this.clock = clock;
        this.directory = directory;
        this.keys = keys;
        this.incarnation = incarnation;
    }

    @Override
    public void sign(List<ReceiptDraft> drafts, Consumer<List<Optional<Signed>>> then) {
        DirectoryView view = directory.view();
        Instant now = clock.now();
        if (clocks.farAheadOfParent().isPresent()) {
            List<Optional<Signed>> none =
                    drafts.stream().map(draft -> Optional.<Signed>empty()).toList();
            loop.execute(() -> then.accept(none)); // as if the key were away: again when the clock is right
            return;
        }
        loop.offload(0, () -> signAll(view, drafts, now), then);
    }

    private List<Optional<Signed>> signAll(DirectoryView view, List<ReceiptDraft> drafts, Instant now) {
        List<Optional<Signed>> results = new ArrayList<>();
        Map<Hash, List<Integer>> bySigner = new LinkedHashMap<>();
        Map<Hash, SigningKey> signers = new LinkedHashMap<>();
        for (int i = 0; i < drafts.size(); i++) {
            results.add(Optional.empty());
            Optional<SigningKey> key = keyFor(view, drafts.get(i)).filter(signer -> isInForce(signer, now));
            if (key.isPresent()) {
                Hash certificate = key.get().certificate().hash();
                signers.put(certificate, key.get());
                bySigner.computeIfAbsent(certificate, any -> new ArrayList<>()).add(i);
            }
        }
        bySigner.forEach((certificate, places) -> {
            for (int from = 0; from < places.size(); from += Limits.TREE_LEAVES_MAX) {
                List<Integer> tree = places.subList(from, Math.min(places.size(), from + Limits.TREE_LEAVES_MAX));
                List<Receipt> receipts = tree.stream()
                        .map(place -> receipt(view, drafts.get(place), certificate, now))
                        .toList();
                SigningKey key = java.util.Objects.requireNonNull(signers.get(certificate));
                Result<List<SignedReceipt>> signed = ReceiptSigner.sign(receipts, Suite.HYBRID_1.number(), key, now);
                if (signed instanceof Result.Ok<List<SignedReceipt>> ok) {
                    for (int i = 0; i < tree.size(); i++) {
                        results.set(
                                tree.get(i), Optional.of(new Signed(ok.value().get(i), receipts.get(i))));
                    }
                }
            }
        });
        return results;
    }

    /**
     * By a clock that is wrong by years a certificate has ended or not begun: what it signs now nobody would take, and nobody would sign it again. A key
     * that is away only makes it wait.
     */
    private static boolean isInForce(SigningKey key, Instant now) {
        return key.certificate().isValidAt(now);
    }

    private Optional<SigningKey> keyFor(DirectoryView view, ReceiptDraft draft) {
        return switch (draft.kind()) {
            case DELIVERED -> Optional.of(keys.evidenceKey());
            case RETURNED ->
                draft.reason().filter(ErrorCode.RETURNED_BY_APPLICATION::equals).isPresent()
                        ? keys.signingKey(view.identityOf(draft.speaker()))
                        : Optional.of(keys.evidenceKey());
            case CONSUMED, EXPIRED -> keys.signingKey(view.identityOf(draft.speaker()));
        };
    }

    private Receipt receipt(DirectoryView view, ReceiptDraft draft, Hash certificate, Instant now) {
        return new Receipt(
                view.network(),
                draft.kind(),
                draft.subject(),
                draft.recipient(),
                certificate,
                draft.reason(),
                now,
                view.version(),
                incarnation,
                draft.deliveryCount());
    }

    @Override
    public void signSkip(Notice.Skip skip, Consumer<Optional<RoutedNotice>> then) {
        DirectoryView view = directory.view();
        Instant now = clock.now();
        Optional<SigningKey> key =
                keys.signingKey(view.identityOf(skip.from())).filter(signer -> isInForce(signer, now));
        if (key.isEmpty() || clocks.farAheadOfParent().isPresent()) {
            then.accept(Optional.empty());
            return;
        }
        SigningKey signer = key.get();
        lienthong.gateway.envelope.Notice.Skip text = new lienthong.gateway.envelope.Notice.Skip(
                view.network(),
                skip.from(),
                signer.certificate().hash(),
                skip.incarnation(),
                skip.recipient(),
                skip.number(),
                skip.reason(),
                now,
                view.version());
        loop.offload(
                0,
                () -> NoticeSigner.sign(text, signer, now),
                signed -> then.accept(
                        signed instanceof Result.Ok<SignedNotice> ok
                                ? Optional.of(new RoutedNotice(skip, EnvelopeWire.noticeBytes(ok.value())))
                                : Optional.empty()));
    }
}
