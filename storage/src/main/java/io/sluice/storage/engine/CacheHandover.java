package io.sluice.storage.engine;

import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentHeader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Hands the frames of committed segments over to the read cache: what was just written is what hosts read next. The raw blocks
 * are lent, not copied, so a segment's buffer is free when the cache has written it; the flusher plans no further while
 * it would need more buffers than there may be. It does not wait for a cache that is stuck, nor while writers are short
 * of journal space: then frames are dropped for which there is no room.
 *
 * <pre>
 *   KEEPING_UP --no buffer left--> BEHIND --1 s later--> GIVEN_UP
 *       ^                            |                        |
 *       +-----the cache has written a segment-----------------+
 * </pre>
 *
 * <p>Invariants: 1. the buffers of at most {@code lentMax} segments are lent; 2. each goes back once, after its segment's
 * blocks have moved in the index; 3. a timer runs in BEHIND only.
 *
 * <p>Confined to the volume's lane; the cache lets go on its own.
 */
final class CacheHandover {
    /** Durability is never held up for longer. */
    static final Duration WAIT_MAX = Duration.ofSeconds(1);
    /** Segments whose blocks may be in memory beyond those that are uploaded side by side. */
    private static final int SPARE_SEGMENTS = 2;

    private enum State {
        KEEPING_UP,
        BEHIND,
        GIVEN_UP
    }

    private final ReadCache cache;
    private final Lane lane;
    private final SegmentBuffers buffers;
    private final int lentMax;
    private final Runnable goOn;
    private State state = State.KEEPING_UP;
    private int lent;
    private @Nullable Cancellable timer;

    /** {@code goOn} runs on the lane when the flusher may look again. */
    CacheHandover(ReadCache cache, Lane lane, SegmentBuffers buffers, int uploads, Runnable goOn) {
        this.cache = cache;
        this.lane = lane;
        this.buffers = buffers;
        this.lentMax = uploads + SPARE_SEGMENTS;
        this.goOn = goOn;
    }

    /** Whether the next plan has to wait for a buffer, with {@code underWay} segments not committed yet. */
    boolean mustWait(int underWay) {
        if (lent + underWay < lentMax || lent == 0) {
            return false;
        }
        if (state == State.KEEPING_UP) {
            state = State.BEHIND;
            timer = lane.schedule(WAIT_MAX, this::giveUp);
        }
        return state == State.BEHIND;
    }

    private void giveUp() {
        timer = null;
        state = State.GIVEN_UP;
        goOn.run();
    }

    /** {@code job}, whose segment has {@code header}, is committed; its blocks can be moved before this turn of the lane ends. */
    void give(SegmentJob job, SegmentHeader header) {
        if (lent >= lentMax) {
            forEachFrame(header, (key, frame) -> cache.insert(key, job.frame(frame), ReadCache.Origin.FLUSHED));
            lane.execute(() -> job.release(buffers));
            return;
        }
        lent++;
        // One more than the frames: the last word is ours, when all of them were lent.
        AtomicInteger open = new AtomicInteger(header.frames().size() + 1);
        Runnable letGo = () -> {
            if (open.decrementAndGet() == 0) {
                lane.execute(() -> takeBack(job));
            }
        };
        forEachFrame(header, (key, frame) -> cache.lend(key, job.frame(frame), ReadCache.Origin.FLUSHED, letGo));
        letGo.run();
    }

    private interface FrameVisitor {
        void visit(long frameKey, int frame);
    }

    private static void forEachFrame(SegmentHeader header, FrameVisitor visitor) {
        List<SegmentHeader.Frame> frames = header.frames();
        for (int i = 0; i < frames.size(); i++) {
            visitor.visit(Locator.frameKey(frames.get(i).locator(header.number(), 0)), i);
        }
    }

    private void takeBack(SegmentJob job) {
        lent--;
        job.release(buffers);
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        state = State.KEEPING_UP;
        goOn.run();
    }

    /** Whether a buffer is still lent. */
    boolean isLending() {
        return lent > 0;
    }
}
