package lienthong.gateway.envelope;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.message.Bytes;

/**
 * An envelope opened: every check of the recipient passed, for all of its messages, before this existed. Small ones are held in memory;
 * larger ones are read a second time from where their ciphertext lies. Thread-safe; a {@link PartReader} is one thread's.
 */
public final class OpenedEnvelope {
    private final OpenedSlot slot;
    private final List<Bytes> manifestTexts;
    private final List<Manifest> manifests;
    private final List<List<Bytes>> parts;
    private final SealedSource source;
    private final Expander.Pool expanders;

    OpenedEnvelope(
            OpenedSlot slot,
            List<Bytes> manifestTexts,
            List<Manifest> manifests,
            List<List<Bytes>> parts,
            SealedSource source,
            Expander.Pool expanders) {
        this.slot = slot;
        this.manifestTexts = List.copyOf(manifestTexts);
        this.manifests = List.copyOf(manifests);
        this.parts = List.copyOf(parts);
        this.source = source;
        this.expanders = expanders;
    }

    public VerifiedEnvelope envelope() {
        return slot.envelope();
    }

    public SlotFacts slotFacts() {
        return slot.facts();
    }

    /** One for each message, in the core's order. */
    public List<Manifest> manifests() {
        return manifests;
    }

    /** The manifests' strict texts, whose hashes stand in the statement: for evidence. */
    public List<Bytes> manifestTexts() {
        return manifestTexts;
    }

    /** Whether {@link #partsInMemory} has the parts. */
    public boolean isInMemory() {
        return !parts.isEmpty();
    }

    /** The bytes of each part of one message; empty when they must be read by {@link #parts}. */
    public Optional<List<Bytes>> partsInMemory(int message) {
        return isInMemory() ? Optional.of(List.copyOf(parts.get(message))) : Optional.empty();
    }

    /** Reads one message's parts, from memory or by decrypting once more; what stands before the message is decrypted and skipped. */
    public PartReader parts(int message) throws IOException {
        return new PartReader(this, message);
    }

    List<List<Bytes>> memory() {
        return parts;
    }

    SealedSource source() {
        return source;
    }

    OpenedSlot slot() {
        return slot;
    }

    Expander.Pool expanders() {
        return expanders;
    }

    /** Copies, so that nothing inside can be changed. */
    static List<List<Bytes>> copyOf(List<List<Bytes>> parts) {
        List<List<Bytes>> copy = new ArrayList<>(parts.size());
        for (List<Bytes> one : parts) {
            copy.add(List.copyOf(one));
        }
        return copy;
    }
}
