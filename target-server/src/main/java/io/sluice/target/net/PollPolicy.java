package io.sluice.target.net;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a loop that has nothing to do looks again and again for the next event before it sleeps.
 *
 * <p>To wake a thread whose processor has gone to sleep takes tens of microseconds, on a virtual machine most of all: as
 * much as a small command takes in all. A host that sends its next command when it has the answer to the last pays that
 * for each of them. Polling spares it, but only where the next event is near. And where a loop serves several hosts there
 * is enough to do that nobody sleeps: there it would only take the processor from others. So what happens moves a score:
 *
 * <pre>
 *   event                                             score
 *   a wait, polled or slept, of at most the max       + 1, up to 16
 *   a longer one                                      - 4, down to 0
 *   another channel is served than the last time      0
 *
 *   the loop polls, for at most the max, while the score is 8 or more
 * </pre>
 *
 * <p>Thus it polls while one host alone is served and at least four of five waits are short, whatever hiccups there are
 * between, and in the long run at most one poll of five is in vain; an idle or slowly used server only sleeps. KVM's
 * {@code halt_poll_ns} has the same purpose; its window closes after one long wait, and gave 14 to 19 thousand reads each
 * second at depth 1 where such a score gave 18 to 20. Confined to its loop.
 */
final class PollPolicy {
    private static final int SCORE_MAX = 16;
    private static final int SCORE_TO_POLL = 8;
    private static final int LONG_WAIT_COST = 4;

    private final long maxNanos;
    private int score;
    private @Nullable Object lastServed;

    /** Does not poll at first; with a {@code max} of zero, never. */
    PollPolicy(Duration max) {
        this.maxNanos = max.toNanos();
    }

    /** False when it will never poll, and so needs no waits told. */
    boolean mayEverPoll() {
        return maxNanos > 0;
    }

    /** How long to poll now; 0 when the loop should sleep at once. */
    long windowNanos() {
        return score >= SCORE_TO_POLL ? maxNanos : 0;
    }

    /** This channel had something to do. */
    void served(Object channel) {
        if (channel != lastServed) {
            lastServed = channel;
            score = 0;
        }
    }

    /** The loop had nothing to do for so long, polling and sleeping together. */
    void waited(long waitedNanos) {
        score = waitedNanos <= maxNanos ? Math.min(score + 1, SCORE_MAX) : Math.max(score - LONG_WAIT_COST, 0);
    }
}
