package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Locator;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.segment.OpenedFrame;
import io.sluice.storage.volume.IoCompletion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A read that needs something from the bucket. It goes in rounds: look up every block that is still open, put what is
 * local or was fetched in the round before, ask for all that is missing at once, and wait. What moved meanwhile (journal
 * to segment, segment to segment) is simply found at its new place in the next round.
 *
 * <p>Used by one thread at a time: the starter first, then whoever completes the last answer of a round.
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
    private final Set<Long> notFound = new LinkedHashSet<>();
    private List<Long> open = new ArrayList<>();
    private int roundsWithMissing;

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
        try {
            Set<Long> frames = new LinkedHashSet<>();
            Set<Long> leaves = new LinkedHashSet<>();
            List<Long> stillOpen = new ArrayList<>();
            for (long lba : open) {
                if (!tryBlock(lba, frames, leaves)) {
                    stillOpen.add(lba);
                }
            }
            open = stillOpen;
            fetched.clear();
            if (open.isEmpty()) {
                destination.position(destination.limit());
                completion.complete(null);
            } else {
                ask(frames, leaves);
            }
        } catch (IOException failure) {
            fail(failure);
        }
    }

    private boolean tryBlock(long lba, Set<Long> frames, Set<Long> leaves) throws IOException {
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
                case FRAME_MISSING -> frames.add(Locator.frameKey(locator));
                case LEAF_MISSING -> leaves.add(BlockGeometry.leafOf(lba));
            }
            return false;
        }
    }

    private void copy(OpenedFrame frame, long locator, long lba) throws DamagedObjectException {
        int slot = Locator.slot(locator);
        if (slot >= frame.lbas().length || frame.lbas()[slot] != lba) {
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

    private void ask(Set<Long> frames, Set<Long> leaves) {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (long leaf : leaves) {
            answers.add(path.leaves().load(leaf));
        }
        Map<Long, CompletableFuture<OpenedFrame>> asked =
                path.fetcher().fetch(frames.stream().mapToLong(Long::longValue).toArray(), RequestCause.HOST);
        answers.addAll(asked.values());
        Futures.then(
                CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)),
                path.workers(),
                (done, failure) -> answered(asked, failure));
    }

    private void answered(Map<Long, CompletableFuture<OpenedFrame>> asked, @Nullable Throwable failure) {
        notFound.clear();
        asked.forEach((key, future) -> {
            if (!future.isCompletedExceptionally()) {
                fetched.put(key, future.join());
            } else if (isNotFound(future)) {
                notFound.add(key);
            }
        });
        if (failure == null) {
            run();
        } else if (!notFound.isEmpty() && ++roundsWithMissing < MISSING_ROUNDS_MAX) {
            // The collector may have moved the blocks and deleted the segment: look again where they are now.
            run();
        } else {
            fail(failure);
        }
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

    private void fail(Throwable failure) {
        long where = open.isEmpty() ? offsetBytes : Math.max(offsetBytes, open.get(0) << BlockGeometry.BLOCK_SHIFT);
        completion.complete(ReadFailures.of(failure, where));
    }
}
