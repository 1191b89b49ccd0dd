package lienthong.gateway.cli;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file that did not exist before (mode 0600) and is removed again unless all of it was written. */
final class NewFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private boolean committed;

    private NewFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static NewFile create(Path path) throws IOException {
        return new NewFile(
                path,
                FileChannel.open(
                        path,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    }

    /** Writes all of {@code bytes}; gives their number. */
    int write(ByteString bytes) throws IOException {
        write(bytes.asReadOnlyByteBuffer());
        return bytes.size();
    }

    void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Everything was written: it is durable and stays. */
    void commit() throws IOException {
        channel.force(true);
        committed = true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (!committed) {
            Files.deleteIfExists(path);
        }
    }
}
