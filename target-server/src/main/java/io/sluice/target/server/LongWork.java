package io.sluice.target.server;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for work that may take long and tells every so often, less and less often, that it is still under way. */
final class LongWork {
    private static final Logger log = LoggerFactory.getLogger(LongWork.class);
    private static final long FACTOR = 2;
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    private LongWork() {}

    /**
     * Waits until {@code work} is done or has failed, which its own future tells.
     *
     * @param firstAfter silence before {@code stillGoingOn} is told for the first time
     */
    static void await(CompletableFuture<?> work, Duration firstAfter, Runnable stillGoingOn)
            throws InterruptedException {
        long pauseMillis = firstAfter.toMillis();
        while (!work.isDone()) {
            try {
                work.get(pauseMillis, TimeUnit.MILLISECONDS);
            } catch (TimeoutException slow) {
                log.trace("not done after another {} ms", pauseMillis, slow);
                stillGoingOn.run();
                pauseMillis = Math.min(FACTOR * pauseMillis, PAUSE_MAX.toMillis());
            } catch (ExecutionException failed) {
                log.trace("failed; whoever has the future tells", failed);
            }
        }
    }
}
