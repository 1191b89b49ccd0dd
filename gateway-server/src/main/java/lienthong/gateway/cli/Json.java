package lienthong.gateway.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JSON object on one line, names in the order they were put. Texts, numbers, truth values, lists and objects are all it needs. */
final class Json {
    private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

    static Json object() {
        return new Json();
    }

    /** Puts a text, number, Boolean, {@link Json} or a list of those; replaces what had the name. */
    Json put(String name, @Nullable Object value) {
        members.put(name, value);
        return this;
    }

    /** Puts a text unless it is empty. */
    Json putText(String name, String value) {
        return value.isEmpty() ? this : put(name, value);
    }

    Json putAll(Json other) {
        members.putAll(other.members);
        return this;
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        write(out, this);
        return out.toString();
    }

    private static void write(StringBuilder out, @Nullable Object value) {
        if (value instanceof Json object) {
            char separator = '{';
            for (Map.Entry<String, @Nullable Object> member : object.members.entrySet()) {
                out.append(separator);
                quote(out, member.getKey());
                out.append(':');
                write(out, member.getValue());
                separator = ',';
            }
            out.append(object.members.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            char separator = '[';
            for (Object item : list) {
                out.append(separator);
                write(out, item);
                separator = ',';
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            quote(out, value.toString());
        }
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7F || c == '\u2028' || c == '\u2029') {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
