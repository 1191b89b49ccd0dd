package lienthong.gateway.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lienthong.gateway.message.Bug;
import lienthong.gateway.text.Language;

/** What the lab's commands say, in one language. Immutable; thread-safe. A missing text is a {@link Bug}, which a test finds first. */
public final class LabTexts {
    private static final Map<Language, LabTexts> ALL = Map.of(
            Language.VIETNAMESE, new LabTexts(Language.VIETNAMESE), Language.ENGLISH, new LabTexts(Language.ENGLISH));

    private final Language language;
    private final Properties texts;

    private LabTexts(Language language) {
        this.language = language;
        this.texts = load("lab_" + language.code() + ".properties");
    }

    public static LabTexts in(Language language) {
        return Objects.requireNonNull(ALL.get(language));
    }

    private static Properties load(String name) {
        try (InputStream stream = LabTexts.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new Bug("catalogue " + name + " is not in the jar");
            }
            Properties properties = new Properties();
            try (Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
                properties.load(reader);
            }
            return properties;
        } catch (IOException unreadable) {
            throw new Bug("catalogue " + name + " cannot be read", unreadable);
        }
    }

    public Language language() {
        return language;
    }

    public boolean has(String key) {
        return texts.containsKey(key);
    }

    /** A text by its key; {@code {0}}, {@code {1}} … stand for the arguments. */
    public String text(String key, Object... arguments) {
        String text = texts.getProperty(key);
        if (text == null) {
            throw new Bug("no text for " + key);
        }
        for (int i = 0; i < arguments.length; i++) {
            text = text.replace("{" + i + "}", String.valueOf(arguments[i]));
        }
        return text;
    }

    /** Whether this sentence was made from the text of {@code key}, whatever its arguments. */
    public boolean isText(String key, String sentence) {
        String pattern = Arrays.stream(text(key).split("\\{[0-9]}", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
        return Pattern.compile(pattern, Pattern.DOTALL).matcher(sentence).matches();
    }

    /** Every key, for the test that compares languages. */
    Set<String> keys() {
        return new TreeSet<>(texts.stringPropertyNames());
    }
}
