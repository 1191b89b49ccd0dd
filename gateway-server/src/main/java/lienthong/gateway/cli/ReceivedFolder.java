package lienthong.gateway.cli;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import lienthong.proto.gateway.v1.Lease;
import org.jspecify.annotations.Nullable;

/**
 * One received message as a folder named by its id: its parts under their own names. Written beside its place and moved there when every byte is
 * on disk, so that a folder with that name is always whole; a message that was already taken is found there and not written again.
 */
final class ReceivedFolder {
    private final Lease lease;
    private final Path place;
    private final Path temporary;
    private final boolean here;
    private @Nullable FileChannel file;
    private int part = -1;

    private ReceivedFolder(Lease lease, Path folder) {
        this.lease = lease;
        // The id has been parsed by the node that made it: 32 digits, no way out of the folder.
        this.place = folder.resolve(lease.getHeader().getMessageId());
        this.temporary = folder.resolve("." + lease.getHeader().getMessageId() + ".part");
        this.here = Files.exists(place);
    }

    static ReceivedFolder begin(Lease lease, Path folder) throws IOException {
        ReceivedFolder begun = new ReceivedFolder(lease, folder);
        if (!begun.here) {
            begun.remove();
            Files.createDirectories(folder);
            Files.createDirectory(
                    begun.temporary,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return begun;
    }

    Lease lease() {
        return lease;
    }

    Path place() {
        return place;
    }

    /** The next bytes; parts come in order. */
    void write(int index, ByteString content) throws IOException {
        if (here) {
            return;
        }
        advanceTo(index);
        FileChannel channel = file;
        if (channel != null) {
            for (ByteBuffer buffer : content.asReadOnlyByteBufferList()) {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
        }
    }

    private void advanceTo(int index) throws IOException {
        while (part < index) {
            closePart();
            part++;
            // Names are clean single names without a slash: the sender's node, this node's API and this check agree.
            Path name = Path.of(lease.getParts(part).getName());
            if (name.getNameCount() != 1 || name.isAbsolute() || name.toString().equals("..")) {
                throw new IOException("part name is not that of one file");
            }
            file = FileChannel.open(temporary.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
    }

    private void closePart() throws IOException {
        FileChannel channel = file;
        if (channel != null) {
            channel.force(true);
            channel.close();
            file = null;
        }
    }

    /** All bytes were written: durable and at its place when this returns. */
    void finish() throws IOException {
        if (here) {
            return;
        }
        advanceTo(lease.getPartsCount() - 1);
        closePart();
        sync(temporary);
        Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
        Path parent = place.getParent();
        if (parent != null) {
            sync(parent);
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Gives up what is not finished. */
    void remove() throws IOException {
        closePart();
        if (Files.exists(temporary)) {
            try (Stream<Path> inside = Files.list(temporary)) {
                for (Path one : inside.toList()) {
                    Files.delete(one);
                }
            }
            Files.delete(temporary);
        }
    }
}
