package io.sluice.storage.checkpoint;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A part of writing a checkpoint, in steps of at most a page each. */
interface WriteStage {
    boolean isDone();

    /** Does a bit of work: null to be called again, else what must complete first. */
    @Nullable
    CompletableFuture<?> step();
}
