package io.sluice.storage.engine;

import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.segment.OpenedFrame;
import io.sluice.storage.segment.SegmentCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Brings frames from the bucket: one request per frame at a time, adjacent frames in one ranged get; opened on a worker,
 * then put into the read cache. Thread-safe.
 */
final class FrameFetcher {
    /** Longest merged range, bytes. */
    private static final int RANGE_BYTES_MAX = 4 << 20;
    /** Frames asked for and not there yet: in an outage, hosts ask for more and more, and nothing comes. */
    static final int UNDER_WAY_MAX = 4096;

    private final ObjectStore store;
    private final ObjectNames names;
    private final SegmentCodec codec;
    private final ReadCache cache;
    private final Executor workers;
    private final ConcurrentMap<Long, CompletableFuture<OpenedFrame>> underWay = new ConcurrentHashMap<>();

    FrameFetcher(ObjectStore store, ObjectNames names, SegmentCodec codec, ReadCache cache, Executor workers) {
        this.store = store;
        this.names = names;
        this.codec = codec;
        this.cache = cache;
        this.workers = workers;
    }

    /** One future per frame key of {@code frameKeys}; they complete on workers. */
    Map<Long, CompletableFuture<OpenedFrame>> fetch(long[] frameKeys, RequestCause cause) {
        Map<Long, CompletableFuture<OpenedFrame>> all = new HashMap<>();
        List<Long> mine = new ArrayList<>();
        long[] sorted = frameKeys.clone();
        Arrays.sort(sorted);
        boolean full =
                underWay.size() + sorted.length > (cause == RequestCause.HOST ? UNDER_WAY_MAX : UNDER_WAY_MAX / 2);
        for (long key : sorted) {
            if (full && !underWay.containsKey(key)) {
                all.put(key, CompletableFuture.failedFuture(tooMany()));
                continue;
            }
            CompletableFuture<OpenedFrame> future = new CompletableFuture<>();
            CompletableFuture<OpenedFrame> other = underWay.putIfAbsent(key, future);
            all.put(key, other == null ? future : other);
            if (other == null) {
                mine.add(key);
            }
        }
        int start = 0;
        while (start < mine.size()) {
            int end = endOfRange(mine, start);
            request(List.copyOf(mine.subList(start, end)), all, cause);
            start = end;
        }
        return all;
    }

    private static ObjectStoreException tooMany() {
        return new ObjectStoreException(
                ObjectStoreException.Kind.THROTTLED, UNDER_WAY_MAX + " frames are being waited for already", null);
    }

    private static int endOfRange(List<Long> keys, int start) {
        long first = keys.get(start);
        long expectedOffset = Locator.frameOffsetBytes(first) + (long) Locator.frameStoredBytes(first);
        int end = start + 1;
        while (end < keys.size()) {
            long next = keys.get(end);
            long length = expectedOffset + Locator.frameStoredBytes(next) - Locator.frameOffsetBytes(first);
            if (Locator.segmentNumber(next) != Locator.segmentNumber(first)
                    || Locator.frameOffsetBytes(next) != expectedOffset
                    || length > RANGE_BYTES_MAX) {
                break;
            }
            expectedOffset += Locator.frameStoredBytes(next);
            end++;
        }
        return end;
    }

    private void request(List<Long> run, Map<Long, CompletableFuture<OpenedFrame>> futures, RequestCause cause) {
        long first = run.get(0);
        long last = run.get(run.size() - 1);
        int offset = Locator.frameOffsetBytes(first);
        int length = Locator.frameOffsetBytes(last) + Locator.frameStoredBytes(last) - offset;
        Futures.then(
                store.getRange(names.segment(Locator.segmentNumber(first)), offset, length, cause),
                workers,
                (bytes, failure) -> open(run, futures, cause, bytes, failure));
    }

    private static boolean isInvalid(Throwable failure) {
        return Failures.unwrap(failure) instanceof ObjectStoreException store
                && store.kind() == ObjectStoreException.Kind.INVALID;
    }

    private void open(
            List<Long> run,
            Map<Long, CompletableFuture<OpenedFrame>> futures,
            RequestCause cause,
            @Nullable ByteBuffer bytes,
            @Nullable Throwable failure) {
        if (failure != null && run.size() > 1 && isInvalid(failure)) {
            // The object is shorter than the range: each frame by itself tells which are still there.
            run.forEach(key -> request(List.of(key), futures, cause));
            return;
        }
        int base = Locator.frameOffsetBytes(run.get(0));
        for (long key : run) {
            CompletableFuture<OpenedFrame> future = futures.get(key);
            if (future == null) {
                continue;
            }
            try {
                if (bytes == null) {
                    throw failure == null ? new IllegalStateException("neither bytes nor a failure") : failure;
                }
                int from = Locator.frameOffsetBytes(key) - base;
                OpenedFrame frame = openFrame(key, bytes.slice(from, Locator.frameStoredBytes(key)));
                cache.insert(
                        key,
                        frame.blocks().duplicate(),
                        cause == RequestCause.READ_AHEAD ? ReadCache.Origin.READ_AHEAD : ReadCache.Origin.READ);
                underWay.remove(key, future);
                future.complete(frame);
            } catch (Throwable problem) {
                underWay.remove(key, future);
                future.completeExceptionally(problem);
            }
        }
    }

    /** What is wrong with it is told with the object that an operator has to look for. */
    private OpenedFrame openFrame(long key, ByteBuffer stored)
            throws DamagedObjectException, UnsupportedFormatException {
        long segment = Locator.segmentNumber(key);
        try {
            return codec.openFrame(segment, Locator.frameOffsetBytes(key), stored);
        } catch (DamagedObjectException damaged) {
            throw new DamagedObjectException(
                    names.segment(segment) + " in " + store.describe(), String.valueOf(damaged.getMessage()), damaged);
        }
    }
}
