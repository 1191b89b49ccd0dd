package lienthong.gateway.envelope.evidence;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;

/** A piece of evidence, unpacked in memory: small files whole, parts as length and hash alone. Bounded; no name becomes a path. */
final class EvidenceFiles {
    private static final int FILE_BYTES_MAX = 256 * 1024;
    private static final int FILES_MAX = 40_000;
    private static final long TOTAL_BYTES_MAX = 64L * 1024 * 1024;

    /** A part's plaintext, by what the manifest says of it. */
    record PartFile(long length, Hash hash) {}

    private final Map<String, Bytes> files = new LinkedHashMap<>();
    private final Map<String, PartFile> parts = new LinkedHashMap<>();
    private Optional<Detail> fault = Optional.empty();

    private EvidenceFiles() {}

    /**
     * Reads a zip to its end.
     *
     * @throws IOException from the stream; a damaged zip is a {@link #fault} instead
     */
    static EvidenceFiles read(InputStream zip) throws IOException {
        EvidenceFiles read = new EvidenceFiles();
        try {
            read.all(new ZipInputStream(zip));
        } catch (ZipException damaged) {
            read.fault = Optional.of(Detail.of("the zip is damaged"));
        } catch (java.io.EOFException cut) {
            read.fault = Optional.of(Detail.of("the zip is cut short"));
        }
        if (read.fault.isEmpty() && read.files.isEmpty()) {
            read.fault = Optional.of(Detail.of("no files: not a zip"));
        }
        return read;
    }

    private void all(ZipInputStream in) throws IOException {
        long total = 0;
        for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            String name = entry.getName();
            if (!Names.isAllowed(name) || files.containsKey(name) || parts.containsKey(name)) {
                fault = Optional.of(Detail.of("a file that does not belong there, or twice: {0}", quoted(name)));
                return;
            }
            if (files.size() + parts.size() == FILES_MAX) {
                fault = Optional.of(Detail.of("more than {0} files", FILES_MAX));
                return;
            }
            if (Names.isPart(name)) {
                Optional<PartFile> part = part(in);
                if (part.isEmpty()) {
                    fault = Optional.of(Detail.of("{0}: larger than any part", name));
                    return;
                }
                parts.put(name, part.get());
            } else {
                byte[] content = in.readNBytes(FILE_BYTES_MAX + 1);
                total += content.length;
                if (content.length > FILE_BYTES_MAX || total > TOTAL_BYTES_MAX) {
                    fault = Optional.of(Detail.of("{0}: too large", name));
                    return;
                }
                files.put(name, Bytes.ofOwned(content));
            }
        }
    }

    private static Optional<PartFile> part(InputStream in) throws IOException {
        MessageDigest digest = Hash.digest();
        byte[] buffer = new byte[64 * 1024];
        long length = 0;
        for (int size = in.read(buffer); size >= 0; size = in.read(buffer)) {
            digest.update(buffer, 0, size);
            length += size;
            if (length > Limits.PAYLOAD_BYTES_MAX) {
                return Optional.empty();
            }
        }
        return Optional.of(new PartFile(length, new Hash(Bytes.ofOwned(digest.digest()))));
    }

    /** A name from outside, short and printable. */
    private static String quoted(String name) {
        String printable = name.replaceAll("[^ -~]", "?");
        return "'" + (printable.length() <= 60 ? printable : printable.substring(0, 60) + "…") + "'";
    }

    /** What is wrong with the zip; empty when nothing. */
    Optional<Detail> fault() {
        return fault;
    }

    Optional<Bytes> file(String name) {
        return Optional.ofNullable(files.get(name));
    }

    /** Empty bytes for an absent file: no reader accepts them. */
    Bytes orEmpty(String name) {
        return files.getOrDefault(name, Bytes.empty());
    }

    Map<String, PartFile> parts() {
        return parts;
    }

    Map<String, Bytes> files() {
        return files;
    }
}
