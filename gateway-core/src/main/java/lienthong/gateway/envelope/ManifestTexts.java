package lienthong.gateway.envelope;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import lienthong.gateway.message.CleanText;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;

/** The rules for texts inside a manifest: the same where they enter and where they are read. */
final class ManifestTexts {
    /** RFC 6838 §4.2 names and RFC 9110 §8.3.1 parameters, in printable ASCII. */
    private static final Pattern TYPE =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}(;[ -~]*)?");

    private ManifestTexts() {}

    static Result<String> subject(String text) {
        return some("subject", text, Limits.SUBJECT_CHARS_MAX);
    }

    static Result<String> correlation(String text) {
        return some("correlation id", text, Limits.CORRELATION_ID_CHARS_MAX);
    }

    static Result<String> ordering(String text) {
        return some("ordering key", text, Limits.ORDERING_KEY_CHARS_MAX);
    }

    static Result<String> type(String text) {
        return TYPE.matcher(text).matches() && text.length() <= Limits.CONTENT_TYPE_CHARS_MAX
                ? Result.ok(text)
                : Result.no(
                        ErrorCode.FIELD_MISSING,
                        "media type: type/subtype, at most {0} characters",
                        Limits.CONTENT_TYPE_CHARS_MAX);
    }

    /** A part's name is a file's name somewhere later: never a path. */
    static Result<String> name(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length > Limits.PART_NAME_BYTES_MAX) {
            return Result.no(
                    ErrorCode.HEADER_TOO_LARGE, "part name: at most {0} bytes of UTF-8", Limits.PART_NAME_BYTES_MAX);
        }
        if (text.indexOf('/') >= 0 || text.indexOf('\\') >= 0 || text.equals(".") || text.equals("..")) {
            return Result.no(ErrorCode.FIELD_MISSING, "part name: a name, not a path");
        }
        return some("part name", text, Limits.PART_NAME_BYTES_MAX);
    }

    static Result<Optional<String>> optional(
            Optional<String> text, java.util.function.Function<String, Result<String>> rule) {
        return text.isEmpty() ? Result.ok(text) : rule.apply(text.get()).map(Optional::of);
    }

    /** A lone dash means "none" in the written form, so that it cannot be a text of its own. */
    private static Result<String> some(String field, String text, int charsMax) {
        if (text.isEmpty() || text.equals("-")) {
            return Result.no(ErrorCode.FIELD_MISSING, "{0}: empty or a lone dash; leave it out instead", field);
        }
        return CleanText.line(field, text, charsMax);
    }
}
