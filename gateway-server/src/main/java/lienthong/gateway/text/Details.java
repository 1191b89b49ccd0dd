package lienthong.gateway.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Detail;

/**
 * The closed set of details with their Vietnamese. {@code details_vi.txt} has two lines for each: the key, which is the English sentence, and the
 * Vietnamese one with the same gaps; lines with {@code #} are comments. Where a detail came as English text (from a node, a record, an older
 * version) key and values are found again from it. Immutable; thread-safe.
 *
 * <p>What is in no catalogue is a technical detail: words for the makers of a peer (malformed frames and signed texts), of the operating system
 * or of a library. It stays English, and Vietnamese output says so.
 */
final class Details {
    private static final String FILE = "details_vi.txt";
    /** Sentences with fewer letters of their own than this say nothing that could be recognised. */
    private static final int LETTERS_MIN = 2;
    /** With fewer than this, "of …" and "… for …", only single words can stand in the gaps. */
    private static final int LETTERS_ENOUGH = 4;

    private static final Pattern GAP = Pattern.compile("\\{(\\d)}");

    static final Details ALL = new Details();

    /** What a file or text is, where one of the sentences in {@link #OF_A_KIND} names it first. */
    private static final String KINDS_FILE = "kinds_vi.properties";

    private static final Set<String> OF_A_KIND = Set.of(
            "{0}: cut short or not such a file",
            "{0}: not in its one written form",
            "{0}: {1} bytes, at most {2}",
            "{0}: does not end with a line feed",
            "{0}, line {1}: control character",
            "{0}, line 1: network fingerprint",
            "{0}: not UTF-8",
            "line 1 is not that of a {0}",
            "{0} of another network",
            "{0}, {1}");

    private final Properties kinds = new Properties();
    private final Map<String, String> vietnamese = new LinkedHashMap<>();
    private final List<Form> forms = new ArrayList<>();

    /**
     * A sentence to be recognised.
     *
     * @param own how many characters stand outside its gaps: of two that fit, the one with more is meant
     */
    private record Form(String key, Pattern pattern, int arguments, int own) {}

    private Details() {
        try (InputStream stream = Details.class.getResourceAsStream(FILE)) {
            if (stream == null) {
                throw new Bug("catalogue " + FILE + " is not in the jar");
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            String key = null;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("#") || line.isBlank()) {
                    continue;
                }
                if (key == null) {
                    key = line;
                    continue;
                }
                if (vietnamese.put(key, line) != null) {
                    throw new Bug("a detail stands twice: " + key);
                }
                int letters = letters(GAP.matcher(key).replaceAll(""));
                if (letters >= LETTERS_MIN) {
                    forms.add(form(key, letters < LETTERS_ENOUGH ? "\\S+?" : ".*?"));
                }
                key = null;
            }
            if (key != null) {
                throw new Bug("a detail has no Vietnamese: " + key);
            }
            try (InputStream names = Details.class.getResourceAsStream(KINDS_FILE)) {
                if (names == null) {
                    throw new Bug("catalogue " + KINDS_FILE + " is not in the jar");
                }
                kinds.load(new InputStreamReader(names, StandardCharsets.UTF_8));
            }
        } catch (IOException unreadable) {
            throw new Bug("catalogue " + FILE + " cannot be read", unreadable);
        }
    }

    private static Form form(String key, String gapPattern) {
        StringBuilder pattern = new StringBuilder();
        Set<Integer> seen = new TreeSet<>();
        Matcher gap = GAP.matcher(key);
        int end = 0;
        while (gap.find()) {
            String own = key.substring(end, gap.start());
            pattern.append(own.isEmpty() ? "" : Pattern.quote(own));
            int number = Integer.parseInt(gap.group(1));
            // A gap right after another is an addition of its own: "; telephone …", ", not …", or nothing.
            String any = own.isEmpty() && end > 0 ? "(?:[;,] .*)?" : gapPattern;
            pattern.append(seen.add(number) ? "(?<a" + number + ">" + any + ")" : "\\k<a" + number + ">");
            end = gap.end();
        }
        String own = key.substring(end);
        pattern.append(own.isEmpty() ? "" : Pattern.quote(own));
        return new Form(
                key,
                Pattern.compile(pattern.toString(), Pattern.DOTALL),
                seen.size(),
                GAP.matcher(key).replaceAll("").length());
    }

    private static int letters(String text) {
        return (int) text.chars().filter(Character::isLetter).count();
    }

    /** Every key, in the order of the file. */
    Map<String, String> entries() {
        return vietnamese;
    }

    /** In Vietnamese; what no catalogue has stays English and is marked. */
    String vietnamese(Detail about) {
        if (about instanceof Detail.Sentence sentence) {
            if (sentence.key().isEmpty()) {
                return "";
            }
            String form = vietnamese.get(sentence.key());
            return form == null ? technical(about.english()) : named(sentence).fill(form, this::vietnamese);
        }
        String text = about.english();
        return recognise(text).map(this::vietnamese).orElseGet(() -> technical(text));
    }

    /** The kind of file or text in Vietnamese, where the sentence begins with one. */
    private Detail.Sentence named(Detail.Sentence sentence) {
        if (!OF_A_KIND.contains(sentence.key()) || !(sentence.arguments().get(0) instanceof String kind)) {
            return sentence;
        }
        List<Object> arguments = new ArrayList<>(sentence.arguments());
        // Found again from English, the gap may hold a name before the kind: "/srv/x: invitation".
        int start = kind.lastIndexOf(": ") < 0 ? 0 : kind.lastIndexOf(": ") + 2;
        String last = kind.substring(start);
        arguments.set(0, kind.substring(0, start) + kinds.getProperty(last, last));
        return new Detail.Sentence(sentence.key(), arguments);
    }

    /** Kinds of files and texts as they are written in them. */
    Set<String> kinds() {
        return kinds.stringPropertyNames();
    }

    private static String technical(String text) {
        // A value alone (a path, a code, a number) is no sentence in any language.
        return text.indexOf(' ') < 0 ? text : "chi tiết kỹ thuật (tiếng Anh): " + text;
    }

    /** Key and values of a detail that came as English text; empty when it is none of ours. */
    Optional<Detail.Sentence> recognise(String english) {
        Optional<Detail.Sentence> whole = sentence(english);
        // Or names and colons before one of ours. Each rest is looked at once: a peer chooses how many there are.
        for (int at = english.indexOf(": "); whole.isEmpty() && at > 0; at = english.indexOf(": ", at + 1)) {
            String before = english.substring(0, at);
            whole = sentence(english.substring(at + 2))
                    .map(rest -> new Detail.Sentence("{0}: {1}", List.of(before, rest)));
        }
        return whole;
    }

    private Optional<Detail.Sentence> sentence(String english) {
        Form best = null;
        Matcher found = null;
        for (Form form : forms) {
            Matcher matcher = form.pattern.matcher(english);
            if ((best == null || form.own > best.own) && matcher.matches()) {
                best = form;
                found = matcher;
            }
        }
        if (best != null && found != null) {
            List<Object> arguments = new ArrayList<>();
            for (int i = 0; i < best.arguments; i++) {
                arguments.add(argument(found.group("a" + i)));
            }
            return Optional.of(new Detail.Sentence(best.key, arguments));
        }
        return Optional.empty();
    }

    private Object argument(String text) {
        // One word is a value, never a sentence.
        return text.indexOf(' ') < 0
                ? text
                : recognise(text).map(Object.class::cast).orElse(text);
    }
}
