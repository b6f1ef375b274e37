package io.sluice.target.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.LoggerFactory;

/** Watches what Sluice logs: an attacker must never bring forth an error or a stack trace. Prints nothing below ERROR. */
final class LogWatch implements AutoCloseable {
    private final AtomicReference<String> first = new AtomicReference<>();
    private final Watcher watcher = new Watcher();
    private final Logger logger;
    private final Level before;

    LogWatch() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        logger = context.getLogger("io.sluice");
        before = logger.getLevel();
        watcher.setContext(context);
        watcher.start();
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
        logger.addAppender(watcher);
    }

    /** The first line that should not be there; forgotten afterwards. */
    Optional<String> takeComplaint() {
        return Optional.ofNullable(first.getAndSet(null));
    }

    @Override
    public void close() {
        logger.detachAppender(watcher);
        logger.setLevel(before);
        logger.setAdditive(true);
        watcher.stop();
    }

    /** Keeps the first bad event. */
    private final class Watcher extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            boolean bad = event.getLevel().isGreaterOrEqual(Level.ERROR)
                    || (event.getLevel().isGreaterOrEqual(Level.INFO) && event.getThrowableProxy() != null);
            if (bad) {
                String stack = event.getThrowableProxy() == null
                        ? ""
                        : "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
                first.compareAndSet(null, "logged: " + event.getLevel() + " " + event.getFormattedMessage() + stack);
            }
        }
    }
}
