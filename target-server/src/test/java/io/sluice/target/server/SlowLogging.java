package io.sluice.target.server;

import ch.qos.logback.classic.spi.LogbackServiceProvider;
import java.util.concurrent.locks.LockSupport;

/**
 * The logging library, which takes three seconds to begin: for as long, every thread but the one that began it gets
 * substitutes from SLF4J. Named to a JVM by {@code -Dslf4j.provider}.
 */
public final class SlowLogging extends LogbackServiceProvider {
    private static final long NANOS = 3_000_000_000L;

    @Override
    public void initialize() {
        long endNanos = System.nanoTime() + NANOS;
        while (System.nanoTime() < endNanos) {
            LockSupport.parkNanos(endNanos - System.nanoTime());
        }
        super.initialize();
    }
}
