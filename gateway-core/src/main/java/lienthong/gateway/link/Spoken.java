package lienthong.gateway.link;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.SealedEnvelope;

/**
 * What this side has said once in a session: signed roots and encs by number, so that a thousand envelopes of one batch carry one signature.
 * The number longest unused is said anew. Confined to the loop.
 */
final class Spoken {
    /** What one side's sayings may take together at the reader. */
    static final int BYTES_MAX = 1024 * 1024;
    /** A frame refers to no more than this, far less than there is room for: so nothing it refers to is forgotten while it is put together. */
    static final int USED_IN_FRAME_MAX = 100;

    static final int USED_BYTES_IN_FRAME_MAX = BYTES_MAX / 2;

    static final int ENC_AT = SealedEnvelope.Slot.ENC_AT;
    static final int AFTER_ENC = SealedEnvelope.Slot.AFTER_ENC_BYTES;
    /** Below this a reference saves nothing worth a number. */
    private static final int ENC_MIN = 512;
    /** What replaces a forgotten saying. */
    private static final Bytes NOTHING = Bytes.ofOwned(new byte[1]);
    /** With more recipients each enc is its own, and all together would push everything else out. */
    static final int SLOTS_MAX = 16;

    private final Map<Object, Entry> entries = new LinkedHashMap<>(64, 0.75f, true);
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private int bytes;
    private long frame;
    private int usedInFrame;
    private int usedBytesInFrame;

    private static final class Entry {
        private final int number;
        private final int bytes;
        private long frame;

        Entry(int number, int bytes) {
            this.number = number;
            this.bytes = bytes;
        }
    }

    Spoken() {
        for (int number = 0; number < FrameShapes.SAID_MAX; number++) {
            free.add(number);
        }
    }

    /** What follows goes into one frame. */
    void startFrame() {
        frame++;
        usedInFrame = 0;
        usedBytesInFrame = 0;
    }

    /** Whether one more envelope or receipt may go into this frame. */
    boolean hasRoomInFrame() {
        return usedInFrame < USED_IN_FRAME_MAX && usedBytesInFrame < USED_BYTES_IN_FRAME_MAX;
    }

    /** The seal as it travels; what must be said before is added to {@code before}. */
    Frame.CarriedSeal seal(SealedEnvelope.Seal seal, List<Frame> before) {
        Frame.SealRoot root = new Frame.SealRoot(seal.rootText(), seal.cms(), seal.pqCms());
        Entry entry = entries.get(root);
        if (entry == null) {
            entry = put(root, root.bytes(), before);
            before.add(new Frame.SaidRoot(entry.number, root));
        }
        return new Frame.CarriedSeal(seal.index(), seal.size(), seal.path(), use(entry));
    }

    /** The slots as they travel; likewise. */
    List<Frame.CarriedSlot> slots(List<SealedEnvelope.Slot> slots, List<Frame> before) {
        List<Frame.CarriedSlot> carried = new ArrayList<>(slots.size());
        for (SealedEnvelope.Slot slot : slots) {
            carried.add(
                    slots.size() > SLOTS_MAX || slot.bytes().size() < ENC_AT + ENC_MIN + AFTER_ENC
                            ? new Frame.CarriedSlot(slot.number(), slot.bytes(), -1)
                            : slot(slot, before));
        }
        return carried;
    }

    private Frame.CarriedSlot slot(SealedEnvelope.Slot slot, List<Frame> before) {
        int encBytes = slot.bytes().size() - ENC_AT - AFTER_ENC;
        Bytes enc = slot.bytes().slice(ENC_AT, encBytes);
        Entry entry = entries.get(enc);
        if (entry == null) {
            Bytes own = Bytes.ofOwned(enc.toArray());
            entry = put(own, encBytes, before);
            before.add(new Frame.SaidEnc(entry.number, own));
        }
        Bytes rest = slot.bytes().slice(0, ENC_AT).plus(slot.bytes().slice(ENC_AT + encBytes, AFTER_ENC));
        return new Frame.CarriedSlot(slot.number(), rest, use(entry));
    }

    private int use(Entry entry) {
        if (entry.frame != frame) {
            entry.frame = frame;
            usedInFrame++;
            usedBytesInFrame += entry.bytes;
        }
        return entry.number;
    }

    private Entry put(Object said, int size, List<Frame> before) {
        ArrayDeque<Integer> forgotten = new ArrayDeque<>();
        while (bytes + size > BYTES_MAX || free.isEmpty() && forgotten.isEmpty()) {
            Iterator<Map.Entry<Object, Entry>> entriesByAge = entries.entrySet().iterator();
            Entry oldest = entriesByAge.next().getValue();
            Invariant.check(oldest.frame != frame, "saying forgotten within its frame");
            entriesByAge.remove();
            bytes -= oldest.bytes;
            forgotten.add(oldest.number);
        }
        Entry entry = new Entry(forgotten.isEmpty() ? free.remove() : forgotten.remove(), size);
        for (int number : forgotten) {
            // The reader keeps what was last said under a number: it is told, so that both count the same bytes.
            before.add(new Frame.SaidEnc(number, NOTHING));
            free.addFirst(number);
        }
        entries.put(said, entry);
        bytes += size;
        return entry;
    }
}
