package io.sluice.storage.runtime;

/** Something scheduled that can still be called off. */
@FunctionalInterface
public interface Cancellable {
    /** Calls it off if it has not begun; harmless when repeated or too late. Thread-safe. */
    void cancel();
}
