package io.sluice.storage.engine;

import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.segment.OpenedFrame;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * Recognises sequential streams of one port and brings what comes next into the read cache.
 *
 * <p>A stream is known by the byte at which its next read would begin. After {@link #READS_TO_TRUST} reads in a row the
 * window opens at {@link #WINDOW_FIRST_BYTES} and doubles with each use up to the configured bound. The next piece is asked
 * for when the reader has used a {@link #PIECES}th of the window, so that several requests are under way at a time, and a
 * store that is far away costs little more than a near one. Owned by the port's thread; the fetching runs elsewhere.
 */
final class ReadAhead {
    private static final int STREAMS = 8;
    private static final int READS_TO_TRUST = 3;
    private static final long WINDOW_FIRST_BYTES = 256 << 10;
    private static final int PIECES = 4;

    private final BlockFinder finder;
    private final ReadCache cache;
    private final ReadPath path;
    private final ReadAheadBudget budget;
    private final LongSupplier volumeBytes;
    private final Stream[] streams = new Stream[STREAMS];
    private int victim;

    /** {@code budget} is shared by all ports of the volume. */
    ReadAhead(BlockFinder finder, ReadCache cache, ReadPath path, ReadAheadBudget budget, LongSupplier volumeBytes) {
        this.finder = finder;
        this.cache = cache;
        this.path = path;
        this.budget = budget;
        this.volumeBytes = volumeBytes;
        for (int i = 0; i < STREAMS; i++) {
            streams[i] = new Stream();
        }
    }

    private static final class Stream {
        private long next = -1;
        private int reads;
        private long windowBytes;
        private long askedTo;
    }

    /** A host reads; cheap when nothing is sequential. */
    void noteRead(long offsetBytes, int bytes) {
        if (budget.bytesMax() == 0) {
            return;
        }
        Stream stream = find(offsetBytes);
        stream.next = offsetBytes + bytes;
        stream.reads++;
        if (stream.reads >= READS_TO_TRUST) {
            extend(stream);
        }
    }

    private Stream find(long offsetBytes) {
        for (Stream stream : streams) {
            if (stream.next == offsetBytes) {
                return stream;
            }
        }
        Stream stream = streams[victim];
        victim = (victim + 1) % STREAMS;
        stream.reads = 0;
        stream.windowBytes = WINDOW_FIRST_BYTES / 2;
        stream.askedTo = 0;
        return stream;
    }

    private void extend(Stream stream) {
        long ahead = stream.askedTo - stream.next;
        if (ahead > stream.windowBytes - stream.windowBytes / PIECES) {
            return;
        }
        stream.windowBytes = Math.min(budget.bytesMax(), stream.windowBytes * 2);
        long from = Math.max(stream.next, stream.askedTo);
        long to = Math.min(volumeBytes.getAsLong(), stream.next + stream.windowBytes);
        // What other streams leave nothing for is asked for with one of the next reads.
        long granted = from < to ? budget.take(to - from) : 0;
        if (granted > 0) {
            stream.askedTo = from + granted;
            path.workers().execute(() -> fetch(from, from + granted));
        }
    }

    /** On a worker: asks for the missing frames; leaves that are not known are brought first, once. */
    private void fetch(long from, long to) {
        long firstLba = from >>> BlockGeometry.BLOCK_SHIFT;
        int blocks = (int) ((to - 1) >>> BlockGeometry.BLOCK_SHIFT) - (int) firstLba + 1;
        Set<Long> leaves = unknownLeaves(firstLba, blocks);
        if (leaves.isEmpty()) {
            fetchFrames(firstLba, blocks, to - from);
            return;
        }
        List<CompletableFuture<Void>> loads = new ArrayList<>();
        for (long leaf : leaves) {
            loads.add(path.leaves().load(leaf));
        }
        Futures.then(
                CompletableFuture.allOf(loads.toArray(CompletableFuture[]::new)), path.workers(), (done, failure) -> {
                    if (failure == null) {
                        fetchFrames(firstLba, blocks, to - from);
                    } else { // a host's read will meet the same failure and report it
                        budget.giveBack(to - from);
                    }
                });
    }

    private Set<Long> unknownLeaves(long firstLba, int blocks) {
        long[] locators = new long[blocks];
        finder.lookup(firstLba, blocks, locators);
        Set<Long> leaves = new LinkedHashSet<>();
        for (int i = 0; i < blocks; i++) {
            if (locators[i] == Locator.UNKNOWN) {
                leaves.add(BlockGeometry.leafOf(firstLba + i));
            }
        }
        return leaves;
    }

    private void fetchFrames(long firstLba, int blocks, long granted) {
        long[] locators = new long[blocks];
        finder.lookup(firstLba, blocks, locators);
        Set<Long> frames = new LinkedHashSet<>();
        for (long locator : locators) {
            if (Locator.isSegment(locator) && !cache.contains(Locator.frameKey(locator))) {
                frames.add(Locator.frameKey(locator));
            }
        }
        Map<Long, CompletableFuture<OpenedFrame>> asked =
                path.fetcher().fetch(frames.stream().mapToLong(Long::longValue).toArray(), RequestCause.READ_AHEAD);
        Futures.then(
                CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new)),
                path.workers(),
                (done, failure) -> budget.giveBack(granted));
    }
}
