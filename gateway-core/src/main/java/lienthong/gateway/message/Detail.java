package lienthong.gateway.message;

import com.google.errorprone.annotations.CompileTimeConstant;
import java.util.ArrayList;
import java.util.List;

/**
 * What exactly is wrong and where: a sentence and the values in it, never content or keys. Two kinds: one of our own sentences, whose key is
 * its English form with {@code {0}}, {@code {1}} … where values stand, so that it can be said in another language; or words that came from
 * elsewhere (a peer, the operating system, a program library), which nobody translates.
 *
 * <p>The keys are a closed set, though no enum: the compiler accepts a literal only, the catalogue of the operator's texts holds each with its
 * translation, and a test compares that catalogue with the sources. Where a detail travels or is kept it does so as {@link #english()}, from
 * which a reader with the catalogue finds key and values again.
 */
public sealed interface Detail {
    /** Longest English form, in characters; what is longer is cut and ends with an ellipsis. */
    int CHARS_MAX = 300;

    /**
     * One of our own sentences.
     *
     * @param key the sentence in English; {@code {0}} to {@code {9}} stand for the arguments
     * @param arguments in order, each a {@code String} (a name, a number, a time as written in English) or a {@code Detail}
     */
    record Sentence(String key, List<Object> arguments) implements Detail {
        public Sentence {
            arguments = List.copyOf(arguments);
        }

        @Override
        public String english() {
            return Detail.cut(fill(key));
        }

        /** The arguments put into a form of this sentence, in whatever language; a nested detail is said in English. */
        public String fill(String form) {
            return fill(form, Detail::english);
        }

        /** The arguments put into a form of this sentence. */
        public String fill(String form, java.util.function.Function<Detail, String> nested) {
            StringBuilder filled = new StringBuilder();
            for (int i = 0; i < form.length(); i++) {
                int number = i + 2 < form.length() && form.charAt(i) == '{' && form.charAt(i + 2) == '}'
                        ? form.charAt(i + 1) - '0'
                        : -1;
                if (number < 0 || number >= arguments.size()) {
                    filled.append(form.charAt(i));
                    continue;
                }
                Object argument = arguments.get(number);
                filled.append(argument instanceof Detail detail ? nested.apply(detail) : (String) argument);
                i += 2;
            }
            return filled.toString();
        }

        @Override
        public String toString() {
            return english();
        }
    }

    /**
     * Words from elsewhere, as they came.
     *
     * @param text mostly English
     */
    record Technical(String text) implements Detail {
        @Override
        public String english() {
            return Detail.cut(text);
        }

        @Override
        public String toString() {
            return english();
        }
    }

    /** Nothing to add. */
    static Detail none() {
        return new Sentence("", List.of());
    }

    /**
     * One of our own sentences.
     *
     * @param key in English, a literal; {@code "{0}"} alone where a value says all
     * @param arguments what {@code {0}}, {@code {1}} … stand for; a {@code Detail} stays one, anything else is kept as its text
     */
    static Detail of(@CompileTimeConstant String key, Object... arguments) {
        List<Object> kept = new ArrayList<>(arguments.length);
        for (Object argument : arguments) {
            kept.add(argument instanceof Detail ? argument : String.valueOf(argument));
        }
        return new Sentence(key, kept);
    }

    /** Words from elsewhere: a peer's, the operating system's, a library's. */
    static Detail technical(String text) {
        return text.isEmpty() ? none() : new Technical(text);
    }

    /** The words of an exception of the operating system or a library; its name when it has none. */
    static Detail technical(Throwable cause) {
        String words = cause.getMessage();
        return technical(words == null ? cause.getClass().getSimpleName() : words);
    }

    /** In English, at most {@link #CHARS_MAX} characters; empty when there is nothing to add. */
    String english();

    private static String cut(String text) {
        return text.length() <= CHARS_MAX ? text : text.substring(0, CHARS_MAX - 1) + "…";
    }
}
