package io.sluice.storage.object;

import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.runtime.Lane;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store with the faults of real ones, drawn from a seed: slow answers, 503, requests that never arrived, requests
 * that were applied though the answer got lost, short reads, broken listings, whole outages. The same seed and the
 * same order of requests give the same faults.
 *
 * <p>Never faulty: what it promises. A failed request is either not applied or may have been, as its kind says; a
 * short read is reported as {@code UNAVAILABLE}, as {@link ObjectStore} demands of every implementation.
 */
public final class FaultyObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final Random random;
    private final Lane lane;

    private FaultPlan plan;
    private boolean outage;
    private int forcedLostReplies;
    private long faults;

    private enum Fault {
        NONE,
        THROTTLED,
        LOST_REQUEST,
        LOST_REPLY,
        SHORT_READ
    }

    private record Draw(Fault fault, Duration delay) {}

    /** {@code lane} keeps the delays. */
    public FaultyObjectStore(ObjectStore inner, long seed, FaultPlan plan, Lane lane) {
        this.inner = inner;
        this.random = new Random(seed);
        this.plan = plan;
        this.lane = lane;
    }

    /** Faults from now on. */
    public synchronized void setPlan(FaultPlan next) {
        plan = next;
    }

    /** True: every request fails with {@code UNAVAILABLE} and nothing is applied, until false. */
    public synchronized void setOutage(boolean on) {
        outage = on;
    }

    /** The next {@code count} changing requests are applied and their answers lost. */
    public synchronized void loseReplies(int count) {
        forcedLostReplies = count;
    }

    /** How many faults struck so far, delays not counted. */
    public synchronized long faults() {
        return faults;
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return request(ObjectOperation.GET, key, () -> inner.get(key, cause));
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        return request(ObjectOperation.GET_RANGE, key, () -> inner.getRange(key, offset, length, cause));
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return request(ObjectOperation.of(condition), key, () -> inner.put(key, body, condition, cause));
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return request(ObjectOperation.PUT_IF_MATCH, key, () -> inner.putIfMatch(key, body, entityTag, cause));
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return request(ObjectOperation.HEAD, key, () -> inner.head(key, cause));
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return request(ObjectOperation.LIST, prefix, () -> inner.list(prefix, startAfter, limit, cause));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        return request(ObjectOperation.DELETE, keys.size() + " keys", () -> inner.delete(keys, cause));
    }

    @Override
    public OptionalLong serverTimeMillis() {
        return inner.serverTimeMillis();
    }

    @Override
    public String describe() {
        return "faulty " + inner.describe();
    }

    @Override
    public void close() {
        inner.close();
    }

    private <T> CompletableFuture<T> request(
            ObjectOperation operation, String subject, Supplier<CompletableFuture<T>> request) {
        Draw draw = draw(operation);
        if (draw.delay.isZero()) {
            return answer(draw.fault, operation, subject, request);
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        var unused = lane.schedule(draw.delay, () -> {
            var unusedToo = answer(draw.fault, operation, subject, request).whenComplete((value, failure) -> {
                if (failure == null) {
                    result.complete(value);
                } else {
                    result.completeExceptionally(failure);
                }
            });
        });
        return result;
    }

    private static <T> CompletableFuture<T> answer(
            Fault fault, ObjectOperation operation, String subject, Supplier<CompletableFuture<T>> request) {
        String what = operation.label() + " '" + subject + "': ";
        return switch (fault) {
            case NONE -> request.get();
            case THROTTLED ->
                CompletableFuture.failedFuture(
                        new ObjectStoreException(Kind.THROTTLED, what + "slow down (injected)", null));
            case LOST_REQUEST ->
                CompletableFuture.failedFuture(
                        new ObjectStoreException(Kind.UNAVAILABLE, what + "no answer (injected)", null));
            case LOST_REPLY, SHORT_READ ->
                request.get()
                        .handle((value, failure) -> {
                            String cut =
                                    fault == Fault.LOST_REPLY ? "answer lost (injected)" : "short answer (injected)";
                            return new ObjectStoreException(Kind.UNAVAILABLE, what + cut, null);
                        })
                        .thenCompose(CompletableFuture::failedFuture);
        };
    }

    private synchronized Draw draw(ObjectOperation operation) {
        Duration delay = Duration.ZERO;
        if (hits(plan.delayed()) && !plan.delayMax().isZero()) {
            delay = Duration.ofNanos(
                    1 + (long) (random.nextDouble() * plan.delayMax().toNanos()));
        }
        Fault fault = drawFault(operation);
        if (fault != Fault.NONE) {
            faults++;
        }
        return new Draw(fault, delay);
    }

    private Fault drawFault(ObjectOperation operation) {
        boolean throttled = hits(plan.throttled());
        boolean lostRequest = hits(plan.lostRequest());
        boolean lostReply = hits(plan.lostReply());
        boolean shortRead = hits(plan.shortRead());
        if (outage) {
            return Fault.LOST_REQUEST;
        }
        if (forcedLostReplies > 0 && operation.isMutating()) {
            forcedLostReplies--;
            return Fault.LOST_REPLY;
        }
        if (throttled) {
            return Fault.THROTTLED;
        }
        if (lostRequest) {
            return Fault.LOST_REQUEST;
        }
        if (operation.isMutating()) {
            return lostReply ? Fault.LOST_REPLY : Fault.NONE;
        }
        return shortRead ? Fault.SHORT_READ : Fault.NONE;
    }

    private boolean hits(double share) {
        return random.nextDouble() < share;
    }
}
