package io.sluice.target.cli;

import io.sluice.storage.engine.SystemEnvironment;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.runtime.SystemRuntime;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The storage engine for the length of one command. */
final class Engine {
    private Engine() {}

    /** Waits for what {@code work} does with the volumes; failures come as {@link java.util.concurrent.CompletionException}. */
    static <T> T run(Function<Volumes, CompletableFuture<T>> work) {
        try (SystemRuntime runtime = new SystemRuntime(2)) {
            return work.apply(new Volumes(SystemEnvironment.on(runtime))).join();
        }
    }
}
