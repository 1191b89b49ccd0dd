package lienthong.gateway.node;

import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import lienthong.gateway.api.ContentStream;
import lienthong.gateway.delivery.Delivery;
import lienthong.gateway.delivery.Evidence;
import lienthong.gateway.delivery.RoutedReceipt;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.CoreCodec;
import lienthong.gateway.envelope.OpenedEnvelope;
import lienthong.gateway.envelope.PartReader;
import lienthong.gateway.envelope.evidence.EvidencePieces;
import lienthong.gateway.envelope.evidence.EvidenceSource;
import lienthong.gateway.envelope.evidence.EvidenceWriter;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.merkle.MerkleTree;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.MessageId;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SignedReceipt;

/**
 * Gathers what proves one message and gives it as a zip that strangers can check, a piece at a time. What is in custody or in the archive is asked of
 * delivery in the loop; opening, collecting and packing are done outside it.
 */
final class EvidenceDesk {
    private final Loop loop;
    private final Delivery delivery;
    private final Supplier<DirectoryView> directory;
    private final OpenDesk opening;
    private final ManifestVault vault;
    private final ProofShelf shelf;
    private final Controls controls;
    private long lanes = 1L << 51;

    /**
     * Makes the desk.
     *
     * @param directory in the loop
     */
    EvidenceDesk(
            Loop loop,
            Delivery delivery,
            Supplier<DirectoryView> directory,
            OpenDesk opening,
            ManifestVault vault,
            ProofShelf shelf,
            Controls controls) {
        this.loop = loop;
        this.delivery = delivery;
        this.directory = directory;
        this.opening = opening;
        this.vault = vault;
        this.shelf = shelf;
        this.controls = controls;
    }

    /**
     * Any thread.
     *
     * @param answer in the loop: the zip; {@code MESSAGE_UNKNOWN}; {@code CONTENT_NOT_HERE}; {@code EVIDENCE_INVALID} when what proves the
     *     signers is missing in the directory known here
     */
    void export(MessageId id, boolean withContent, Consumer<Result<ContentStream>> answer) {
        loop.execute(() -> delivery.evidence(id, found -> {
            if (found.isEmpty()) {
                answer.accept(Result.no(ErrorCode.MESSAGE_UNKNOWN, "{0}", id));
                return;
            }
            DirectoryView view = directory.get();
            long lane = lanes++;
            loop.offload(lane, () -> gather(found.get(), withContent, view, lane), answer);
        }));
    }

    private Result<ContentStream> gather(Evidence found, boolean withContent, DirectoryView view, long lane) {
        Result<Header> core = CoreCodec.decode(found.core(), view.network());
        if (!(core instanceof Result.Ok<Header> header)) {
            return Result.no(core.refusal());
        }
        int position = header.value().ids().indexOf(found.id());
        Optional<Bytes> manifest = vault.unlock(MerkleTree.leafHash(found.statement()), found.manifests())
                .map(all -> all.get(position));
        Optional<PartReader> parts = Optional.empty();
        if (withContent || manifest.isEmpty()) {
            try {
                Optional<OpenedEnvelope> opened = found.held().isPresent()
                        ? opening.openOwnOrReceived(found.held().get(), found.rewraps(), view)
                        : Optional.empty();
                manifest =
                        manifest.or(() -> opened.map(one -> one.manifestTexts().get(position)));
                if (withContent && opened.isPresent()) {
                    parts = Optional.of(opened.get().parts(position));
                }
            } catch (IOException cannotRead) {
                return Result.no(ErrorCode.SPOOL_MISSING, "{0}: {1}", found.id(), Detail.technical(cannotRead));
            }
            if (withContent && parts.isEmpty()) {
                return Result.no(ErrorCode.CONTENT_NOT_HERE, "{0}", found.id());
            }
        }
        Result<EvidencePieces> pieces = EvidenceWriter.pieces(new EvidenceSource(
                found.id(),
                found.core(),
                found.statement(),
                found.seal(),
                manifest,
                parts,
                about(found),
                controls.auditProofs(found.envelope(), found.tracked().acceptedAt()),
                found.sequences(),
                view,
                shelf.kept(found.proofs())));
        if (!pieces.isOk()) {
            parts.ifPresent(PartReader::close);
        }
        return pieces.map(zip -> new Zip(zip, found.id(), lane));
    }

    /** The receipts that speak of this message, oldest first, each once: its envelope may have carried others. */
    private static List<SignedReceipt> about(Evidence found) {
        Map<Bytes, RoutedReceipt> each = new LinkedHashMap<>();
        for (RoutedReceipt receipt : found.receipts()) {
            if (!(receipt.receipt().subject() instanceof Receipt.Subject.One one)
                    || one.id().equals(found.id())) {
                each.putIfAbsent(receipt.signed().text(), receipt);
            }
        }
        return each.values().stream()
                .sorted(Comparator.comparing(receipt -> receipt.receipt().time()))
                .map(RoutedReceipt::signed)
                .toList();
    }

    /** The zip on its way; made outside the loop. */
    private final class Zip implements ContentStream {
        private final EvidencePieces pieces;
        private final MessageId id;
        private final long lane;

        Zip(EvidencePieces pieces, MessageId id, long lane) {
            this.pieces = pieces;
            this.id = id;
            this.lane = lane;
        }

        @Override
        public void next(Consumer<Piece> then) {
            loop.offload(lane, this::piece, then);
        }

        private Piece piece() {
            try {
                Optional<Bytes> next = pieces.next();
                if (next.isPresent()) {
                    return new Piece.Chunk(0, next.get());
                }
                pieces.close();
                return new Piece.End();
            } catch (IOException gone) {
                // Most likely it settled while it was read, and its payload was let go.
                return new Piece.Failed(Refusal.of(ErrorCode.CONTENT_NOT_HERE, "{0}: {1}", id, Detail.technical(gone)));
            }
        }

        @Override
        public void close() {
            loop.offload(
                    lane,
                    () -> {
                        pieces.close();
                        return true;
                    },
                    closed -> {});
        }
    }
}
