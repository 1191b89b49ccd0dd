package lienthong.gateway.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/** Files that the application names: what it sends, what it saves, its invitation. The client's own state goes through the disk port. */
final class PlainFiles {
    private PlainFiles() {}

    /** Writes the content of one file. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Length of a file to send; NO_INPUT, FILE_NOT_READABLE. */
    static Result<Long> length(Path file) {
        if (!Files.isRegularFile(file)) {
            return Result.no(ErrorCode.NO_INPUT, "{0} is not a file", file);
        }
        try {
            return Files.isReadable(file)
                    ? Result.ok(Files.size(file))
                    : Result.no(ErrorCode.FILE_NOT_READABLE, "{0}", file);
        } catch (IOException e) {
            return Result.no(ErrorCode.FILE_NOT_READABLE, "{0}: {1}", file, Detail.technical(e));
        }
    }

    static InputStream open(Path file) throws IOException {
        return Files.newInputStream(file);
    }

    /** A whole small file; NO_INPUT, FILE_NOT_READABLE, PAYLOAD_TOO_LARGE. */
    static Result<Bytes> read(Path file, long bytesMax) {
        return length(file).then(length -> {
            if (length > bytesMax) {
                return Result.no(ErrorCode.PAYLOAD_TOO_LARGE, "{0} has {1} bytes, at most {2}", file, length, bytesMax);
            }
            try (InputStream in = open(file)) {
                return Result.ok(Bytes.ofOwned(in.readAllBytes()));
            } catch (IOException e) {
                return Result.no(ErrorCode.FILE_NOT_READABLE, "{0}: {1}", file, Detail.technical(e));
            }
        });
    }

    /** Makes a folder with mode 0700 when it is absent. */
    static Optional<Refusal> makeFolder(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(Refusal.of(ErrorCode.WRITE_FAILED, "{0}: {1}", folder, Detail.technical(e)));
        }
    }

    static boolean isFolder(Path folder) {
        return Files.isDirectory(folder);
    }

    /** Writes a file that was not there: whole and durable, or not at all; OUTPUT_EXISTS. */
    static Optional<Refusal> save(Path file, Content content) throws IOException {
        if (Files.exists(file)) {
            return Optional.of(Refusal.of(ErrorCode.OUTPUT_EXISTS, "{0}", file));
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        try {
            try (OutputStream out = Files.newOutputStream(unfinished)) {
                content.writeTo(out);
            }
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            return Optional.empty();
        } catch (FileAlreadyExistsException raced) {
            return Optional.of(Refusal.of(ErrorCode.OUTPUT_EXISTS, "{0}", file));
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
