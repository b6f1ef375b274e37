package io.sluice.storage.gc;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the collector needs of the volume it works for. Used on the volume's lane. */
public interface CollectorHost {
    /**
     * Why the collector must not do anything at this moment, in words; null when it may go on.
     *
     * @param urgent so much space is wasted that a full journal alone is no reason
     */
    @Nullable
    String standBackBecause(boolean urgent);

    /** True when nothing will ever be written here again: the volume is closing, closed, fenced or failed. */
    boolean isOver();

    /**
     * Gives {@code segment} the next number of the volume's series, and has it built, uploaded and committed in its turn. The
     * committed mapping knows it, and nobody has looked since, when {@link MovedSegment#settle} is called. Completes with the time its upload took, on the
     * lane; does not complete when the volume stops first.
     */
    CompletableFuture<Duration> append(MovedSegment segment);

    /** The number that the next segment of the series will get. */
    long nextNumber();

    /** Keeps these segments from being deleted until the result is run. */
    Runnable hold(Set<Long> segments);

    /** Has a checkpoint written soon, also when nothing was committed since the last one. */
    void wantCheckpoint();

    /** Attempts of puts so far of which it is not known whether they arrived, or still will. */
    long uncertainPuts();
}
