package io.sluice.storage.engine;

import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.segment.OpenedFrame;
import java.util.LinkedHashSet;
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
            long behind = Math.min(volumeBytes.getAsLong(), from + 2 * granted);
            path.workers().execute(() -> fetch(from, from + granted, behind));
        }
    }

    /**
     * On a worker: asks for the missing frames from {@code from} to {@code to}, and for the leaves from there to {@code behind}:
     * the next piece finds those known then, and waits for the store once instead of twice. The grant is given back when nothing is under
     * way any more. What fails here, a host's read will meet and report.
     */
    private void fetch(long from, long to, long behind) {
        CompletableFuture<Void> known = bringLeaves(from, to);
        CompletableFuture<Void> knownBehind = bringLeaves(to, behind);
        Futures.then(known, path.workers(), (done, failure) -> {
            CompletableFuture<Void> there = failure == null ? bringFrames(from, to) : known;
            Futures.then(
                    CompletableFuture.allOf(there, knownBehind),
                    path.workers(),
                    (all, problem) -> budget.giveBack(to - from));
        });
    }

    /** Completes when the index knows every block of the range; each of its leaves is asked for once. */
    private CompletableFuture<Void> bringLeaves(long from, long to) {
        Set<Long> leaves = new LinkedHashSet<>();
        long[] locators = locators(from, to);
        for (int i = 0; i < locators.length; i++) {
            if (locators[i] == Locator.UNKNOWN) {
                leaves.add(BlockGeometry.leafOf((from >>> BlockGeometry.BLOCK_SHIFT) + i));
            }
        }
        return CompletableFuture.allOf(leaves.stream()
                .map(leaf -> path.leaves().load(leaf, RequestCause.READ_AHEAD))
                .toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> bringFrames(long from, long to) {
        Set<Long> frames = new LinkedHashSet<>();
        for (long locator : locators(from, to)) {
            if (Locator.isSegment(locator) && !cache.contains(Locator.frameKey(locator))) {
                frames.add(Locator.frameKey(locator));
            }
        }
        Map<Long, CompletableFuture<OpenedFrame>> asked =
                path.fetcher().fetch(frames.stream().mapToLong(Long::longValue).toArray(), RequestCause.READ_AHEAD);
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new));
    }

    /** Of the blocks that the bytes from {@code from} to {@code to} touch. */
    private long[] locators(long from, long to) {
        if (from >= to) {
            return new long[0];
        }
        long firstLba = from >>> BlockGeometry.BLOCK_SHIFT;
        long[] locators = new long[(int) (((to - 1) >>> BlockGeometry.BLOCK_SHIFT) - firstLba) + 1];
        finder.lookup(firstLba, locators.length, locators);
        return locators;
    }
}
