package lienthong.gateway.directory;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;

/** Protobuf read strictly, for files and records that are hashed: one value, one sequence of bytes. For codecs only. */
public final class StrictWire {
    private StrictWire() {}

    /** Parses strictly: the message must write itself back to the same bytes. */
    public static <M extends Message> Result<M> strict(Parser<M> parser, Bytes bytes, int bytesMax, String what) {
        if (bytes.size() > bytesMax) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, "{0}: {1} bytes, at most {2}", what, bytes.size(), bytesMax);
        }
        try {
            CodedInputStream in = CodedInputStream.newInstance(bytes.asBuffer());
            M message = parser.parseFrom(in);
            if (!message.getUnknownFields().asMap().isEmpty()
                    || message.getSerializedSize() != bytes.size()
                    || !bytes(message.toByteString()).equals(bytes)) {
                return Result.no(ErrorCode.DIRECTORY_INVALID, "{0}: not in its one written form", what);
            }
            return Result.ok(message);
        } catch (InvalidProtocolBufferException malformed) {
            return Result.no(ErrorCode.DIRECTORY_INVALID, "{0}: cut short or not such a file", what);
        }
    }

    public static Bytes bytes(ByteString string) {
        return Bytes.copyOf(string.asReadOnlyByteBuffer());
    }

    public static ByteString string(Bytes bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes.asBuffer());
    }

    public static List<Bytes> list(List<ByteString> strings) {
        List<Bytes> list = new ArrayList<>(strings.size());
        for (ByteString string : strings) {
            list.add(bytes(string));
        }
        return list;
    }

    public static List<ByteString> strings(List<Bytes> list) {
        List<ByteString> strings = new ArrayList<>(list.size());
        for (Bytes bytes : list) {
            strings.add(string(bytes));
        }
        return strings;
    }
}
