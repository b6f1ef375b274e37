package io.sluice.storage.object;

import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Lane;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tries requests again after {@code UNAVAILABLE} and {@code THROTTLED}, with exponential pauses and full jitter, until
 * the {@link RetrySchedule} says enough. The only place that retries: the AWS SDK's own retries are off, because they
 * believe a 412 that their own lost success has caused.
 *
 * <p>A conditional put is tried again too, but its {@code PRECONDITION_FAILED} is then marked with {@link
 * ObjectStoreException#afterUnknownOutcome}: the caller finds out whose object it is.
 */
public final class RetryingObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final RetriedRequest.Tools tools;

    /** {@code lane} keeps the pauses and begins the next attempts; {@code listener} hears of every one. */
    public RetryingObjectStore(
            ObjectStore inner,
            RetrySchedule schedule,
            EngineClock clock,
            Entropy entropy,
            Lane lane,
            RetryListener listener) {
        this.inner = inner;
        this.tools = new RetriedRequest.Tools(schedule, clock, entropy, lane, listener);
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return retry(ObjectOperation.GET, cause, () -> inner.get(key, cause));
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        return retry(ObjectOperation.GET_RANGE, cause, () -> inner.getRange(key, offset, length, cause));
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return retry(ObjectOperation.of(condition), cause, () -> inner.put(key, body, condition, cause));
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return retry(ObjectOperation.PUT_IF_MATCH, cause, () -> inner.putIfMatch(key, body, entityTag, cause));
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return retry(ObjectOperation.HEAD, cause, () -> inner.head(key, cause));
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return retry(ObjectOperation.LIST, cause, () -> inner.list(prefix, startAfter, limit, cause));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        return retry(ObjectOperation.DELETE, cause, () -> inner.delete(keys, cause));
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

    private <T> CompletableFuture<T> retry(
            ObjectOperation operation, RequestCause cause, Supplier<CompletableFuture<T>> request) {
        return new RetriedRequest<>(tools, operation, cause, request).start();
    }
}
