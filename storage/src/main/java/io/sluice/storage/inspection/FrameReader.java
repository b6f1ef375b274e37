package io.sluice.storage.inspection;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.segment.OpenedFrame;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads and verifies frames of a view: neighbours in one ranged get, a bounded number of gets at a time, opened on
 * workers. The frames that were used last are kept, because blocks that were written in random order share frames with
 * blocks far away.
 *
 * <p>Memory: {@code requestsMax} ranges of at most {@link #RANGE_BYTES_MAX} and the frames in them, and {@code cacheBytes}.
 *
 * <p>Confined to the view's lane.
 */
public final class FrameReader {
    /** Longest range asked for at once. */
    public static final int RANGE_BYTES_MAX = 2 << 20;

    private final BucketVolume view;
    private final int requestsMax;
    private final Map<Long, OpenedFrame> cache;
    private final Queue<Request> waiting = new ArrayDeque<>();
    private int underWay;
    private long cachedBytes;
    private long requests;
    private long bytes;

    /** Is told of each frame, on the view's lane. */
    @FunctionalInterface
    public interface Visitor {
        /** One of {@code frame} and {@code failure} is null; a damage names its object. */
        void accept(long frameKey, @Nullable OpenedFrame frame, @Nullable Throwable failure);
    }

    /** Neighbouring frames; {@code done} gets each of them. */
    private record Request(List<Long> frames, Visitor visitor, Countdown countdown) {}

    /** Completes a future when all frames were told. */
    private static final class Countdown {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private int left;

        Countdown(int left) {
            this.left = left;
            if (left == 0) {
                done.complete(null);
            }
        }

        void tick() {
            left--;
            if (left == 0) {
                done.complete(null);
            }
        }
    }

    /** Up to {@code requestsMax} requests at a time; {@code cacheBytes} of opened frames are kept. */
    public FrameReader(BucketVolume view, int requestsMax, long cacheBytes) {
        this.view = view;
        this.requestsMax = requestsMax;
        this.cache = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, OpenedFrame> eldest) {
                if (cachedBytes <= cacheBytes) {
                    return false;
                }
                cachedBytes -= eldest.getValue().blocks().capacity();
                return true;
            }
        };
    }

    /**
     * Tells {@code visitor} of every frame of {@code frameKeys} ({@link Locator#frameKey}, each once), in any order; those
     * in memory before this returns. Completes on the lane when all were told, also when some failed; what the visitor
     * throws fails it.
     */
    public CompletableFuture<Void> read(long[] frameKeys, Visitor visitor) {
        long[] sorted = frameKeys.clone();
        Arrays.sort(sorted);
        List<Long> missing = new ArrayList<>();
        for (long key : sorted) {
            OpenedFrame known = cache.get(key);
            if (known == null) {
                missing.add(key);
            } else {
                visitor.accept(key, known, null);
            }
        }
        Countdown countdown = new Countdown(missing.size());
        int start = 0;
        while (start < missing.size()) {
            int end = endOfRange(missing, start);
            waiting.add(new Request(List.copyOf(missing.subList(start, end)), visitor, countdown));
            start = end;
        }
        send();
        return countdown.done;
    }

    /** Requests made so far. */
    public long requests() {
        return requests;
    }

    /** Bytes read so far. */
    public long bytes() {
        return bytes;
    }

    private static int endOfRange(List<Long> keys, int start) {
        long first = keys.get(start);
        int end = start + 1;
        long expected = Locator.frameOffsetBytes(first) + (long) Locator.frameStoredBytes(first);
        while (end < keys.size()) {
            long next = keys.get(end);
            long length = expected + Locator.frameStoredBytes(next) - Locator.frameOffsetBytes(first);
            if (Locator.segmentNumber(next) != Locator.segmentNumber(first)
                    || Locator.frameOffsetBytes(next) != expected
                    || length > RANGE_BYTES_MAX) {
                break;
            }
            expected += Locator.frameStoredBytes(next);
            end++;
        }
        return end;
    }

    private void send() {
        while (underWay < requestsMax && !waiting.isEmpty()) {
            underWay++;
            Request request = waiting.remove();
            long first = request.frames().get(0);
            long last = request.frames().get(request.frames().size() - 1);
            int offset = Locator.frameOffsetBytes(first);
            int length = Locator.frameOffsetBytes(last) + Locator.frameStoredBytes(last) - offset;
            requests++;
            bytes += length;
            Futures.then(
                    view.access()
                            .store()
                            .getRange(
                                    view.names().segment(Locator.segmentNumber(first)),
                                    offset,
                                    length,
                                    RequestCause.ADMIN),
                    view.access().runtime().workers(),
                    (stored, failure) -> open(request, stored, failure));
        }
    }

    /** On a worker. */
    private void open(Request request, @Nullable ByteBuffer stored, @Nullable Throwable failure) {
        List<Object> opened = new ArrayList<>();
        for (long key : request.frames()) {
            opened.add(stored == null ? wentWrong(failure) : tryOpen(request, key, stored));
        }
        view.lane().execute(() -> arrived(request, opened));
    }

    private static Throwable wentWrong(@Nullable Throwable failure) {
        return failure == null ? new IllegalStateException("neither bytes nor a failure") : Failures.unwrap(failure);
    }

    private Object tryOpen(Request request, long key, ByteBuffer stored) {
        long segment = Locator.segmentNumber(key);
        int from = Locator.frameOffsetBytes(key)
                - Locator.frameOffsetBytes(request.frames().get(0));
        try {
            return view.codec()
                    .openFrame(
                            segment, Locator.frameOffsetBytes(key), stored.slice(from, Locator.frameStoredBytes(key)));
        } catch (DamagedObjectException damaged) {
            return new DamagedObjectException(
                    view.names().segment(segment), String.valueOf(damaged.getMessage()), damaged);
        } catch (UnsupportedFormatException | RuntimeException other) {
            return other;
        }
    }

    private void arrived(Request request, List<Object> opened) {
        underWay--;
        if (request.frames().size() > 1 && isShorter(opened.get(0))) {
            // The object ends within the range: each frame by itself tells which are still there.
            request.frames()
                    .forEach(key -> waiting.add(new Request(List.of(key), request.visitor(), request.countdown())));
            send();
            return;
        }
        for (int i = 0; i < opened.size(); i++) {
            tell(request, request.frames().get(i), opened.get(i));
        }
        send();
    }

    private void tell(Request request, long key, Object opened) {
        try {
            if (opened instanceof OpenedFrame frame) {
                keep(key, frame);
                request.visitor().accept(key, frame, null);
            } else {
                request.visitor().accept(key, null, (Throwable) opened);
            }
        } catch (RuntimeException failure) {
            request.countdown().done.completeExceptionally(failure);
        }
        request.countdown().tick();
    }

    private void keep(long key, OpenedFrame frame) {
        cachedBytes += frame.blocks().capacity();
        OpenedFrame replaced = cache.put(key, frame);
        if (replaced != null) {
            cachedBytes -= replaced.blocks().capacity();
        }
    }

    private static boolean isShorter(Object opened) {
        return opened instanceof ObjectStoreException store && store.kind() == ObjectStoreException.Kind.INVALID;
    }
}
