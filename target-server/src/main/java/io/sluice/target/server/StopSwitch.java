package io.sluice.target.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals turned into a wish to stop.
 *
 * <pre>
 *   running ──first──▶ stopping ──second──▶ ended at once
 * </pre>
 */
final class StopSwitch {
    private static final Logger log = LoggerFactory.getLogger(StopSwitch.class);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final AtomicInteger count = new AtomicInteger();
    private final Runnable endAtOnce;

    /** {@code endAtOnce} ends the process; what was acknowledged is as safe as after a crash. */
    StopSwitch(Runnable endAtOnce) {
        this.endAtOnce = endAtOnce;
    }

    /** Somebody asks for the end; {@code who} is for the log. Thread-safe. */
    void ask(String who) {
        if (count.incrementAndGet() == 1) {
            log.info("{}: stopping; a second signal ends at once", who);
            asked.countDown();
        } else {
            log.warn("a second signal ({}): ending at once; what was acknowledged is safe as after a crash", who);
            endAtOnce.run();
        }
    }

    boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** Until somebody asks. */
    void await() throws InterruptedException {
        asked.await();
    }
}
