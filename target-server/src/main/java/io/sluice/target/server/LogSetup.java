package io.sluice.target.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.sluice.config.ServerSettings;
import org.slf4j.LoggerFactory;

/** Sets up logging by code: one line per event on standard error, for people or as JSON. */
public final class LogSetup {
    private static final String LINE =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{0}: %replace(%msg){'[\\r\\n]+', ' | '}%n%ex{12}";
    private static final String SHORT_LINE = "%level: %msg%n";

    private LogSetup() {}

    /**
     * First of all, before there is a second thread: while one thread initialises SLF4J, others get substitutes, which
     * {@link #forServer} could not set.
     */
    static void begin() {
        LoggerFactory.getILoggerFactory();
    }

    /** For a command that does one thing: warnings and errors only, short. */
    static void forCommand(LoggerContext context) {
        apply(context, Level.WARN, new PatternLayoutEncoder(), SHORT_LINE);
    }

    /** For the server. */
    public static void forServer(ServerSettings.Log settings) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Level level = Level.toLevel(settings.level().name());
        switch (settings.format()) {
            case TEXT -> apply(context, level, new PatternLayoutEncoder(), LINE);
            case JSON -> apply(context, level, json(), "");
        }
    }

    /** One object per line, with the message as people read it. */
    private static JsonEncoder json() {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setWithFormattedMessage(true);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithContext(false);
        encoder.setWithSequenceNumber(false);
        return encoder;
    }

    private static void apply(LoggerContext context, Level level, Encoder<ILoggingEvent> encoder, String pattern) {
        context.reset();
        if (encoder instanceof PatternLayoutEncoder lines) {
            lines.setPattern(pattern);
        }
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        root.addAppender(appender);
        quieten(context, "io.netty", "software.amazon.awssdk", "net.openhft", "org.apache.hc");
    }

    private static void quieten(LoggerContext context, String... names) {
        for (String name : names) {
            context.getLogger(name).setLevel(Level.WARN);
        }
    }
}
