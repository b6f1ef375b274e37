package io.sluice.storage.volume;

import org.jspecify.annotations.Nullable;

/**
 * Told once when an operation has ended. Called either before the call that began it returns (or inside {@link
 * VolumePort#submit}), on the caller's thread, or later on a thread of the engine: then it must be short and hand over
 * to its own loop.
 */
@FunctionalInterface
public interface IoCompletion {
    /** {@code failure} is null when the operation succeeded. */
    void complete(@Nullable IoFailure failure);
}
