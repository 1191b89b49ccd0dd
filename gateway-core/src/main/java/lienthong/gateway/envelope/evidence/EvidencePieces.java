package lienthong.gateway.envelope.evidence;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.LocalDateTime;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import lienthong.gateway.envelope.PartReader;
import lienthong.gateway.message.Bytes;

/**
 * The zip of one piece of evidence, made as its reader takes it: whatever the parts weigh, no more than one piece and one small file is in memory.
 * One thread at a time; reads parts, so never on the loop. Close it; that closes the parts too.
 */
public final class EvidencePieces implements AutoCloseable {
    private static final int PIECE_BYTES = 256 * 1024;

    /** Zip entries carry no time of ours: the beginning of MS-DOS time. */
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final Iterator<Map.Entry<String, Bytes>> files;
    private final Optional<PartReader> parts;
    private final ByteArrayOutputStream made = new ByteArrayOutputStream();
    private final ZipOutputStream zip = new ZipOutputStream(made);
    private final byte[] buffer = new byte[64 * 1024];
    private Bytes ready = Bytes.empty();
    private int at;
    private int count;
    private boolean inPart;
    private boolean over;
    private boolean closed;

    EvidencePieces(Map<String, Bytes> files, Optional<PartReader> parts) {
        this.files = files.entrySet().iterator();
        this.parts = parts;
        zip.setLevel(Deflater.BEST_SPEED);
    }

    /**
     * The zip's next bytes, 1 to 262,144; empty after the last.
     *
     * @throws IOException from the parts' source; the zip made so far is then worth nothing
     */
    public Optional<Bytes> next() throws IOException {
        if (at == ready.size()) {
            made.reset();
            while (!over && made.size() < PIECE_BYTES) {
                step();
            }
            ready = Bytes.ofOwned(made.toByteArray());
            at = 0;
        }
        int size = Math.min(PIECE_BYTES, ready.size() - at);
        if (size == 0) {
            return Optional.empty();
        }
        Bytes piece = ready.slice(at, size);
        at += size;
        return Optional.of(piece);
    }

    /** Files in the zip so far; all of them after the last piece. */
    public int files() {
        return count;
    }

    /** One file, or some bytes of a part, or the end. */
    private void step() throws IOException {
        if (files.hasNext()) {
            Map.Entry<String, Bytes> file = files.next();
            begin(file.getKey());
            zip.write(file.getValue().toArray());
            zip.closeEntry();
            return;
        }
        if (parts.isPresent() && (inPart || beginPart(parts.get()))) {
            int size = parts.get().read(buffer, 0, buffer.length);
            if (size < 0) {
                zip.closeEntry();
                inPart = false;
            } else {
                zip.write(buffer, 0, size);
            }
            return;
        }
        zip.finish();
        over = true;
    }

    private boolean beginPart(PartReader reader) throws IOException {
        if (!reader.next()) {
            return false;
        }
        begin(Names.part(reader.index() + 1));
        inPart = true;
        return true;
    }

    private void begin(String name) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        zip.putNextEntry(entry);
        count++;
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            over = true;
            parts.ifPresent(PartReader::close);
            zip.close();
        }
    }
}
