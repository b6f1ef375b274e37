package io.sluice.storage.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Goes on after a future on an executor that reports what is thrown, instead of in a future that nobody looks at. */
public final class Futures {
    private Futures() {}

    /** What is told when a future is done: its value, or its failure. */
    @FunctionalInterface
    public interface Continuation<T> {
        /** One of the two is null, both for a value that is null. */
        void done(@Nullable T value, @Nullable Throwable failure);
    }

    /** Runs {@code next} with value or failure on {@code executor} once {@code future} is done. */
    public static <T> void then(CompletableFuture<T> future, Executor executor, Continuation<T> next) {
        var unused = future.whenComplete((value, failure) -> executor.execute(() -> next.done(value, failure)));
    }
}
