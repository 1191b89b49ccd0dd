package lienthong.gateway.directory;

import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Result;

/**
 * Something that proves itself below the directory, parsed and not yet judged: {@link DirectoryBook} checks who signed it and whether it may
 * say so. Immutable.
 */
public sealed interface DirectoryRecord
        permits CertificateRecord, KeyBundleRecord, RejoinRecord, CrlRecord, FreshnessRecord {
    /** As it travels; the same bytes for the same value. */
    Bytes toBytes();

    /** SHA-256 of {@link #toBytes}: how nodes find out what the other lacks. */
    default Hash hash() {
        return Hash.of(toBytes());
    }

    /**
     * From outside.
     *
     * @return DIRECTORY_INVALID for what is no record or is too large, OTHER_NETWORK
     */
    static Result<DirectoryRecord> parse(Bytes bytes, Hash network) {
        return DirectoryWire.parseRecord(bytes).then(parts -> {
            Result<? extends DirectoryRecord> parsed = switch (parts.kind()) {
                case CertificateRecord.KIND_NUMBER -> CertificateRecord.parse(parts, network);
                case KeyBundleRecord.KIND_NUMBER -> KeyBundleRecord.parse(parts, network);
                case RejoinRecord.KIND_NUMBER -> RejoinRecord.parse(parts, network);
                case CrlRecord.KIND_NUMBER -> CrlRecord.parse(parts, network);
                case FreshnessRecord.KIND_NUMBER -> FreshnessRecord.parse(parts, network);
                default ->
                    Result.<CertificateRecord>no(
                            ErrorCode.DIRECTORY_INVALID, "record of a kind this program does not know");
            };
            return parsed.fold(
                    Result::ok,
                    refusal -> refusal.reason() == ErrorCode.OTHER_NETWORK
                            ? Result.no(refusal)
                            : Result.no(ErrorCode.DIRECTORY_INVALID, refusal.about()));
        });
    }
}
