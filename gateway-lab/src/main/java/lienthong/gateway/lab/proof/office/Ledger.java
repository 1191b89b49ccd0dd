package lienthong.gateway.lab.proof.office;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * What one program saw, a line each, appended with one write: {@code id key seq sha256 time state}, separated by tabs. Not synced: the
 * processes that are killed are others, and the kernel keeps what was written. Thread-safe.
 */
final class Ledger implements Closeable {
    private final FileChannel file;

    private Ledger(FileChannel file) {
        this.file = file;
    }

    /** Opens for appending; the file is made when it is not there. */
    static Ledger append(Path path) throws IOException {
        return new Ledger(
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
    }

    /**
     * Appends one line.
     *
     * @param id of the message and recipient, {@code CLIENT-ID@ADDRESS}
     * @param key within which order was asked, {@code -} for none
     * @param seq position within the key; ignored without a key
     * @param sha256 of the payload, hexadecimal
     */
    synchronized void write(String id, String key, long seq, String sha256, String state) throws IOException {
        String line = String.format(
                Locale.ROOT,
                "%s\t%s\t%s\t%s\t%.3f\t%s\n",
                id,
                key,
                key.equals("-") ? "-" : Long.toString(seq),
                sha256,
                System.currentTimeMillis() / 1000.0,
                state);
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
