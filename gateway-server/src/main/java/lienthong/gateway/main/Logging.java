package lienthong.gateway.main;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which log a process writes: commands say only what went wrong, a node also its life cycle. One line an event, on standard error; as JSON when
 * the configuration says so. What the lines look like stands in {@code logback.xml}.
 */
final class Logging {
    /** gRPC speaks through the JDK's log, and of each program that leaves in the middle of an answer, with a stack trace. Held: else it is forgotten. */
    private static final java.util.logging.Logger GRPC = java.util.logging.Logger.getLogger("io.grpc");

    private Logging() {}

    /**
     * From now on this process is a node.
     *
     * @param json one object a line, for programs, always in English: {@code formattedMessage} is the line
     * @param language of lines for people, {@code vi} or {@code en}
     */
    static void ofNode(boolean json, String language) {
        GRPC.setLevel(java.util.logging.Level.SEVERE);
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        context.putProperty(LanguageConverter.LANGUAGE, language);
        root.setLevel(Level.WARN);
        context.getLogger("lienthong").setLevel(Level.INFO);
        if (json && root.getAppender("words") != null) {
            JsonEncoder encoder = new JsonEncoder();
            encoder.setContext(context);
            encoder.setWithFormattedMessage(true);
            encoder.start();
            ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
            appender.setContext(context);
            appender.setName("json");
            appender.setTarget("System.err");
            appender.setEncoder(encoder);
            appender.start();
            root.addAppender(appender);
            root.detachAppender("words");
        }
    }
}
