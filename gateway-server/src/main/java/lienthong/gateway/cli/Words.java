package lienthong.gateway.cli;

import com.google.protobuf.Timestamp;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.text.Catalogue;
import lienthong.gateway.text.Language;
import lienthong.proto.gateway.v1.Precedence;
import lienthong.proto.gateway.v1.Refused;
import lienthong.proto.gateway.v1.SecrecyMark;
import lienthong.proto.gateway.v1.TrackEvent;
import lienthong.proto.gateway.v1.TrackState;

/** How values are read from arguments and shown to people: words, times, sizes. */
final class Words {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);

    private Words() {}

    /** 0 to 4, or a word: {@code khẩn}, {@code khan}, {@code urgent}. */
    static Precedence precedence(String text) throws lienthong.gateway.cli.Refused {
        return switch (plain(text)) {
            case "0", "thuong", "routine" -> Precedence.PRECEDENCE_ROUTINE;
            case "1", "khan", "urgent" -> Precedence.PRECEDENCE_URGENT;
            case "2", "thuong-khan", "very-urgent" -> Precedence.PRECEDENCE_VERY_URGENT;
            case "3", "hoa-toc", "flash" -> Precedence.PRECEDENCE_FLASH;
            case "4", "hoa-toc-hen-gio", "flash-timed" -> Precedence.PRECEDENCE_FLASH_TIMED;
            default ->
                throw new lienthong.gateway.cli.Refused(
                        ErrorCode.USAGE,
                        "--precedence {0}; thuong khan thuong-khan hoa-toc hoa-toc-hen-gio, or 0 to 4",
                        text);
        };
    }

    /** {@code none}, {@code mật}, {@code toi-mat}, … */
    static SecrecyMark mark(String text) throws lienthong.gateway.cli.Refused {
        return switch (plain(text)) {
            case "", "none", "khong" -> SecrecyMark.SECRECY_MARK_NONE;
            case "mat" -> SecrecyMark.SECRECY_MARK_CONFIDENTIAL;
            case "toi-mat" -> SecrecyMark.SECRECY_MARK_SECRET;
            case "tuyet-mat" -> SecrecyMark.SECRECY_MARK_TOP_SECRET;
            default ->
                throw new lienthong.gateway.cli.Refused(
                        ErrorCode.USAGE, "--mark {0}; none mat toi-mat tuyet-mat", text);
        };
    }

    /** {@code 30d}, {@code 12h}, {@code 15m}, {@code 3600s} or seconds. */
    static long seconds(String option, String text) throws lienthong.gateway.cli.Refused {
        try {
            String digits = text.replaceAll("[dhms]$", "");
            long number = Long.parseLong(digits);
            return Math.multiplyExact(
                    number,
                    switch (text.substring(digits.length())) {
                        case "d" -> 86_400L;
                        case "h" -> 3_600L;
                        case "m" -> 60L;
                        default -> 1L;
                    });
        } catch (NumberFormatException | ArithmeticException wrong) {
            throw new lienthong.gateway.cli.Refused(
                    ErrorCode.USAGE, "{0} {1}; for instance 30d, 12h, 15m, 90s", option, text);
        }
    }

    /** Lower case, no accents, dashes for blanks. */
    private static String plain(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFD)
                .replaceAll("\\p{M}", "")
                .replace('đ', 'd')
                .replace('Đ', 'D')
                .toLowerCase(Locale.ROOT)
                .replaceAll("[ _]+", "-");
    }

    static String precedence(Precedence precedence, Catalogue catalogue) {
        return catalogue.text("precedence." + precedence.name().substring("PRECEDENCE_".length()));
    }

    static String mark(SecrecyMark mark, Catalogue catalogue) {
        return catalogue.text("mark." + mark.name().substring("SECRECY_MARK_".length()));
    }

    static String state(TrackState state, Catalogue catalogue) {
        return catalogue.text("state." + state.name().substring("TRACK_STATE_".length()));
    }

    /** Lower-case name without its prefix, as it stands in JSON: {@code delivered}. */
    static String name(Enum<?> value, String prefix) {
        return value.name().substring(prefix.length()).toLowerCase(Locale.ROOT);
    }

    static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    /** RFC 3339 in UTC with milliseconds, as in JSON. */
    static String utc(Timestamp time) {
        return lienthong.gateway.message.StrictText.time(instant(time));
    }

    /** In this machine's zone, for people. */
    static String local(Timestamp time) {
        return local(instant(time));
    }

    static String local(Instant time) {
        return TIME.format(time.atZone(ZoneId.systemDefault()));
    }

    static String size(long bytes) {
        if (bytes < 10_000) {
            return bytes + " B";
        }
        double value = bytes;
        String unit = " B";
        for (String next : List.of(" kB", " MB", " GB", " TB")) {
            if (value < 1_000) {
                break;
            }
            value /= 1_000;
            unit = next;
        }
        return String.format(Locale.ROOT, value < 10 ? "%.1f%s" : "%.0f%s", value, unit);
    }

    static String duration(Duration duration, Catalogue catalogue) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 120) {
            return catalogue.text("duration.seconds", seconds);
        }
        if (seconds < 7_200) {
            return catalogue.text("duration.minutes", seconds / 60);
        }
        return seconds < 172_800
                ? catalogue.text("duration.hours", seconds / 3_600)
                : catalogue.text("duration.days", seconds / 86_400);
    }

    /** A reason of the node in words. */
    static String reason(Refused refused, Catalogue catalogue) {
        return refused.getNumber() == 0 ? "" : catalogue.sentence(refusal(refused));
    }

    static Refusal refusal(Refused refused) {
        String detail = refused.getDetail();
        return Refusal.technical(ErrorCode.ofNumber(refused.getNumber()).orElse(ErrorCode.UNCAUGHT), detail);
    }

    static Json json(TrackEvent event) {
        Json json = Json.object()
                .put("message_id", event.getMessageId())
                .putText("client_id", event.getClientId())
                .putText("recipient", event.getRecipient())
                .put("state", name(event.getState(), "TRACK_STATE_"))
                .put("at", utc(event.getAt()))
                .putText("node", event.getNode())
                .putText("signer", event.getSigner())
                .put("reported", event.getReported());
        return event.hasReason()
                ? json.put("reason", event.getReason().getReason())
                        .put("number", event.getReason().getNumber())
                        .putText("detail", event.getReason().getDetail())
                : json;
    }

    static boolean isVietnamese(Catalogue catalogue) {
        return catalogue.language() == Language.VIETNAMESE;
    }

    static List<String> list(Iterable<String> items) {
        List<String> list = new ArrayList<>();
        items.forEach(list::add);
        return list;
    }
}
