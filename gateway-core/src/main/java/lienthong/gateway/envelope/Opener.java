package lienthong.gateway.envelope;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import lienthong.gateway.crypto.TokenAway;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.EnvelopeFacts;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Service;

/**
 * Opens verified envelopes for a recipient and checks all that only a recipient can: slot, key commitment, chunks, H(manifest), every part's
 * length and hash, padding. Nothing is handed on before the last check.
 *
 * <p>Cost: a payload of up to 1 MiB of plaintext is decrypted once and held. A larger one is decrypted twice, once to check and once to hand
 * out (about 1 s for each GB and pass on one core), in constant memory. Thread-safe; reads the source, so never on the loop.
 */
public final class Opener {
    private static final long HELD_BYTES_MAX = 1024 * 1024;

    private final SlotOpener slots;
    private final Expander.Pool expanders = new Expander.Pool();

    public Opener(SlotOpener slots) {
        this.slots = slots;
    }

    /**
     * Opens for a recipient.
     *
     * @param source the envelope's ciphertext
     * @return opened, {@code NOT_ADDRESSED}, {@code SUITE_UNKNOWN} where the suite's product is not installed, or one face for every other failure
     * @throws IOException when the source cannot be read, or, then with {@link TokenAway} as its cause, the suite's product does not answer: nothing
     *     is known then, try again
     */
    public Opening<OpenedEnvelope> open(
            VerifiedEnvelope envelope, Address recipient, RecipientKeys keys, SealedSource source) throws IOException {
        return open(unlocked(() -> slots.open(envelope, recipient, keys)), source);
    }

    /** Opens for the sender itself. */
    public Opening<OpenedEnvelope> openOwn(VerifiedEnvelope envelope, RecipientKeys keys, SealedSource source)
            throws IOException {
        return open(unlocked(() -> slots.openOwn(envelope, keys)), source);
    }

    /** Opens for a recipient whose keys changed, with the new slot of a verified re-wrap. */
    public Opening<OpenedEnvelope> open(
            VerifiedEnvelope envelope, VerifiedRewrap rewrap, RecipientKeys keys, SealedSource source)
            throws IOException {
        return open(unlocked(() -> slots.open(envelope, rewrap, keys)), source);
    }

    /** Whether the payload begins under the slot's content key: what a new slot must show before it takes the place of the sealed one. */
    public boolean isKeyOf(OpenedSlot slot, SealedSource source) throws IOException {
        if (source.length() != slot.envelope().facts().ciphertextLength()) {
            return false;
        }
        try (PlainStream stream = new PlainStream(source, slot)) {
            return stream.read() >= 0;
        } catch (Damaged notWhatItSays) {
            return false;
        }
    }

    private static Opening<OpenedSlot> unlocked(Supplier<Opening<OpenedSlot>> opening) throws IOException {
        try {
            return opening.get();
        } catch (TokenAway away) {
            throw new IOException(away.getMessage(), away);
        }
    }

    private Opening<OpenedEnvelope> open(Opening<OpenedSlot> slot, SealedSource source) throws IOException {
        return slot instanceof Opening.Opened<OpenedSlot> opened
                ? open(opened.value(), source)
                : new Opening.NotOpened<>(((Opening.NotOpened<OpenedSlot>) slot).reason());
    }

    /** Opens the payload with a slot already opened. */
    public Opening<OpenedEnvelope> open(OpenedSlot slot, SealedSource source) throws IOException {
        EnvelopeFacts facts = slot.envelope().facts();
        if (source.length() != facts.ciphertextLength()) {
            return Opening.no();
        }
        Expander expander = expanders.take();
        byte[] plain = null;
        try {
            InputStream stream;
            if (slot.envelope().sealed().ciphertext()
                            instanceof lienthong.gateway.message.SealedEnvelope.Ciphertext.Inline inline
                    && inline.length() == source.length()) {
                plain = PlainStream.openAll(inline.bytes(), slot);
                if (plain == null) {
                    return Opening.no();
                }
                stream = new ByteArrayInputStream(plain);
            } else {
                stream = new PlainStream(source, slot);
            }
            return new Opening.Opened<>(check(slot, stream, expander, source));
        } catch (Damaged notWhatItSays) {
            return Opening.no();
        } finally {
            if (plain != null) {
                Arrays.fill(plain, (byte) 0);
            }
            expanders.giveBack(expander);
        }
    }

    private OpenedEnvelope check(OpenedSlot slot, InputStream stream, Expander expander, SealedSource source)
            throws IOException {
        EnvelopeFacts facts = slot.envelope().facts();
        Header header = facts.header();
        PayloadReader reader = new PayloadReader(stream, header.network(), expander);
        List<Bytes> texts = new ArrayList<>();
        List<Manifest> manifests = new ArrayList<>();
        List<List<Bytes>> held = new ArrayList<>();
        long room = HELD_BYTES_MAX;
        byte[] buffer = new byte[16 * 1024];
        while (reader.nextMessage()) {
            int index = texts.size();
            if (index == header.ids().size()) {
                throw new Damaged("more messages than the core names");
            }
            List<Bytes> parts = new ArrayList<>();
            while (reader.nextPart()) {
                long length = reader.declared().get(parts.size()).length();
                room = length > room ? -1 : room - length;
                parts.add(read(reader, room < 0 ? -1 : (int) length, buffer));
            }
            if (room < 0) {
                held.clear();
            } else {
                held.add(parts);
            }
            Bytes text = reader.manifestText();
            if (!Hash.of(text).equals(facts.manifests().get(index))) {
                throw new Damaged("manifest is not the statement's");
            }
            Manifest manifest = reader.manifest(text);
            if (!manifest.id().equals(header.ids().get(index))
                    || !manifest.ordering().equals(slot.facts().orderingKey())
                    || !shows(header.service(), manifest.service())) {
                throw new Damaged("manifest does not belong to core and slot");
            }
            texts.add(text);
            manifests.add(manifest);
        }
        if (texts.size() != header.ids().size()) {
            throw new Damaged("fewer messages than the core names");
        }
        return new OpenedEnvelope(
                slot, texts, manifests, OpenedEnvelope.copyOf(room < 0 ? List.of() : held), source, expanders);
    }

    private static boolean shows(Optional<Service> shown, Service service) {
        return shown.isEmpty() || shown.get().equals(service);
    }

    /** Reads a part to its end; keeps its bytes when {@code length} is not −1. */
    private static Bytes read(PayloadReader reader, int length, byte[] buffer) throws IOException {
        byte[] kept = new byte[Math.max(0, length)];
        int size = 0;
        while (true) {
            int got = reader.read(buffer, 0, buffer.length);
            if (got < 0) {
                return Bytes.ofOwned(kept);
            }
            if (length >= 0) {
                // The reader has checked that no more comes than was declared.
                System.arraycopy(buffer, 0, kept, size, got);
                size += got;
            }
        }
    }
}
