package lienthong.gateway.identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.crypto.Mac;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SingleUseCipher;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;

/**
 * A folder of small files, some of them secret: each written whole under another name, synced, renamed. Secrets are sealed under the folder's
 * master key; the master key lies in a passphrase box, or open where the folder's owner relies on file modes alone.
 *
 * <pre>
 * master.key   a passphrase box, or "lienthong-open 1\n" ‖ 32 bytes
 * NAME         "lienthong-kept 1\n" ‖ random(32) ‖ AES-256-GCM     key = HMAC-SHA256(master, label ‖ random ‖ NAME), AAD = label ‖ random ‖ NAME
 * </pre>
 *
 * <p>An I/O error is a dead environment ({@link UncheckedIOException}). Not thread-safe.
 */
final class KeyFolder {
    private static final String MASTER = "master.key";
    private static final String MASTER_PURPOSE = "key folder";
    private static final Bytes OPEN_LABEL = Bytes.utf8("lienthong-open 1\n");
    private static final Bytes KEPT_LABEL = Bytes.utf8("lienthong-kept 1\n");
    private static final int RANDOM_BYTES = 32;
    private static final int MASTER_BYTES = 32;
    private static final String UNFINISHED = ".new";

    private final Disk disk;
    private final String folder;
    private final SecretBytes master;
    private final boolean passphrase;
    private final Randomness randomness;

    private KeyFolder(Disk disk, String folder, SecretBytes master, boolean passphrase, Randomness randomness) {
        this.disk = disk;
        this.folder = folder;
        this.master = master;
        this.passphrase = passphrase;
        this.randomness = randomness;
    }

    /** Makes the folder with a fresh master key; what an interrupted attempt left behind is erased first. */
    static KeyFolder create(Disk disk, String folder, Protection protection, Randomness randomness) {
        try {
            disk.makeFolder(folder);
            for (String name : disk.list(folder)) {
                erase(disk, folder, name, randomness);
            }
            SecretBytes master = SecretBytes.random(MASTER_BYTES, randomness);
            KeyFolder made = new KeyFolder(disk, folder, master, protection.isPassphrase(), randomness);
            made.write(MASTER, protection.close(MASTER_PURPOSE, OPEN_LABEL, master, randomness));
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Opens it.
     *
     * @return NO_INPUT when there is none; FILE_EXPOSED naming the file and the command that mends it; PASSPHRASE_WRONG, also when none was
     *     given and one is needed
     */
    static Result<KeyFolder> open(Disk disk, String folder, Protection protection, Randomness randomness) {
        try {
            if (!disk.exists(path(folder, MASTER))) {
                Optional<Detail> link = disk.exposure(path(folder, MASTER));
                return link.isPresent()
                        ? Result.no(ErrorCode.FILE_EXPOSED, link.get())
                        : Result.no(ErrorCode.NO_INPUT, "no keys in the folder {0}", folder);
            }
            Optional<Detail> exposed = exposure(disk, folder);
            if (exposed.isPresent()) {
                return Result.no(ErrorCode.FILE_EXPOSED, exposed.get());
            }
            Bytes file = read(disk, path(folder, MASTER)).orElse(Bytes.empty());
            boolean open = file.size() == OPEN_LABEL.size() + MASTER_BYTES
                    && file.slice(0, OPEN_LABEL.size()).equals(OPEN_LABEL);
            if (open) {
                SecretBytes master = Secrets.of(file.slice(OPEN_LABEL.size(), MASTER_BYTES));
                return Result.ok(new KeyFolder(disk, folder, master, false, randomness));
            }
            return protection
                    .open(MASTER_PURPOSE, file)
                    .map(master -> new KeyFolder(disk, folder, master, true, randomness));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Detail> exposure(Disk disk, String folder) throws IOException {
        Optional<Detail> exposed = disk.exposure(folder);
        if (exposed.isPresent()) {
            return exposed;
        }
        for (String name : disk.list(folder)) {
            exposed = disk.exposure(path(folder, name));
            if (exposed.isPresent()) {
                return exposed;
            }
        }
        return Optional.empty();
    }

    private static String path(String folder, String name) {
        return folder.isEmpty() ? name : folder + "/" + name;
    }

    /** Whether a passphrase protects the master key; otherwise file modes alone do. */
    boolean hasPassphrase() {
        return passphrase;
    }

    /** Names of files, sorted. */
    List<String> names() {
        try {
            return disk.list(folder).stream()
                    .filter(name -> !name.endsWith(UNFINISHED))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A public file; empty when absent. FILE_EXPOSED for a symbolic link is found when the folder is opened. */
    Optional<Bytes> read(String name) {
        try {
            return read(disk, path(folder, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a whole file; empty when absent. */
    static Optional<Bytes> read(Disk disk, String path) throws IOException {
        Optional<Disk.File> found = disk.openExisting(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Disk.File file = found.get()) {
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(file.size()));
            file.read(0, content);
            return Optional.of(Bytes.copyOf(content.flip()));
        }
    }

    /** Writes a public file; durable when this returns; a crash leaves the old one or the new one. */
    void write(String name, Bytes content) {
        try {
            write(disk, folder, name, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same on any disk. */
    static void write(Disk disk, String folder, String name, Bytes content) throws IOException {
        String unfinished = path(folder, name + UNFINISHED);
        try (Disk.File file = disk.open(unfinished)) {
            file.truncate(0);
            file.write(0, content.asBuffer());
            file.sync();
        }
        disk.rename(unfinished, path(folder, name));
        disk.syncFolder(folder);
    }

    /** Seals and writes a secret. */
    void writeSecret(String name, SecretBytes content) {
        Bytes header = KEPT_LABEL.plus(Bytes.ofOwned(randomness.bytes(RANDOM_BYTES)));
        Bytes aad = header.plus(Bytes.utf8(name));
        SecretBytes key = fileKey(aad);
        write(name, header.plus(SingleUseCipher.seal(key, aad, content)));
        key.destroy();
    }

    private SecretBytes fileKey(Bytes aad) {
        return Secrets.of(Mac.of(master, aad));
    }

    /** Reads a secret; RECORD_DAMAGED when it is missing, damaged, or was written under another name or master key. */
    Result<SecretBytes> readSecret(String name) {
        Bytes file = read(name).orElse(Bytes.empty());
        int headerBytes = KEPT_LABEL.size() + RANDOM_BYTES;
        if (file.size() < headerBytes + SingleUseCipher.OVERHEAD_BYTES
                || !file.slice(0, KEPT_LABEL.size()).equals(KEPT_LABEL)) {
            return Result.no(ErrorCode.RECORD_DAMAGED, "key file {0} is missing or cut short", name);
        }
        Bytes aad = file.slice(0, headerBytes).plus(Bytes.utf8(name));
        SecretBytes key = fileKey(aad);
        Optional<SecretBytes> content =
                SingleUseCipher.openSecret(key, aad, file.slice(headerBytes, file.size() - headerBytes));
        key.destroy();
        return content.map(Result::ok)
                .orElseGet(() -> Result.no(ErrorCode.RECORD_DAMAGED, "key file {0} is damaged", name));
    }

    /** Overwrites a file with random bytes, syncs, cuts, deletes. Covers the file, not what a flash disk keeps of it. */
    void erase(String name) {
        try {
            erase(disk, folder, name, randomness);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void erase(Disk disk, String folder, String name, Randomness randomness) throws IOException {
        String path = path(folder, name);
        if (!disk.exists(path)) {
            return;
        }
        try (Disk.File file = disk.open(path)) {
            int size = Math.toIntExact(file.size());
            if (size > 0) {
                file.write(0, ByteBuffer.wrap(randomness.bytes(size)));
                file.sync();
            }
            file.truncate(0);
            file.sync();
        }
        disk.delete(path);
        disk.syncFolder(folder);
    }

    void destroy() {
        master.destroy();
    }
}
