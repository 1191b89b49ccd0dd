package lienthong.gateway.directory;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;

/**
 * The protobuf form of what this room sends and writes to files. The only class of the room that knows generated types. Unknown fields, other
 * encodings of the same message and sizes above the limits are refused: one value, one sequence of bytes.
 */
final class DirectoryWire {
    private static final int PATH_MAX = 64;

    private DirectoryWire() {}

    /** Parses strictly: the message must write itself back to the same bytes. */
    static <M extends Message> Result<M> strict(Parser<M> parser, Bytes bytes, int bytesMax, String what) {
        if (bytes.size() > bytesMax) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, what + ": " + bytes.size() + " bytes, at most " + bytesMax);
        }
        try {
            CodedInputStream in = CodedInputStream.newInstance(bytes.asBuffer());
            M message = parser.parseFrom(in);
            if (!message.getUnknownFields().asMap().isEmpty()
                    || message.getSerializedSize() != bytes.size()
                    || !bytes(message.toByteString()).equals(bytes)) {
                return Result.no(ErrorCode.DIRECTORY_INVALID, what + ": not in its one written form");
            }
            return Result.ok(message);
        } catch (InvalidProtocolBufferException malformed) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, what + ": cut short or not such a file");
        }
    }

    static Bytes bytes(ByteString string) {
        return Bytes.copyOf(string.asReadOnlyByteBuffer());
    }

    static ByteString string(Bytes bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes.asBuffer());
    }

    static List<Bytes> list(List<ByteString> strings) {
        List<Bytes> list = new ArrayList<>(strings.size());
        for (ByteString string : strings) {
            list.add(bytes(string));
        }
        return list;
    }

    static List<ByteString> strings(List<Bytes> list) {
        List<ByteString> strings = new ArrayList<>(list.size());
        for (Bytes bytes : list) {
            strings.add(string(bytes));
        }
        return strings;
    }

    private static boolean within(List<ByteString> items, int countMax, int bytesMax) {
        return items.size() <= countMax && items.stream().allMatch(item -> item.size() <= bytesMax);
    }

    // ---- directory

    static lienthong.proto.wire.v1.SignedDirectory message(SignedDirectory directory) {
        return lienthong.proto.wire.v1.SignedDirectory.newBuilder()
                .setRoot(string(directory.root()))
                .setHead(string(directory.head()))
                .setP384Signature(string(directory.signatures().ecdsa()))
                .setMldsa87Signature(string(directory.signatures().mlDsa()))
                .addAllEntries(strings(directory.entries()))
                .addAllCertificates(strings(directory.certificates()))
                .setRootCrl(string(directory.rootCrl()))
                .build();
    }

    static Bytes write(SignedDirectory directory) {
        return bytes(message(directory).toByteString());
    }

    static Result<SignedDirectory> parse(Bytes bytes) {
        return strict(lienthong.proto.wire.v1.SignedDirectory.parser(), bytes, Limits.DIRECTORY_BYTES_MAX, "directory")
                .then(DirectoryWire::value);
    }

    static Result<SignedDirectory> value(lienthong.proto.wire.v1.SignedDirectory message) {
        if (message.getEntriesCount() == 0
                || !within(message.getEntriesList(), Limits.DIRECTORY_ENTRIES_MAX, Limits.DIRECTORY_ENTRY_BYTES_MAX)
                || !within(message.getCertificatesList(), Limits.DIRECTORY_ENTRIES_MAX, Limits.CERTIFICATE_BYTES_MAX)
                || !fits(
                        message.getRoot(),
                        message.getHead(),
                        message.getP384Signature(),
                        message.getMldsa87Signature(),
                        message.getRootCrl())) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, "directory: a part is missing or above its limit");
        }
        return Result.ok(new SignedDirectory(
                bytes(message.getRoot()),
                bytes(message.getHead()),
                new DoubleSignature(bytes(message.getP384Signature()), bytes(message.getMldsa87Signature())),
                list(message.getEntriesList()),
                list(message.getCertificatesList()),
                bytes(message.getRootCrl())));
    }

    private static boolean fits(ByteString root, ByteString head, ByteString p384, ByteString mldsa87, ByteString crl) {
        return root.size() <= Limits.DIRECTORY_TEXT_BYTES_MAX
                && head.size() <= Limits.DIRECTORY_TEXT_BYTES_MAX
                && p384.size() <= Limits.DIRECTORY_TEXT_BYTES_MAX
                && mldsa87.size() <= Limits.DIRECTORY_TEXT_BYTES_MAX
                && crl.size() <= Limits.CRL_BYTES_MAX;
    }

    // ---- delta

    static Bytes write(DirectoryDelta delta) {
        return bytes(lienthong.proto.wire.v1.DirectoryDelta.newBuilder()
                .setBase(string(delta.base().bytes()))
                .addAllRemoved(delta.removed())
                .addAllAdded(strings(delta.added()))
                .setHead(string(delta.head()))
                .setP384Signature(string(delta.signatures().ecdsa()))
                .setMldsa87Signature(string(delta.signatures().mlDsa()))
                .addAllCertificates(strings(delta.certificates()))
                .setRootCrl(string(delta.rootCrl()))
                .build()
                .toByteString());
    }

    static Result<DirectoryDelta> parseDelta(Bytes bytes) {
        return strict(lienthong.proto.wire.v1.DirectoryDelta.parser(), bytes, Limits.DIRECTORY_BYTES_MAX, "delta")
                .then(message -> {
                    boolean fine = message.getBase().size() == Hash.SIZE_BYTES
                            && message.getRemovedCount() <= Limits.DIRECTORY_ENTRIES_MAX
                            && ascending(message.getRemovedList())
                            && within(
                                    message.getAddedList(),
                                    Limits.DIRECTORY_ENTRIES_MAX,
                                    Limits.DIRECTORY_ENTRY_BYTES_MAX)
                            && within(
                                    message.getCertificatesList(),
                                    Limits.DIRECTORY_ENTRIES_MAX,
                                    Limits.CERTIFICATE_BYTES_MAX)
                            && fits(
                                    ByteString.EMPTY,
                                    message.getHead(),
                                    message.getP384Signature(),
                                    message.getMldsa87Signature(),
                                    message.getRootCrl());
                    if (!fine) {
                        return Result.no(
                                ErrorCode.DIRECTORY_INVALID,
                                "delta: a part is missing, out of order or above its limit");
                    }
                    return Result.ok(new DirectoryDelta(
                            new Hash(bytes(message.getBase())),
                            message.getRemovedList(),
                            list(message.getAddedList()),
                            bytes(message.getHead()),
                            new DoubleSignature(
                                    bytes(message.getP384Signature()), bytes(message.getMldsa87Signature())),
                            list(message.getCertificatesList()),
                            bytes(message.getRootCrl())));
                });
    }

    private static boolean ascending(List<Integer> numbers) {
        int before = -1;
        for (int number : numbers) {
            if (number <= before) {
                return false;
            }
            before = number;
        }
        return true;
    }

    // ---- extract

    static Bytes write(DirectoryExtract extract) {
        var message = lienthong.proto.wire.v1.DirectoryExtract.newBuilder()
                .setRoot(string(extract.root()))
                .setHead(string(extract.head()))
                .setP384Signature(string(extract.signatures().ecdsa()))
                .setMldsa87Signature(string(extract.signatures().mlDsa()))
                .addAllCertificates(strings(extract.certificates()))
                .setRootCrl(string(extract.rootCrl()));
        for (DirectoryExtract.Item item : extract.items()) {
            message.addEntries(lienthong.proto.wire.v1.DirectoryExtract.Entry.newBuilder()
                    .setIndex(item.index())
                    .setText(string(item.text()))
                    .addAllPath(strings(item.path().stream().map(Hash::bytes).toList())));
        }
        return bytes(message.build().toByteString());
    }

    static Result<DirectoryExtract> parseExtract(Bytes bytes) {
        return strict(
                        lienthong.proto.wire.v1.DirectoryExtract.parser(),
                        bytes,
                        Limits.DIRECTORY_BYTES_MAX,
                        "directory extract")
                .then(message -> {
                    boolean fine = message.getEntriesCount() <= Limits.DIRECTORY_ENTRIES_MAX
                            && within(
                                    message.getCertificatesList(),
                                    Limits.DIRECTORY_ENTRIES_MAX,
                                    Limits.CERTIFICATE_BYTES_MAX)
                            && fits(
                                    message.getRoot(),
                                    message.getHead(),
                                    message.getP384Signature(),
                                    message.getMldsa87Signature(),
                                    message.getRootCrl());
                    List<DirectoryExtract.Item> items = new ArrayList<>();
                    for (var entry : message.getEntriesList()) {
                        if (!fine
                                || entry.getIndex() < 0
                                || entry.getText().size() > Limits.DIRECTORY_ENTRY_BYTES_MAX
                                || entry.getPathCount() > PATH_MAX
                                || !entry.getPathList().stream().allMatch(step -> step.size() == Hash.SIZE_BYTES)) {
                            fine = false;
                            break;
                        }
                        items.add(new DirectoryExtract.Item(
                                entry.getIndex(),
                                bytes(entry.getText()),
                                list(entry.getPathList()).stream()
                                        .map(Hash::new)
                                        .toList()));
                    }
                    if (!fine) {
                        return Result.no(ErrorCode.DIRECTORY_INVALID, "directory extract: a part is above its limit");
                    }
                    return Result.ok(new DirectoryExtract(
                            bytes(message.getRoot()),
                            bytes(message.getHead()),
                            new DoubleSignature(
                                    bytes(message.getP384Signature()), bytes(message.getMldsa87Signature())),
                            items,
                            list(message.getCertificatesList()),
                            bytes(message.getRootCrl())));
                });
    }

    // ---- record

    static Bytes write(RecordParts parts) {
        return bytes(message(parts).toByteString());
    }

    static lienthong.proto.wire.v1.Record message(RecordParts parts) {
        return lienthong.proto.wire.v1.Record.newBuilder()
                .setKindValue(parts.kind())
                .setText(string(parts.text()))
                .setCms(string(parts.cms()))
                .setDer(string(parts.der()))
                .build();
    }

    static Result<RecordParts> parseRecord(Bytes bytes) {
        return strict(lienthong.proto.wire.v1.Record.parser(), bytes, Limits.DIRECTORY_RECORD_BYTES_MAX, "record")
                .map(message -> new RecordParts(
                        message.getKindValue(),
                        bytes(message.getText()),
                        bytes(message.getCms()),
                        bytes(message.getDer())));
    }

    /** The fields of a record as they travel. */
    record RecordParts(int kind, Bytes text, Bytes cms, Bytes der) {}
}
