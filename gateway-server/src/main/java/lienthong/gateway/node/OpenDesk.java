package lienthong.gateway.node;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import lienthong.gateway.api.ContentStream;
import lienthong.gateway.api.Draft;
import lienthong.gateway.api.ReceiveDoor;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.delivery.LeasedMessage;
import lienthong.gateway.directory.DirectoryView;
import lienthong.gateway.envelope.EnvelopeVerifier;
import lienthong.gateway.envelope.EnvelopeWire;
import lienthong.gateway.envelope.Manifest;
import lienthong.gateway.envelope.NoticeVerifier;
import lienthong.gateway.envelope.OpenedEnvelope;
import lienthong.gateway.envelope.Opener;
import lienthong.gateway.envelope.PartReader;
import lienthong.gateway.envelope.RecipientKeys;
import lienthong.gateway.envelope.SealedSource;
import lienthong.gateway.envelope.VerifiedEnvelope;
import lienthong.gateway.envelope.VerifiedRewrap;
import lienthong.gateway.environment.Loop;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope;
import lienthong.gateway.store.MessageStore;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.SpoolId;

/**
 * Opens messages with the keys of this node's addresses. Blocks (processor, spool): called in offloaded work only. Thread-safe.
 */
final class OpenDesk {
    /** Bundles kept opened, each at most 1 MiB. */
    private static final int RECENT_MAX = 4;

    private final KeyRing keys;
    private final EnvelopeVerifier verifier;
    private final Opener opener;
    private final ManifestVault vault;
    private final MessageStore store;
    private final Loop loop;
    private final Map<Place, Recent> recent = new LinkedHashMap<>(8, 0.75f, true);

    OpenDesk(
            KeyRing keys,
            EnvelopeVerifier verifier,
            Opener opener,
            ManifestVault vault,
            MessageStore store,
            Loop loop) {
        this.keys = keys;
        this.verifier = verifier;
        this.opener = opener;
        this.vault = vault;
        this.store = store;
        this.loop = loop;
    }

    /** One leased message, opened or not. */
    record Opening(LeasedMessage leased, Optional<HandOver> opened, Optional<Refusal> refusal) {}

    /**
     * A batch opened.
     *
     * @param messages in the order in which they were leased
     * @param manifests of each envelope that opened, by its leaf, enciphered for the archive
     */
    record Batch(List<Opening> messages, Map<Hash, Bytes> manifests) {
        Batch {
            messages = List.copyOf(messages);
            manifests = Map.copyOf(manifests);
        }
    }

    /** Forgets what was opened lately: with an epoch key goes what it has opened. */
    void forget() {
        synchronized (recent) {
            recent.clear();
        }
    }

    /** Bundles kept opened now. */
    int kept() {
        synchronized (recent) {
            return recent.size();
        }
    }

    /** Opens a batch; messages of one envelope cost one opening. */
    Batch open(List<LeasedMessage> leased, DirectoryView directory) {
        Map<Place, Result<Recent>> envelopes = new HashMap<>();
        Map<Hash, Bytes> manifests = new HashMap<>();
        List<Opening> results = new ArrayList<>(leased.size());
        for (LeasedMessage message : leased) {
            Result<Recent> opened = envelopes.get(Place.of(message));
            if (opened == null) {
                opened = openOnce(message, directory);
                envelopes.put(Place.of(message), opened);
                if (opened instanceof Result.Ok<Recent> ok) {
                    manifests.put(message.facts().leaf(), ok.value().manifests());
                }
            }
            forgetAfterLast(message);
            results.add(
                    opened instanceof Result.Ok<Recent> ok
                            ? new Opening(
                                    message,
                                    Optional.of(handOver(message, ok.value().opened())),
                                    Optional.empty())
                            : new Opening(message, Optional.empty(), Optional.of(opened.refusal())));
        }
        return new Batch(results, manifests);
    }

    /**
     * Opens for whoever of this node may read it, its sender or a recipient; empty when the keys of none are here.
     *
     * @param rewraps the signed notices with slots made anew, for recipients here whose keys changed
     */
    Optional<OpenedEnvelope> openOwnOrReceived(SealedEnvelope sealed, List<Bytes> rewraps, DirectoryView directory)
            throws IOException {
        if (!(verifier.recheck(sealed, directory) instanceof Result.Ok<VerifiedEnvelope> verified)
                || !(source(sealed.ciphertext()) instanceof Result.Ok<SealedSource> source)) {
            return Optional.empty();
        }
        Header header = verified.value().facts().header();
        if (opener.openOwn(verified.value(), keysOf(header.sender(), directory), source.value())
                instanceof lienthong.gateway.envelope.Opening.Opened<OpenedEnvelope> own) {
            return Optional.of(own.value());
        }
        for (Address recipient : header.recipients()) {
            if (opener.open(verified.value(), recipient, keysOf(recipient, directory), source.value())
                    instanceof lienthong.gateway.envelope.Opening.Opened<OpenedEnvelope> received) {
                return Optional.of(received.value());
            }
        }
        for (Bytes notice : rewraps) {
            if (openBy(notice, verified.value(), directory, source.value())
                    instanceof lienthong.gateway.envelope.Opening.Opened<OpenedEnvelope> received) {
                return Optional.of(received.value());
            }
        }
        return Optional.empty();
    }

    private RecipientKeys keysOf(Address address, DirectoryView directory) {
        Address identity = directory.identityOf(address);
        return keyId -> keys.recipientKey(identity, keyId);
    }

    /** An envelope for one of its recipients. */
    private record Place(Hash leaf, Address recipient) {
        static Place of(LeasedMessage message) {
            return new Place(message.facts().leaf(), message.address());
        }
    }

    /** An opened envelope, its manifests enciphered, and the directory it was judged by. */
    private record Recent(OpenedEnvelope opened, Bytes manifests, DirectoryView directory) {}

    /**
     * A consumer's credit takes a bundle out in pieces; each piece would cost the opening of all 64 messages. What a changed directory may judge
     * otherwise is opened anew.
     */
    private Result<Recent> openOnce(LeasedMessage message, DirectoryView directory) {
        synchronized (recent) {
            Recent before = recent.get(Place.of(message));
            if (before != null && before.directory() == directory) {
                return Result.ok(before);
            }
        }
        Result<OpenedEnvelope> read = open(message, directory);
        if (!read.isOk()
                && read.refusal().reason() != ErrorCode.SUITE_UNKNOWN
                && read.refusal().reason() != ErrorCode.TOKEN_AWAY) {
            Optional<Refusal> damaged =
                    PayloadGuard.fault(store, message.sealed().ciphertext(), message.facts());
            if (damaged.isPresent()) {
                return Result.no(damaged.get());
            }
        }
        Result<Recent> opened = read.map(envelope ->
                new Recent(envelope, vault.lock(message.facts().leaf(), envelope.manifestTexts()), directory));
        if (opened instanceof Result.Ok<Recent> ok && ok.value().opened().isInMemory()) {
            synchronized (recent) {
                recent.put(Place.of(message), ok.value());
                while (recent.size() > RECENT_MAX) {
                    recent.remove(recent.keySet().iterator().next());
                }
            }
        }
        return opened;
    }

    /** Messages of a bundle are leased in their order: with the last one nobody needs its plaintext here any more. */
    private void forgetAfterLast(LeasedMessage message) {
        if (message.position() == message.facts().header().ids().size() - 1) {
            synchronized (recent) {
                recent.remove(Place.of(message));
            }
        }
    }

    /** A file that cannot be read is one message's misfortune, not the node's. */
    private Result<OpenedEnvelope> open(LeasedMessage message, DirectoryView directory) {
        try {
            return read(message, directory);
        } catch (IOException unreadable) {
            if (unreadable.getCause() instanceof TokenAway away) {
                return Result.no(ErrorCode.TOKEN_AWAY, Detail.technical(away));
            }
            return Result.no(
                    ErrorCode.SPOOL_MISSING, "payload of {0}: {1}", message.id(), Detail.technical(unreadable));
        }
    }

    private Result<OpenedEnvelope> read(LeasedMessage message, DirectoryView directory) throws IOException {
        Result<VerifiedEnvelope> checked = verifier.recheck(message.sealed(), directory);
        if (!(checked instanceof Result.Ok<VerifiedEnvelope> verified)) {
            return Result.no(checked.refusal());
        }
        Result<SealedSource> source = source(message.sealed().ciphertext());
        if (!(source instanceof Result.Ok<SealedSource> there)) {
            return Result.no(source.refusal());
        }
        lienthong.gateway.envelope.Opening<OpenedEnvelope> opened =
                opened(message, verified.value(), directory, there.value());
        if (opened instanceof lienthong.gateway.envelope.Opening.Opened<OpenedEnvelope> yes) {
            return Result.ok(yes.value());
        }
        return Result.no(
                ((lienthong.gateway.envelope.Opening.NotOpened<OpenedEnvelope>) opened).reason(),
                "{0} for {1}",
                message.id(),
                message.address());
    }

    private lienthong.gateway.envelope.Opening<OpenedEnvelope> opened(
            LeasedMessage message, VerifiedEnvelope verified, DirectoryView directory, SealedSource source)
            throws IOException {
        return message.rewrap().isEmpty()
                ? opener.open(verified, message.address(), keysOf(message.address(), directory), source)
                : openBy(message.rewrap().get(), verified, directory, source);
    }

    /** With the slot that the sender made anew. */
    private lienthong.gateway.envelope.Opening<OpenedEnvelope> openBy(
            Bytes signed, VerifiedEnvelope verified, DirectoryView directory, SealedSource source) throws IOException {
        Result<VerifiedRewrap> rewrap =
                EnvelopeWire.parseNotice(signed).then(notice -> NoticeVerifier.rewrap(notice, verified, directory));
        return rewrap instanceof Result.Ok<VerifiedRewrap> ok
                ? opener.open(verified, ok.value(), keysOf(ok.value().notice().recipient(), directory), source)
                : new lienthong.gateway.envelope.Opening.NotOpened<>(ErrorCode.SEAL_INVALID);
    }

    /** Where a ciphertext is read from; {@code SPOOL_MISSING} when its file is gone. */
    Result<SealedSource> source(SealedEnvelope.Ciphertext ciphertext) {
        if (ciphertext instanceof SealedEnvelope.Ciphertext.Inline inline) {
            return Result.ok(SealedSource.of(inline.bytes()));
        }
        SealedEnvelope.Ciphertext.Spooled spooled = (SealedEnvelope.Ciphertext.Spooled) ciphertext;
        return Result.ok(new SpooledSource(store, new SpoolId(spooled.spoolId()), spooled.length()));
    }

    /** Opens the file for each read: a handle held for the life of a lease would outlive its reader. */
    private record SpooledSource(MessageStore store, SpoolId id, long length) implements SealedSource {
        @Override
        public void read(long offset, byte[] into, int at, int size) throws IOException {
            Result<Spool.Reader> opened = store.spool().open(id);
            if (!(opened instanceof Result.Ok<Spool.Reader> ok)) {
                throw new IOException(opened.refusal().toString());
            }
            try (Spool.Reader reader = ok.value()) {
                Result<Integer> count = reader.read(offset, java.nio.ByteBuffer.wrap(into, at, size));
                if (!(count instanceof Result.Ok<Integer> read) || read.value() != size) {
                    throw new IOException(
                            count.isOk()
                                    ? "spool file " + id.value() + " ends early"
                                    : count.refusal().toString());
                }
            }
        }
    }

    private HandOver handOver(LeasedMessage message, OpenedEnvelope opened) {
        Manifest manifest = opened.manifests().get(message.position());
        List<Draft.Part> parts = manifest.parts().stream()
                .map(part -> new Draft.Part(part.name(), part.type(), part.length(), Optional.of(part.hash())))
                .toList();
        ReceiveDoor.Content content = opened.partsInMemory(message.position())
                .<ReceiveDoor.Content>map(ReceiveDoor.Content.Whole::new)
                .orElseGet(() -> new ReceiveDoor.Content.Large(new Parts(opened, message.position(), message.lease())));
        return new HandOver(
                message,
                manifest.service(),
                manifest.subject(),
                manifest.contentType(),
                manifest.correlation(),
                manifest.ordering(),
                parts,
                content);
    }

    /** A large message's parts, read from the spool as the application takes them. */
    private final class Parts implements ContentStream {
        private static final int CHUNK_BYTES = 256 * 1024;

        private final OpenedEnvelope opened;
        private final int message;
        private final long lane;
        private @org.jspecify.annotations.Nullable PartReader reader;
        private boolean inPart;

        Parts(OpenedEnvelope opened, int message, long lease) {
            this.opened = opened;
            this.message = message;
            this.lane = (1L << 50) + lease;
        }

        @Override
        public void next(Consumer<Piece> then) {
            loop.offload(lane, this::read, then);
        }

        private Piece read() {
            try {
                PartReader in = reader;
                if (in == null) {
                    in = opened.parts(message);
                    reader = in;
                }
                byte[] chunk = new byte[CHUNK_BYTES];
                while (true) {
                    if (!inPart) {
                        if (!in.next()) {
                            in.close();
                            return new Piece.End();
                        }
                        inPart = true;
                    }
                    int size = 0;
                    while (size < chunk.length) {
                        int count = in.read(chunk, size, chunk.length - size);
                        if (count < 0) {
                            inPart = false;
                            break;
                        }
                        size += count;
                    }
                    if (size > 0) {
                        Bytes bytes = size == chunk.length ? Bytes.ofOwned(chunk) : Bytes.copyOf(chunk, 0, size);
                        return new Piece.Chunk(in.index(), bytes);
                    }
                }
            } catch (IOException cannot) {
                return new Piece.Failed(
                        Refusal.of(ErrorCode.SPOOL_MISSING, "payload of the lease: {0}", Detail.technical(cannot)));
            }
        }

        @Override
        public void close() {
            loop.offload(
                    lane,
                    () -> {
                        PartReader in = reader;
                        if (in != null) {
                            in.close();
                        }
                        return true;
                    },
                    done -> {});
        }
    }
}
