package lienthong.gateway.message;

import java.text.Normalizer;

/** What a text must be before it may be signed: NFC, no control characters, no lone surrogate, no bidirectional marks. Never repaired. */
public final class CleanText {
    private CleanText() {}

    /**
     * Checks one line of text (subject, name of a part).
     *
     * @param field the field's name, for the answer
     * @param charsMax limit in UTF-16 characters
     * @return the same text, {@code HEADER_TOO_LARGE} with both lengths, or {@code TEXT_NOT_CLEAN} with field and 1-based position
     */
    public static Result<String> line(String field, String text, int charsMax) {
        if (text.length() > charsMax) {
            return Result.no(
                    ErrorCode.HEADER_TOO_LARGE, "{0}: {1} characters, at most {2}", field, text.length(), charsMax);
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int position = i + 1;
            Detail fault = null;
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                fault = Detail.of("control character");
            } else if (c >= '\u202A' && c <= '\u202E'
                    || c >= '\u2066' && c <= '\u2069'
                    || c == '\u200E'
                    || c == '\u200F'
                    || c == '\u061C') {
                fault = Detail.of("bidirectional mark");
            } else if (Character.isHighSurrogate(c)) {
                if (i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                    // The last two of each plane are noncharacters (Unicode §23.7).
                    if ((Character.toCodePoint(c, text.charAt(i)) & 0xFFFE) == 0xFFFE) {
                        fault = Detail.of("noncharacter");
                    }
                } else {
                    fault = Detail.of("lone surrogate");
                }
            } else if (Character.isLowSurrogate(c)) {
                fault = Detail.of("lone surrogate");
            } else if (c == '\uFEFF' || c >= '\uFFFE' || c >= '\uFDD0' && c <= '\uFDEF') {
                fault = Detail.of("byte order mark or noncharacter");
            }
            if (fault != null) {
                return Result.no(ErrorCode.TEXT_NOT_CLEAN, "{0}, position {1}: {2}", field, position, fault);
            }
        }
        if (!Normalizer.isNormalized(text, Normalizer.Form.NFC)) {
            String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
            int position = 0;
            while (position < composed.length()
                    && position < text.length()
                    && composed.charAt(position) == text.charAt(position)) {
                position++;
            }
            return Result.no(
                    ErrorCode.TEXT_NOT_CLEAN, "{0}, position {1}: not in Unicode form NFC", field, position + 1);
        }
        return Result.ok(text);
    }
}
