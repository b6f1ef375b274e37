package io.sluice.storage.object;

import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request and all its attempts.
 *
 * <p>States: under way → pausing → under way → ... → done. Invariants:
 *
 * <ol>
 *   <li>At most one attempt is under way; the next begins only after the last has ended.
 *   <li>{@link #result} is completed once; nothing is begun after it.
 *   <li>Only {@code UNAVAILABLE} and {@code THROTTLED} are tried again.
 *   <li>A failure that follows an attempt with an open outcome is marked so, when the operation changes anything.
 * </ol>
 *
 * <p>Attempts follow one another through the futures' own ordering; only the deadline comes from another thread.
 */
final class RetriedRequest<T> {
    private final Tools tools;
    private final ObjectOperation operation;
    private final RequestCause cause;
    private final Supplier<CompletableFuture<T>> request;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final long startNanos;

    private int attempts;
    private boolean outcomeOpen;
    private volatile @Nullable CompletableFuture<T> underWay;
    private volatile @Nullable ObjectStoreException lastFailure;

    /** What all requests of one store share. */
    record Tools(RetrySchedule schedule, EngineClock clock, Entropy entropy, Lane lane, RetryListener listener) {}

    RetriedRequest(Tools tools, ObjectOperation operation, RequestCause cause, Supplier<CompletableFuture<T>> request) {
        this.tools = tools;
        this.operation = operation;
        this.cause = cause;
        this.request = request;
        this.startNanos = tools.clock.monotonicNanos();
    }

    CompletableFuture<T> start() {
        Cancellable deadline = tools.lane.schedule(tools.schedule.totalTimeout(), this::expire);
        var ignored = result.whenComplete((value, failure) -> deadline.cancel());
        attempt();
        return result;
    }

    private void attempt() {
        if (result.isDone()) {
            return;
        }
        attempts++;
        CompletableFuture<T> current = Requests.begin(request);
        underWay = current;
        var ignored = current.whenComplete((value, failure) -> {
            if (failure == null) {
                result.complete(value);
            } else {
                failed(failure);
            }
        });
    }

    private void failed(Throwable failure) {
        ObjectStoreException known = ObjectStoreException.find(failure);
        if (known == null) {
            result.completeExceptionally(failure);
        } else if (known.isTransient()) {
            pauseOrGiveUp(known);
        } else {
            boolean mark = outcomeOpen && operation.isMutating();
            result.completeExceptionally(mark ? known.markedAfterUnknownOutcome() : known);
        }
    }

    private void pauseOrGiveUp(ObjectStoreException failure) {
        outcomeOpen = true;
        lastFailure = failure;
        boolean throttled = failure.kind() == Kind.THROTTLED;
        long boundNanos = tools.schedule.pauseBoundNanos(attempts, throttled, cause);
        long pauseNanos = Math.floorMod(tools.entropy.nextLong(), boundNanos + 1);
        long spentNanos = tools.clock.monotonicNanos() - startNanos;
        boolean late = spentNanos + pauseNanos >= tools.schedule.totalTimeout().toNanos();
        if (attempts > tools.schedule.retries() || late) {
            giveUp(failure.kind(), failure);
            return;
        }
        var ignored = tools.lane.schedule(Duration.ofNanos(pauseNanos), () -> again(failure));
    }

    private void again(ObjectStoreException reason) {
        if (result.isDone()) {
            return;
        }
        tools.listener.retrying(operation, cause, reason);
        attempt();
    }

    private void expire() {
        giveUp(Kind.UNAVAILABLE, lastFailure);
        CompletableFuture<T> current = underWay;
        if (current != null) {
            current.cancel(true);
        }
    }

    private void giveUp(Kind kind, @Nullable ObjectStoreException last) {
        long spentMillis = (tools.clock.monotonicNanos() - startNanos) / 1_000_000;
        String reason = last == null ? "no answer" : last.getMessage();
        String message = reason + " (gave up after " + spentMillis + " ms; attempts: " + attempts + ")";
        result.completeExceptionally(new ObjectStoreException(kind, message, last));
    }
}
