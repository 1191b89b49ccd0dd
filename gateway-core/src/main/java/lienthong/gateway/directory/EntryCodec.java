package lienthong.gateway.directory;

import java.nio.charset.StandardCharsets;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Result;

/** Reads one entry of whatever kind by the last word of its first line. */
final class EntryCodec {
    private static final int FIRST_LINE_BYTES_MAX = 128;

    private EntryCodec() {}

    /** An unknown kind is refused: an old program must not act on half of what the authority said. */
    static Result<DirectoryEntry> parse(Bytes text, Hash network) {
        return switch (kindOf(text)) {
            case OrganisationEntry.KIND ->
                OrganisationEntry.parse(text, network).map(entry -> entry);
            case NodeEntry.KIND -> NodeEntry.parse(text, network).map(entry -> entry);
            case Policy.KIND -> Policy.parse(text, network).map(entry -> entry);
            case RevocationEntry.KIND -> RevocationEntry.parse(text, network).map(entry -> entry);
            case InvitationEntry.KIND -> InvitationEntry.parse(text, network).map(entry -> entry);
            case FreshnessKeyEntry.KIND ->
                FreshnessKeyEntry.parse(text, network).map(entry -> entry);
            default -> Result.no(ErrorCode.TEXT_NOT_CLEAN, "entry of a kind this program does not know");
        };
    }

    private static String kindOf(Bytes text) {
        String start = new String(
                text.slice(0, Math.min(text.size(), FIRST_LINE_BYTES_MAX)).toArray(), StandardCharsets.US_ASCII);
        int end = start.indexOf('\n');
        return end < 0 ? "" : start.substring(start.lastIndexOf(' ', end) + 1, end);
    }
}
