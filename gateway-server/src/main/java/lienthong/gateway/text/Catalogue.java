package lienthong.gateway.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ListResourceBundle;
import java.util.Map;
import java.util.Properties;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;

/** The texts of one language. Immutable; thread-safe. A missing text is a {@link Bug}, which a test finds first. */
public final class Catalogue {
    private static final Map<Language, Catalogue> ALL = Map.of(
            Language.VIETNAMESE, new Catalogue(Language.VIETNAMESE), Language.ENGLISH, new Catalogue(Language.ENGLISH));

    private final Language language;
    private final Properties errors;
    private final Properties texts;
    private final Properties help;

    private Catalogue(Language language) {
        this.language = language;
        this.errors = load("errors_" + language.code() + ".properties");
        this.texts = load("texts_" + language.code() + ".properties");
        this.help = load("help_" + language.code() + ".properties");
    }

    public static Catalogue in(Language language) {
        return java.util.Objects.requireNonNull(ALL.get(language));
    }

    private static Properties load(String name) {
        try (InputStream stream = Catalogue.class.getResourceAsStream(name)) {
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

    /** What an error says, one sentence. */
    public String what(ErrorCode reason) {
        return get(errors, reason.number() + ".what");
    }

    /** What to do about it, one sentence. */
    public String advice(ErrorCode reason) {
        return get(errors, reason.number() + ".do");
    }

    /** Number, sentence, detail and advice in one line, as every command ends with. */
    public String sentence(Refusal why) {
        String about = detail(why.about());
        String detail = about.isEmpty() ? "" : " [" + about + "]";
        return why.reason().label() + ": " + what(why.reason()) + detail + " " + advice(why.reason());
    }

    /** Number and detail alone, for the second and further of several faults. */
    public String labelled(Refusal why) {
        return why.reason().label() + ": " + detail(why.about());
    }

    /** A detail in this language; a technical one stays English, which Vietnamese says. */
    public String detail(Detail about) {
        return language == Language.VIETNAMESE ? Details.ALL.vietnamese(about) : about.english();
    }

    /** A detail that came as English text. */
    public String detail(String english) {
        return detail(Detail.technical(english));
    }

    /** A text by its key; {@code {0}}, {@code {1}} … stand for the arguments. */
    public String text(String key, Object... arguments) {
        String text = get(texts, key);
        for (int i = 0; i < arguments.length; i++) {
            text = text.replace("{" + i + "}", String.valueOf(arguments[i]));
        }
        return text;
    }

    /** A word for people in place of one of the program's, where there is such a text; else the program's word itself. */
    public String word(String group, String word) {
        return texts.getProperty(group + "." + word, word);
    }

    /** What commands and options do, in the form the command line's parser takes. */
    public ResourceBundle help() {
        return new ListResourceBundle() {
            @Override
            protected Object[][] getContents() {
                return help.stringPropertyNames().stream()
                        .map(key -> new Object[] {key, get(help, key)})
                        .toArray(Object[][]::new);
            }
        };
    }

    /** Every key of a help text. */
    Set<String> helpKeys() {
        return new TreeSet<>(help.stringPropertyNames());
    }

    /** Every key of a text, for the test that compares languages. */
    Set<String> keys() {
        return new TreeSet<>(texts.stringPropertyNames());
    }

    /** Every key of an error text. */
    Set<String> errorKeys() {
        return new TreeSet<>(errors.stringPropertyNames());
    }

    private static String get(Properties properties, String key) {
        String text = properties.getProperty(key);
        if (text == null) {
            throw new Bug("no text for " + key);
        }
        return text;
    }
}
