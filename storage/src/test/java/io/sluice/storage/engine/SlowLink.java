package io.sluice.storage.engine;

import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A bucket to which each put takes as long as its bytes need, and each other request its way there and back. */
final class SlowLink implements ObjectStore {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final ObjectStore inner;
    private final Lane lane;
    private final Duration latency;
    private long bytesPerSecond;

    /** Of requests side by side, each has {@code bytesPerSecond}. */
    SlowLink(ObjectStore inner, Lane lane, Duration latency, long bytesPerSecond) {
        this.inner = inner;
        this.lane = lane;
        this.latency = latency;
        this.bytesPerSecond = bytesPerSecond;
    }

    void bytesPerSecond(long next) {
        bytesPerSecond = next;
    }

    private <T> CompletableFuture<T> after(long bytes, Supplier<CompletableFuture<T>> request) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Duration time = latency.plusNanos(bytes * NANOS_PER_SECOND / bytesPerSecond);
        var unused = lane.schedule(time, () -> {
            var ignored = request.get().whenComplete((value, failure) -> {
                if (failure == null) {
                    result.complete(value);
                } else {
                    result.completeExceptionally(failure);
                }
            });
        });
        return result;
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return after(0, () -> inner.get(key, cause));
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        return after(0, () -> inner.getRange(key, offset, length, cause));
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return after(body.remaining(), () -> inner.put(key, body, condition, cause));
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return after(body.remaining(), () -> inner.putIfMatch(key, body, entityTag, cause));
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return after(0, () -> inner.head(key, cause));
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return after(0, () -> inner.list(prefix, startAfter, limit, cause));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        return after(0, () -> inner.delete(keys, cause));
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
}
