package lienthong.gateway.text;

import java.util.Locale;
import java.util.Optional;

/** A language of the operator's texts. */
public enum Language {
    VIETNAMESE("vi"),
    ENGLISH("en");

    private final String code;

    Language(String code) {
        this.code = code;
    }

    /** {@code vi} or {@code en}. */
    public String code() {
        return code;
    }

    /** By {@code vi} or {@code en}, also {@code vi_VN.UTF-8}; empty for any other. */
    public static Optional<Language> of(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (Language language : values()) {
            if (lower.equals(language.code)
                    || lower.startsWith(language.code + "_")
                    || lower.startsWith(language.code + "-")
                    || lower.startsWith(language.code + ".")) {
                return Optional.of(language);
            }
        }
        return Optional.empty();
    }

    /**
     * What was asked for with {@code --lang}, else what the environment ({@code LANG}) says, else what the configuration says, else English.
     */
    public static Language choose(Optional<String> option, String environment, Optional<String> configuration) {
        return option.flatMap(Language::of)
                .or(() -> of(environment))
                .or(() -> configuration.flatMap(Language::of))
                .orElse(ENGLISH);
    }
}
