package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.segment.OpenedFrame;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A read that needs something from the bucket. It goes in rounds: look up every block that is still open, put what is
 * local or was fetched in the round before, ask for all that is missing at once, and wait. What moved meanwhile (journal
 * to segment, segment to segment) is simply found at its new place in the next round.
 *
 * <p>An outage is waited out, with a round now and then, until {@link Patience} is over: then the read ends with BUSY, and
 * the requests go on for those who come later.
 *
 * <pre>
 *   RUNNING ──ask──▶ WAITING ──answers, or the pause is over──▶ RUNNING ... ──▶ OVER
 *                       └──────────time is over──────────────────────────────────▲
 * </pre>
 *
 * <p>Invariants: 1. used by one thread at a time: the starter first, then whoever takes it from WAITING; 2. the destination
 * is touched while RUNNING only, so never after the completion was told; 3. who moves it to OVER tells the completion.
 */
final class ReadOperation {
    /** A block that is not found at its place so often, with nothing else changed, is missing. */
    private static final int MISSING_ROUNDS_MAX = 3;

    private final ReadPath path;
    private final long offsetBytes;
    private final ByteBuffer destination;
    private final int start;
    private final IoCompletion completion;
    private final Map<Long, OpenedFrame> fetched = new HashMap<>();
    /** What each open block waits for: the key of a frame, or the number of a leaf. */
    private final Map<Long, Long> frameOf = new HashMap<>();

    private final Map<Long, Long> leafOf = new HashMap<>();
    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    private List<Long> open = new ArrayList<>();
    private int roundsWithMissing;
    private int failures;
    private volatile boolean timeIsOver;
    private volatile String lastTrouble = "";
    private @Nullable Cancellable timer;

    private enum State {
        RUNNING,
        WAITING,
        OVER
    }

    /** Reads from {@code offsetBytes} into the remaining bytes of {@code destination}. */
    ReadOperation(ReadPath path, long offsetBytes, ByteBuffer destination, IoCompletion completion) {
        this.path = path;
        this.offsetBytes = offsetBytes;
        this.destination = destination;
        this.start = destination.position();
        this.completion = completion;
        long end = offsetBytes + destination.remaining();
        for (long lba = offsetBytes >>> BlockGeometry.BLOCK_SHIFT; lba << BlockGeometry.BLOCK_SHIFT < end; lba++) {
            open.add(lba);
        }
    }

    /** One round. */
    void run() {
        List<Long> stillOpen = new ArrayList<>();
        frameOf.clear();
        leafOf.clear();
        for (long lba : open) {
            try {
                if (!tryBlock(lba)) {
                    stillOpen.add(lba);
                }
            } catch (IOException | RuntimeException failure) {
                fail(failure, lba);
                return;
            }
        }
        open = stillOpen;
        fetched.clear();
        if (open.isEmpty()) {
            destination.position(destination.limit());
            end(null);
        } else {
            ask();
        }
    }

    private boolean tryBlock(long lba) throws IOException {
        while (true) {
            long locator = path.index().lookup(lba);
            if (Locator.isSegment(locator)) {
                OpenedFrame frame = fetched.get(Locator.frameKey(locator));
                if (frame != null) {
                    copy(frame, locator, lba);
                    return true;
                }
            }
            switch (path.local().read(locator, fromInBlock(lba), window(lba))) {
                case DONE -> {
                    return true;
                }
                case MOVED -> {
                    continue;
                }
                case FRAME_MISSING -> frameOf.put(lba, Locator.frameKey(locator));
                case LEAF_MISSING -> leafOf.put(lba, BlockGeometry.leafOf(lba));
            }
            return false;
        }
    }

    private void copy(OpenedFrame frame, long locator, long lba) throws DamagedObjectException {
        int slot = Locator.slot(locator);
        if (slot >= frame.lbas().length || (frame.lbas()[slot] != lba && !Locator.isShared(locator))) {
            throw new DamagedObjectException(
                    "segment " + Locator.segmentNumber(locator),
                    "the index says that block " + lba + " is at " + Locator.describe(locator)
                            + ", the frame there does not hold it");
        }
        ByteBuffer part = window(lba);
        part.put(frame.blocks()
                .duplicate()
                .slice(slot * BlockGeometry.BLOCK_BYTES + fromInBlock(lba), part.remaining()));
    }

    private int fromInBlock(long lba) {
        return (int) Math.max(0, offsetBytes - (lba << BlockGeometry.BLOCK_SHIFT));
    }

    /** The part of the destination that block {@code lba} fills. */
    private ByteBuffer window(long lba) {
        long blockStart = lba << BlockGeometry.BLOCK_SHIFT;
        int from = (int) Math.max(0, blockStart - offsetBytes);
        int to = (int) Math.min(destination.limit() - start, blockStart + BlockGeometry.BLOCK_BYTES - offsetBytes);
        return destination.duplicate().position(start + from).limit(start + to);
    }

    private void end(@Nullable IoFailure failure) {
        state.set(State.OVER);
        if (timer != null) {
            timer.cancel();
        }
        completion.complete(failure);
    }

    /** Runs when the time is over, on another thread. */
    private void expire() {
        timeIsOver = true;
        endIfLate();
    }

    /** True when it has ended now because the time was over while it waited. */
    private boolean endIfLate() {
        if (!timeIsOver || !state.compareAndSet(State.WAITING, State.OVER)) {
            return false;
        }
        long offset = Math.max(offsetBytes, open.get(0) << BlockGeometry.BLOCK_SHIFT);
        completion.complete(path.failures().of(path.patience().over(lastTrouble), offset));
        return true;
    }

    /** Lets go, so that the time limit can end it; false when that has happened at once. */
    private boolean mayWait() {
        if (timer == null) {
            timer = path.patience().whenOver(this::expire);
        }
        state.set(State.WAITING);
        return !endIfLate();
    }

    private void ask() {
        if (!mayWait()) {
            return;
        }
        Map<Long, CompletableFuture<?>> leaves = new HashMap<>();
        leafOf.values()
                .forEach(leaf ->
                        leaves.computeIfAbsent(leaf, each -> path.leaves().load(each, RequestCause.HOST)));
        long[] keys = new LinkedHashSet<>(frameOf.values())
                .stream().mapToLong(Long::longValue).toArray();
        Map<Long, CompletableFuture<OpenedFrame>> frames = path.fetcher().fetch(keys, RequestCause.HOST);
        List<CompletableFuture<?>> answers = new ArrayList<>(leaves.values());
        answers.addAll(frames.values());
        Futures.then(
                CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)), path.workers(), (done, failure) -> {
                    if (state.compareAndSet(State.WAITING, State.RUNNING)) {
                        answered(leaves, frames, failure);
                    }
                });
    }

    /** The bucket cannot be reached for now: one more round after a pause. */
    private void waitOut(Throwable failure) {
        lastTrouble = String.valueOf(Failures.unwrap(failure).getMessage());
        if (!mayWait()) {
            return;
        }
        path.patience()
                .afterPause(
                        ++failures,
                        () -> path.workers().execute(() -> {
                            if (state.compareAndSet(State.WAITING, State.RUNNING)) {
                                run();
                            }
                        }));
    }

    private void answered(
            Map<Long, CompletableFuture<?>> leaves,
            Map<Long, CompletableFuture<OpenedFrame>> frames,
            @Nullable Throwable failure) {
        boolean missing = false;
        for (Map.Entry<Long, CompletableFuture<OpenedFrame>> frame : frames.entrySet()) {
            if (!frame.getValue().isCompletedExceptionally()) {
                fetched.put(frame.getKey(), frame.getValue().join());
            } else {
                missing |= isNotFound(frame.getValue());
            }
        }
        // A missing frame may only have been moved, and its segment deleted: look again where the blocks are now.
        if (failure == null || (missing && ++roundsWithMissing < MISSING_ROUNDS_MAX)) {
            run();
        } else {
            failFirst(leaves, frames, failure);
        }
    }

    /** Ends with the first block whose own frame or leaf did not come: the others could be read. */
    private void failFirst(
            Map<Long, CompletableFuture<?>> leaves,
            Map<Long, CompletableFuture<OpenedFrame>> frames,
            Throwable failure) {
        for (long lba : open) {
            CompletableFuture<?> answer = leaves.get(leafOf.get(lba));
            if (answer == null) {
                answer = frames.get(frameOf.get(lba));
            }
            if (answer != null && answer.isCompletedExceptionally()) {
                Futures.then(answer, Runnable::run, (done, why) -> fail(why == null ? failure : why, lba));
                return;
            }
        }
        fail(failure, open.get(0));
    }

    private static boolean isNotFound(CompletableFuture<?> future) {
        try {
            future.join();
            return false;
        } catch (CompletionException failure) {
            return failure.getCause() instanceof ObjectStoreException store
                    && store.kind() == ObjectStoreException.Kind.NOT_FOUND;
        }
    }

    private void fail(Throwable failure, long lba) {
        if (ReadFailures.isOutage(failure)) {
            waitOut(failure);
            return;
        }
        long offset = Math.max(offsetBytes, lba << BlockGeometry.BLOCK_SHIFT);
        Long frame = frameOf.get(lba);
        String object = frame == null ? null : path.names().segment(Locator.segmentNumber(frame));
        if (ReadFailures.isMissing(failure)) {
            endMissing(failure, offset, object);
        } else {
            end(path.failures().of(failure, offset, object));
        }
    }

    /** Ends when it is known who owns the volume: a successor may have deleted what is missing. */
    private void endMissing(Throwable failure, long offset, @Nullable String object) {
        if (!mayWait()) {
            return;
        }
        Futures.then(path.failures().ownership().verify(), path.workers(), (known, unknown) -> {
            if (!state.compareAndSet(State.WAITING, State.RUNNING)) {
                return;
            }
            if (unknown != null && ReadFailures.isOutage(unknown)) {
                waitOut(unknown);
            } else {
                end(path.failures().of(failure, offset, object));
            }
        });
    }
}
