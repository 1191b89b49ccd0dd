package lienthong.gateway.envelope;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Invariant;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import org.jspecify.annotations.Nullable;

/**
 * Reads a payload's plaintext in one pass and constant memory, and refuses whatever {@link PayloadWriter} would not write, but for the choices
 * of a compressor. Order of calls: {@link #nextMessage}, for each part {@link #nextPart} and {@link #read} to its end, {@link #manifest}; until
 * {@code nextMessage} says that padding ended. {@link Damaged} for every fault. One thread.
 */
final class PayloadReader {
    private final InputStream plain;
    private final Hash network;
    private final Expander expander;
    private final MessageDigest digest = Hash.digest();
    private final byte[] header = new byte[PayloadFormat.RECORD_HEADER_BYTES];
    private long position;

    // ---- the message at hand
    private List<MessageHead.Part> declared = List.of();
    private final List<Hash> hashes = new ArrayList<>();

    // ---- the part at hand
    private boolean inPart;
    private long left;
    private boolean frameBegun;
    private boolean frameEnded;
    private boolean storedBegun;
    private byte @Nullable [] body;
    /** Bytes of a stored record still to be read from the stream. */
    private int storedLeft;

    PayloadReader(InputStream plain, Hash network, Expander expander) {
        this.plain = plain;
        this.network = network;
        this.expander = expander;
    }

    /** Reads an opening record; false after the padding, when nothing follows it. */
    boolean nextMessage() throws IOException {
        Invariant.check(!inPart, "message asked for inside a part");
        header[0] = (byte) readByte();
        if (header[0] == PayloadFormat.PADDING) {
            padding();
            return false;
        }
        fully(header, 1, header.length - 1);
        if (header[0] != PayloadFormat.OPENING) {
            throw new Damaged("a message begins with its opening");
        }
        ByteBuffer opening = ByteBuffer.wrap(body(PayloadFormat.OPENING_BYTES_MAX));
        if (opening.remaining() < 2) {
            throw new Damaged("opening");
        }
        int count = opening.getShort() & 0xFFFF;
        if (count > Limits.PARTS_MAX) {
            throw new Damaged("parts");
        }
        List<MessageHead.Part> parts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String name = text(opening, Limits.PART_NAME_BYTES_MAX);
            String type = text(opening, Limits.CONTENT_TYPE_CHARS_MAX);
            if (opening.remaining() < 8) {
                throw new Damaged("opening");
            }
            long length = opening.getLong();
            if (length < 0 || length > Limits.PAYLOAD_BYTES_MAX) {
                throw new Damaged("declared length");
            }
            parts.add(new MessageHead.Part(name, type, length));
        }
        if (opening.hasRemaining()) {
            throw new Damaged("opening");
        }
        declared = List.copyOf(parts);
        hashes.clear();
        return true;
    }

    private static String text(ByteBuffer in, int max) throws Damaged {
        if (in.remaining() < 2) {
            throw new Damaged("opening");
        }
        int size = in.getShort() & 0xFFFF;
        if (size > max || size > in.remaining()) {
            throw new Damaged("opening");
        }
        ByteBuffer bytes = in.slice(in.position(), size);
        in.position(in.position() + size);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException notText) {
            throw new Damaged("opening");
        }
    }

    /** What the opening declares. */
    List<MessageHead.Part> declared() {
        return declared;
    }

    /** Moves to the next part; false after the last. The part before must have been read to its end. */
    boolean nextPart() {
        Invariant.check(!inPart, "part left unread");
        if (hashes.size() == declared.size()) {
            return false;
        }
        left = declared.get(hashes.size()).length();
        frameBegun = false;
        frameEnded = false;
        storedBegun = false;
        storedLeft = 0;
        inPart = true;
        return true;
    }

    /** The next bytes of the part, at least one; −1 at its end, where {@link #lastHash} is known. */
    int read(byte[] into, int offset, int length) throws IOException {
        if (!inPart || length == 0) {
            return inPart ? 0 : -1;
        }
        int size;
        do {
            size = some(into, offset, length);
        } while (size == 0);
        if (size > 0) {
            left -= size;
            if (left < 0) {
                throw new Damaged("longer than declared");
            }
            digest.update(into, offset, size);
        }
        return size;
    }

    private int some(byte[] into, int offset, int length) throws IOException {
        if (storedLeft > 0) {
            int size = Math.min(length, storedLeft);
            fully(into, offset, size);
            storedLeft -= size;
            return size;
        }
        if (frameBegun && !frameEnded) {
            int size = expander.read(into, offset, length);
            if (size > 0) {
                return size;
            }
            frameEnded = expander.isComplete();
        }
        record();
        return switch (header[0]) {
            case PayloadFormat.STORED -> {
                if (frameBegun && !frameEnded) {
                    throw new Damaged("frame cut short");
                }
                storedBegun = true;
                storedLeft = length(1, PayloadFormat.DATA_BYTES_MAX);
                yield 0;
            }
            case PayloadFormat.ZSTD -> {
                if (frameEnded || storedBegun) {
                    throw new Damaged("a second frame");
                }
                if (!frameBegun) {
                    expander.begin();
                    frameBegun = true;
                }
                int size = length(1, PayloadFormat.DATA_BYTES_MAX);
                byte[] bytes = room();
                fully(bytes, 0, size);
                expander.feed(bytes, 0, size);
                yield 0;
            }
            case PayloadFormat.END -> {
                if (length(0, 0) != 0 || left != 0 || frameBegun && !frameEnded) {
                    throw new Damaged("part cut short");
                }
                hashes.add(new Hash(Bytes.ofOwned(digest.digest())));
                inPart = false;
                yield -1;
            }
            default -> throw new Damaged("record inside a part");
        };
    }

    private byte[] room() {
        byte[] room = body;
        if (room == null) {
            room = new byte[PayloadFormat.DATA_BYTES_MAX];
            body = room;
        }
        return room;
    }

    /** SHA-256 of the part just read. */
    Hash lastHash() {
        return hashes.get(hashes.size() - 1);
    }

    /** The manifest after the last part, as found; it agrees with opening and bytes. */
    Bytes manifestText() throws IOException {
        Invariant.check(!inPart && hashes.size() == declared.size(), "manifest asked for before the parts' end");
        record();
        if (header[0] != PayloadFormat.MANIFEST) {
            throw new Damaged("a message ends with its manifest");
        }
        return Bytes.ofOwned(body(Limits.MANIFEST_BYTES_MAX));
    }

    /** Parses a manifest and compares it with what was opened and read. */
    Manifest manifest(Bytes text) throws Damaged {
        if (!(ManifestCodec.decode(text, network) instanceof Result.Ok<Manifest> ok)) {
            throw new Damaged("manifest");
        }
        List<Manifest.Part> parts = ok.value().parts();
        boolean same = parts.size() == declared.size();
        for (int i = 0; same && i < parts.size(); i++) {
            MessageHead.Part said = declared.get(i);
            Manifest.Part part = parts.get(i);
            same = part.name().equals(said.name())
                    && part.type().equals(said.type())
                    && part.length() == said.length()
                    && part.hash().equals(hashes.get(i));
        }
        if (!same) {
            throw new Damaged("manifest and parts differ");
        }
        return ok.value();
    }

    private void padding() throws IOException {
        long content = position;
        byte[] zeros = new byte[8 * 1024];
        for (int size = plain.read(zeros, 0, zeros.length); size >= 0; size = plain.read(zeros, 0, zeros.length)) {
            position += size;
            for (int i = 0; i < size; i++) {
                if (zeros[i] != 0) {
                    throw new Damaged("padding");
                }
            }
        }
        if (position != PayloadFormat.padme(content)) {
            throw new Damaged("padding");
        }
    }

    private void record() throws IOException {
        fully(header, 0, header.length);
    }

    private int length(int min, int max) throws Damaged {
        int length = ByteBuffer.wrap(header).getInt(1);
        if (length < min || length > max) {
            throw new Damaged("record length");
        }
        return length;
    }

    private byte[] body(int max) throws IOException {
        byte[] bytes = new byte[length(0, max)];
        fully(bytes, 0, bytes.length);
        return bytes;
    }

    private int readByte() throws IOException {
        int value = plain.read();
        if (value < 0) {
            throw new Damaged("payload cut short");
        }
        position++;
        return value;
    }

    private void fully(byte[] into, int offset, int length) throws IOException {
        int size = plain.readNBytes(into, offset, length);
        if (size < length) {
            throw new Damaged("payload cut short");
        }
        position += length;
    }
}
