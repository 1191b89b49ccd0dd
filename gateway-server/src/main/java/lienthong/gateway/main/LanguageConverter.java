package lienthong.gateway.main;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import lienthong.gateway.message.Detail;
import lienthong.gateway.text.Catalogue;
import lienthong.gateway.text.Language;
import org.slf4j.helpers.MessageFormatter;

/**
 * A log line in the operator's language: whatever of it is a {@link Detail} is said from the catalogue. The rest, and stack traces, is for
 * developers and stays English. The language is the log's property {@link #LANGUAGE}; without it, English.
 */
public final class LanguageConverter extends ClassicConverter {
    static final String LANGUAGE = "language";

    @Override
    public String convert(ILoggingEvent event) {
        Object[] arguments = event.getArgumentArray();
        if (arguments == null) {
            return event.getFormattedMessage();
        }
        String language = event.getLoggerContextVO().getPropertyMap().getOrDefault(LANGUAGE, "");
        Catalogue catalogue = Catalogue.in(Language.of(language).orElse(Language.ENGLISH));
        Object[] said = new Object[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            said[i] = arguments[i] instanceof Detail detail ? catalogue.detail(detail) : arguments[i];
        }
        return MessageFormatter.arrayFormat(event.getMessage(), said).getMessage();
    }
}
