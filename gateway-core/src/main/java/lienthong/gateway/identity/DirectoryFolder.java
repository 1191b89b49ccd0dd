package lienthong.gateway.identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.directory.Fork;
import lienthong.gateway.directory.NetworkRoot;
import lienthong.gateway.directory.SignedDirectory;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;

/**
 * A {@link DirectoryBook} on the disk: everything in it proves itself, so nothing here is secret, and a damaged file is asked for again from
 * any neighbour. In DATA/directory:
 *
 * <pre>
 * current.signed    the directory in force
 * records.list      all records, each behind its length (4 bytes), those in force first
 * fork-*.evidence   both halves of each fork, each behind its length
 * findings.list     what the node found out about its neighbours and an operator has to decide
 * </pre>
 */
public final class DirectoryFolder {
    private static final String FOLDER = "directory";
    private static final String CURRENT = "current.signed";
    private static final String RECORDS = "records.list";
    private static final String FORK = "fork-";
    private static final String EVIDENCE = ".evidence";
    private static final String FINDINGS = "findings.list";

    private final Disk data;

    private DirectoryFolder(Disk data) {
        this.data = data;
    }

    public static DirectoryFolder of(Disk data) {
        return new DirectoryFolder(data);
    }

    /** Writes directory and records; durable when this returns. Touches the disk: not for the loop itself. */
    public void save(Optional<SignedDirectory> directory, List<Bytes> records) {
        try {
            data.makeFolder(FOLDER);
            if (directory.isPresent()) {
                KeyFolder.write(data, FOLDER, CURRENT, directory.get().toBytes());
            }
            KeyFolder.write(data, FOLDER, RECORDS, joined(records));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes both halves of a fork. */
    public void save(Fork fork) {
        try {
            data.makeFolder(FOLDER);
            KeyFolder.write(data, FOLDER, nameOf(fork), joined(List.of(fork.inForce(), fork.other())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file of a fork's halves, in DATA/directory. */
    public static String nameOf(Fork fork) {
        return FORK + Hash.of(fork.other()).hex().substring(0, 16) + EVIDENCE;
    }

    /** Writes a node's findings in place of the earlier ones. Touches the disk: not for the loop itself. */
    public void saveFindings(Bytes findings) {
        try {
            data.makeFolder(FOLDER);
            KeyFolder.write(data, FOLDER, FINDINGS, findings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads them back; empty when there are none. Touches the disk. */
    public Bytes findings() {
        try {
            return KeyFolder.read(data, FOLDER + "/" + FINDINGS).orElse(Bytes.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Bytes joined(List<Bytes> parts) {
        ByteBuffer joined = ByteBuffer.allocate(
                parts.stream().mapToInt(part -> 4 + part.size()).sum());
        parts.forEach(part -> joined.putInt(part.size()).put(part.asBuffer()));
        return Bytes.ofOwned(joined.array());
    }

    /**
     * What was read back.
     *
     * @param book the book, perhaps without a directory
     * @param faults what could not be used, to be logged; the neighbours bring it again
     */
    public record Loaded(DirectoryBook book, List<Refusal> faults) {
        public Loaded {
            faults = List.copyOf(faults);
        }
    }

    /** Reads a book for this root. Every signature is checked again. */
    public Loaded load(NetworkRoot root, Instant now) {
        DirectoryBook book = DirectoryBook.of(root);
        List<Refusal> faults = new ArrayList<>();
        try {
            Optional<Bytes> current = KeyFolder.read(data, FOLDER + "/" + CURRENT);
            if (current.isPresent()) {
                Result<SignedDirectory> signed = SignedDirectory.parse(current.get());
                signed.fold(directory -> book.restore(directory, now).refusalIfAny(), Optional::of)
                        .ifPresent(faults::add);
            }
            KeyFolder.read(data, FOLDER + "/" + RECORDS)
                    .ifPresent(file -> faults.addAll(
                            book.acceptRecords(split(RECORDS, file, Limits.DIRECTORY_RECORD_BYTES_MAX, faults), now)));
            for (String name : data.list(FOLDER)) {
                if (name.startsWith(FORK) && name.endsWith(EVIDENCE)) {
                    List<Bytes> halves = split(
                            name,
                            KeyFolder.read(data, FOLDER + "/" + name).orElse(Bytes.empty()),
                            Limits.DIRECTORY_BYTES_MAX,
                            faults);
                    // Records' forks are found again from records.list, as long as they are none by a newer directory.
                    if (halves.size() == 2) {
                        boolean unused = book.restoreFork(halves.get(0), halves.get(1), now);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Loaded(book, faults);
    }

    private static List<Bytes> split(String name, Bytes file, int max, List<Refusal> faults) {
        List<Bytes> parts = new ArrayList<>();
        ByteBuffer left = file.asBuffer();
        while (left.remaining() >= 4) {
            int size = left.getInt();
            if (size < 0 || size > left.remaining() || size > max) {
                faults.add(Refusal.of(ErrorCode.RECORD_DAMAGED, "{0} is damaged after {1}", name, parts.size()));
                break;
            }
            parts.add(file.slice(left.position(), size));
            left.position(left.position() + size);
        }
        return parts;
    }
}
