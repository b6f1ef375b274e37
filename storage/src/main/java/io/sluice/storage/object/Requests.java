package io.sluice.storage.object;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Begins requests so that what goes wrong reaches the future, whatever it is. */
final class Requests {
    private Requests() {}

    /** The request's future; a failed one when the store broke its promise and threw. */
    static <T> CompletableFuture<T> begin(Supplier<CompletableFuture<T>> request) {
        try {
            return request.get();
        } catch (RuntimeException broken) {
            return CompletableFuture.failedFuture(broken);
        }
    }
}
