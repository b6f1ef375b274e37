package io.sluice.storage.checkpoint;

import java.util.concurrent.CompletionException;

/** Takes the wrapping off what a future failed with. */
final class Failures {
    private Failures() {}

    static Throwable causeOf(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
