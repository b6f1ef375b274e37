package io.sluice.storage.object;

import io.sluice.storage.runtime.EngineClock;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Counts requests, bytes, failures and latency by operation and cause, and changes nothing. */
public final class MeteredObjectStore implements ObjectStore {
    /** Keys that one S3 request deletes. */
    private static final int DELETE_KEYS_PER_REQUEST = 1000;

    private final ObjectStore inner;
    private final RequestMeters meters;
    private final EngineClock clock;

    /** {@code meters} may be shared with the {@link RetryingObjectStore} inside, which counts retries there. */
    public MeteredObjectStore(ObjectStore inner, RequestMeters meters, EngineClock clock) {
        this.inner = inner;
        this.meters = meters;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return metered(ObjectOperation.GET, cause, 0, () -> inner.get(key, cause), ByteBuffer::remaining);
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        return metered(
                ObjectOperation.GET_RANGE,
                cause,
                0,
                () -> inner.getRange(key, offset, length, cause),
                ByteBuffer::remaining);
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return metered(
                ObjectOperation.of(condition),
                cause,
                body.remaining(),
                () -> inner.put(key, body, condition, cause),
                tag -> 0);
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return metered(
                ObjectOperation.PUT_IF_MATCH,
                cause,
                body.remaining(),
                () -> inner.putIfMatch(key, body, entityTag, cause),
                tag -> 0);
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return metered(ObjectOperation.HEAD, cause, 0, () -> inner.head(key, cause), head -> 0);
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return metered(ObjectOperation.LIST, cause, 0, () -> inner.list(prefix, startAfter, limit, cause), page -> 0);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        RequestMeter meter = meters.meter(ObjectOperation.DELETE, cause);
        long requests = (keys.size() + DELETE_KEYS_PER_REQUEST - 1L) / DELETE_KEYS_PER_REQUEST;
        long startNanos = clock.monotonicNanos();
        meter.began(requests, 0);
        return inner.delete(keys, cause).whenComplete((nothing, failure) -> {
            long nanos = clock.monotonicNanos() - startNanos;
            if (failure == null) {
                meter.succeeded(nanos, 0);
            } else {
                meter.failed(nanos);
            }
        });
    }

    @Override
    public OptionalLong serverTimeMillis() {
        return inner.serverTimeMillis();
    }

    @Override
    public String describe() {
        return inner.describe();
    }

    @Override
    public void close() {
        inner.close();
    }

    /** Billed requests (retries included) by "put/FLUSH"; what was never asked for is absent. */
    public Map<String, Long> snapshot() {
        Map<String, Long> counts = new TreeMap<>();
        for (RequestStatistics one : meters.statistics()) {
            counts.put(one.label(), one.billedRequests());
        }
        return counts;
    }

    /** Everything that was counted, by operation and cause. */
    public List<RequestStatistics> statistics() {
        return meters.statistics();
    }

    /**
     * Attempts of puts so far of which it is not known whether they arrived, or still will: a time-out, a broken connection.
     * Such a request can put its object when nobody reckons with it any more.
     */
    public long uncertainPuts() {
        return meters.uncertainPuts();
    }

    /** Bytes of bodies given to put. */
    public long bytesUploaded() {
        return meters.statistics().stream()
                .mapToLong(one -> one.bytes().uploaded())
                .sum();
    }

    /** Bytes of bodies received from get. */
    public long bytesDownloaded() {
        return meters.statistics().stream()
                .mapToLong(one -> one.bytes().downloaded())
                .sum();
    }

    private <T> CompletableFuture<T> metered(
            ObjectOperation operation,
            RequestCause cause,
            long uploadBytes,
            Supplier<CompletableFuture<T>> request,
            ToLongFunction<T> downloadBytes) {
        RequestMeter meter = meters.meter(operation, cause);
        long startNanos = clock.monotonicNanos();
        meter.began(1, uploadBytes);
        return request.get().whenComplete((value, failure) -> {
            long nanos = clock.monotonicNanos() - startNanos;
            if (failure == null) {
                meter.succeeded(nanos, downloadBytes.applyAsLong(value));
            } else {
                meter.failed(nanos);
                meters.noteFailure(operation, failure);
            }
        });
    }
}
