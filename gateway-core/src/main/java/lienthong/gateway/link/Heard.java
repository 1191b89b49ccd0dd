package lienthong.gateway.link;

import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.link.Shape.Malformed;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.SealedEnvelope;
import org.jspecify.annotations.Nullable;

/** What the peer has said once in a session, by its numbers; see {@link Spoken}. Confined to the loop. */
final class Heard {
    /** What a writer may hold, and one byte for each number it has told us to forget. */
    private static final int BYTES_MAX = Spoken.BYTES_MAX + FrameShapes.SAID_MAX;

    private final @Nullable Object[] entries = new @Nullable Object[FrameShapes.SAID_MAX];
    private int bytes;

    void root(int number, Frame.SealRoot root) throws Malformed {
        put(number, root, root.bytes());
    }

    void enc(int number, Bytes enc) throws Malformed {
        put(number, enc, enc.size());
    }

    private void put(int number, Object said, int size) throws Malformed {
        bytes += size - size(entries[number]);
        entries[number] = said;
        if (bytes > BYTES_MAX) {
            throw new Malformed("more was said than is kept");
        }
    }

    private static int size(@Nullable Object said) {
        if (said instanceof Frame.SealRoot root) {
            return root.bytes();
        }
        return said instanceof Bytes enc ? enc.size() : 0;
    }

    SealedEnvelope.Seal seal(Frame.CarriedSeal seal) throws Malformed {
        if (!(entries[seal.rootSaid()] instanceof Frame.SealRoot root)) {
            throw new Malformed("no root was said as " + seal.rootSaid());
        }
        return new SealedEnvelope.Seal(
                seal.index(), seal.size(), seal.path(), root.rootText(), root.cms(), root.pqCms());
    }

    List<SealedEnvelope.Slot> slots(List<Frame.CarriedSlot> carried) throws Malformed {
        List<SealedEnvelope.Slot> slots = new ArrayList<>(carried.size());
        for (Frame.CarriedSlot slot : carried) {
            slots.add(new SealedEnvelope.Slot(slot.number(), content(slot)));
        }
        return slots;
    }

    private Bytes content(Frame.CarriedSlot slot) throws Malformed {
        if (slot.encSaid() < 0) {
            return slot.content();
        }
        if (!(entries[slot.encSaid()] instanceof Bytes enc)) {
            throw new Malformed("no enc was said as " + slot.encSaid());
        }
        Bytes rest = slot.content();
        if (rest.size() < Spoken.ENC_AT || rest.size() + enc.size() > Limits.SLOT_BYTES_MAX) {
            throw new Malformed("slot of " + rest.size() + " bytes around an enc of " + enc.size());
        }
        byte[] whole = new byte[rest.size() + enc.size()];
        rest.slice(0, Spoken.ENC_AT).copyTo(whole, 0);
        enc.copyTo(whole, Spoken.ENC_AT);
        rest.slice(Spoken.ENC_AT, rest.size() - Spoken.ENC_AT).copyTo(whole, Spoken.ENC_AT + enc.size());
        return Bytes.ofOwned(whole);
    }
}
