package lienthong.gateway.directory;

import com.google.protobuf.ByteString;
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

    private static boolean within(List<ByteString> items, int countMax, int bytesMax) {
        return items.size() <= countMax && items.stream().allMatch(item -> item.size() <= bytesMax);
    }

    // ---- directory

    static lienthong.proto.wire.v1.SignedDirectory message(SignedDirectory directory) {
        return lienthong.proto.wire.v1.SignedDirectory.newBuilder()
                .setRoot(StrictWire.string(directory.root()))
                .setHead(StrictWire.string(directory.head()))
                .setP384Signature(StrictWire.string(directory.signatures().ecdsa()))
                .setMldsa87Signature(StrictWire.string(directory.signatures().mlDsa()))
                .addAllEntries(StrictWire.strings(directory.entries()))
                .addAllCertificates(StrictWire.strings(directory.certificates()))
                .setRootCrl(StrictWire.string(directory.rootCrl()))
                .build();
    }

    static Bytes write(SignedDirectory directory) {
        return StrictWire.bytes(message(directory).toByteString());
    }

    static Result<SignedDirectory> parse(Bytes bytes) {
        return StrictWire.strict(
                        lienthong.proto.wire.v1.SignedDirectory.parser(),
                        bytes,
                        Limits.DIRECTORY_BYTES_MAX,
                        "directory")
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
                StrictWire.bytes(message.getRoot()),
                StrictWire.bytes(message.getHead()),
                new DoubleSignature(
                        StrictWire.bytes(message.getP384Signature()), StrictWire.bytes(message.getMldsa87Signature())),
                StrictWire.list(message.getEntriesList()),
                StrictWire.list(message.getCertificatesList()),
                StrictWire.bytes(message.getRootCrl())));
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
        return StrictWire.bytes(lienthong.proto.wire.v1.DirectoryDelta.newBuilder()
                .setBase(StrictWire.string(delta.base().bytes()))
                .addAllRemoved(delta.removed())
                .addAllAdded(StrictWire.strings(delta.added()))
                .setHead(StrictWire.string(delta.head()))
                .setP384Signature(StrictWire.string(delta.signatures().ecdsa()))
                .setMldsa87Signature(StrictWire.string(delta.signatures().mlDsa()))
                .addAllCertificates(StrictWire.strings(delta.certificates()))
                .setRootCrl(StrictWire.string(delta.rootCrl()))
                .build()
                .toByteString());
    }

    static Result<DirectoryDelta> parseDelta(Bytes bytes) {
        return StrictWire.strict(
                        lienthong.proto.wire.v1.DirectoryDelta.parser(), bytes, Limits.DIRECTORY_BYTES_MAX, "delta")
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
                            new Hash(StrictWire.bytes(message.getBase())),
                            message.getRemovedList(),
                            StrictWire.list(message.getAddedList()),
                            StrictWire.bytes(message.getHead()),
                            new DoubleSignature(
                                    StrictWire.bytes(message.getP384Signature()),
                                    StrictWire.bytes(message.getMldsa87Signature())),
                            StrictWire.list(message.getCertificatesList()),
                            StrictWire.bytes(message.getRootCrl())));
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
                .setRoot(StrictWire.string(extract.root()))
                .setHead(StrictWire.string(extract.head()))
                .setP384Signature(StrictWire.string(extract.signatures().ecdsa()))
                .setMldsa87Signature(StrictWire.string(extract.signatures().mlDsa()))
                .addAllCertificates(StrictWire.strings(extract.certificates()))
                .setRootCrl(StrictWire.string(extract.rootCrl()));
        for (DirectoryExtract.Item item : extract.items()) {
            message.addEntries(lienthong.proto.wire.v1.DirectoryExtract.Entry.newBuilder()
                    .setIndex(item.index())
                    .setText(StrictWire.string(item.text()))
                    .addAllPath(StrictWire.strings(
                            item.path().stream().map(Hash::bytes).toList())));
        }
        return StrictWire.bytes(message.build().toByteString());
    }

    static Result<DirectoryExtract> parseExtract(Bytes bytes) {
        return StrictWire.strict(
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
                                StrictWire.bytes(entry.getText()),
                                StrictWire.list(entry.getPathList()).stream()
                                        .map(Hash::new)
                                        .toList()));
                    }
                    if (!fine) {
                        return Result.no(ErrorCode.DIRECTORY_INVALID, "directory extract: a part is above its limit");
                    }
                    return Result.ok(new DirectoryExtract(
                            StrictWire.bytes(message.getRoot()),
                            StrictWire.bytes(message.getHead()),
                            new DoubleSignature(
                                    StrictWire.bytes(message.getP384Signature()),
                                    StrictWire.bytes(message.getMldsa87Signature())),
                            items,
                            StrictWire.list(message.getCertificatesList()),
                            StrictWire.bytes(message.getRootCrl())));
                });
    }

    // ---- record

    static Bytes write(RecordParts parts) {
        return StrictWire.bytes(message(parts).toByteString());
    }

    static lienthong.proto.wire.v1.Record message(RecordParts parts) {
        return lienthong.proto.wire.v1.Record.newBuilder()
                .setKindValue(parts.kind())
                .setText(StrictWire.string(parts.text()))
                .setCms(StrictWire.string(parts.cms()))
                .setDer(StrictWire.string(parts.der()))
                .build();
    }

    static Result<RecordParts> parseRecord(Bytes bytes) {
        return StrictWire.strict(
                        lienthong.proto.wire.v1.Record.parser(), bytes, Limits.DIRECTORY_RECORD_BYTES_MAX, "record")
                .map(message -> new RecordParts(
                        message.getKindValue(),
                        StrictWire.bytes(message.getText()),
                        StrictWire.bytes(message.getCms()),
                        StrictWire.bytes(message.getDer())));
    }

    /** The fields of a record as they travel. */
    record RecordParts(int kind, Bytes text, Bytes cms, Bytes der) {}
}
