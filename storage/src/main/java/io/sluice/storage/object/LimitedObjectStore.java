package io.sluice.storage.object;

import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.Lane;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the requests in flight and the bytes sent and received per second. Requests wait in line: first for bandwidth
 * (uploads and downloads each in their own line, so that neither holds up the other), then for a slot. A request whose
 * future was completed by its caller (cancelled, timed out) while it waited is never sent.
 *
 * <p>Requests for manifests go to the head of the line for a slot, and do not wait for bandwidth though it is counted:
 * they are small and rare, and a cluster that fences a host waits for them, however many segments are being uploaded.
 */
public final class LimitedObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final RequestSlots slots;
    private final @Nullable BandwidthGate upload;
    private final @Nullable BandwidthGate download;

    /** {@code bytesPerSecond} bounds each direction by itself; empty for no bound. {@code lane} keeps the pauses. */
    public LimitedObjectStore(
            ObjectStore inner, int requestsInFlightMax, OptionalLong bytesPerSecond, EngineClock clock, Lane lane) {
        this.inner = inner;
        this.slots = new RequestSlots(requestsInFlightMax);
        this.upload = bytesPerSecond.isPresent() ? new BandwidthGate(bytesPerSecond.getAsLong(), clock, lane) : null;
        this.download = bytesPerSecond.isPresent() ? new BandwidthGate(bytesPerSecond.getAsLong(), clock, lane) : null;
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return limited(download, 0, cause, () -> charged(inner.get(key, cause)));
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        return limited(download, length, cause, () -> inner.getRange(key, offset, length, cause));
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return limited(upload, body.remaining(), cause, () -> inner.put(key, body, condition, cause));
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return limited(upload, body.remaining(), cause, () -> inner.putIfMatch(key, body, entityTag, cause));
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return limited(null, 0, cause, () -> inner.head(key, cause));
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return limited(null, 0, cause, () -> inner.list(prefix, startAfter, limit, cause));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        return limited(null, 0, cause, () -> inner.delete(keys, cause));
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

    /** How much a whole object is, is known only afterwards: the line behind it waits for that. */
    private CompletableFuture<ByteBuffer> charged(CompletableFuture<ByteBuffer> sent) {
        BandwidthGate gate = download;
        return gate == null
                ? sent
                : sent.thenApply(body -> {
                    gate.charge(body.remaining());
                    return body;
                });
    }

    private <T> CompletableFuture<T> limited(
            @Nullable BandwidthGate gate, long bytes, RequestCause cause, Supplier<CompletableFuture<T>> request) {
        CompletableFuture<T> result = new CompletableFuture<>();
        if (cause == RequestCause.MANIFEST) {
            if (gate != null) {
                gate.charge(Math.max(0, bytes));
            }
            slots.acquireFirst(() -> send(result, request));
        } else if (gate == null) {
            slots.acquire(() -> send(result, request));
        } else {
            gate.pass(Math.max(0, bytes), () -> {
                if (result.isDone()) {
                    gate.charge(-bytes);
                } else {
                    slots.acquire(() -> send(result, request));
                }
            });
        }
        return result;
    }

    private <T> void send(CompletableFuture<T> result, Supplier<CompletableFuture<T>> request) {
        if (result.isDone()) {
            slots.release();
            return;
        }
        CompletableFuture<T> sent = Requests.begin(request);
        var unusedSent = sent.whenComplete((value, failure) -> {
            slots.release();
            if (failure == null) {
                result.complete(value);
            } else {
                result.completeExceptionally(failure);
            }
        });
        var unusedResult = result.whenComplete((value, failure) -> {
            if (result.isCancelled()) {
                sent.cancel(true);
            }
        });
    }
}
