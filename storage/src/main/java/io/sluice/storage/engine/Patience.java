package io.sluice.storage.engine;

import io.sluice.storage.format.Failures;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * How long a host's command waits for the bucket: the setting {@code read-wait}. The requests themselves are tried longer
 * (the store layer has a time limit of its own) and go on for whoever asks next. Thread-safe.
 */
final class Patience {
    private final Duration readWait;
    private final Lane timers;

    /** {@code timers} keeps the time. */
    Patience(Duration readWait, Lane timers) {
        this.readWait = readWait;
        this.timers = timers;
    }

    /** The same, but not longer than {@code limit}. */
    Patience atMost(Duration limit) {
        return limit.compareTo(readWait) < 0 ? new Patience(limit, timers) : this;
    }

    /** Runs {@code task}, which must be short, when the time is over. */
    Cancellable whenOver(Runnable task) {
        return timers.schedule(readWait, task);
    }

    /** Runs {@code task} after a pause that grows with the number of {@code failures} so far, from 1. */
    void afterPause(int failures, Runnable task) {
        timers.schedule(Backoff.after(Math.min(failures, 5)), task);
    }

    /** What is told when the time is over; {@code last}: what the bucket said, empty when it said nothing. */
    ObjectStoreException over(String last) {
        String why = last.isEmpty() ? "it does not answer" : last;
        return new ObjectStoreException(
                ObjectStoreException.Kind.UNAVAILABLE,
                "the bucket did not give it within " + readWait.toMillis() + " ms: " + why,
                null);
    }

    /** The same value or failure, but a failure when the time is over; {@code tooLate} gets a value that comes after that. */
    <T> CompletableFuture<T> limit(CompletableFuture<T> answer, Consumer<T> tooLate) {
        if (answer.isDone()) {
            return answer;
        }
        CompletableFuture<T> limited = new CompletableFuture<>();
        Cancellable timer = whenOver(() -> limited.completeExceptionally(over("")));
        var unused = answer.whenComplete((value, failure) -> {
            timer.cancel();
            if (failure != null) {
                limited.completeExceptionally(Failures.unwrap(failure));
            } else if (!limited.complete(value) && value != null) {
                tooLate.accept(value);
            }
        });
        return limited;
    }
}
