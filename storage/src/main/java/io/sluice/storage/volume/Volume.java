package io.sluice.storage.volume;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** An open volume: the storage behind one LUN. Thread-safe; {@link VolumePort ports} carry the I/O. */
public interface Volume {
    VolumeDescription description();

    /**
     * A new port for the use of one thread.
     *
     * @param loop runs tasks on that thread: what had to wait goes on there
     */
    VolumePort openPort(Executor loop);

    /** Figures at this moment; cheap enough to be asked every second. */
    VolumeStatus status();

    /**
     * Completes when everything acknowledged before this call is in the bucket; the value is the sequence number that
     * the bucket then holds.
     */
    CompletableFuture<Long> drain();

    /**
     * Finishes what is under way, flushes according to the volume's durability, drains as far as the configured time
     * allows, writes a checkpoint, marks the volume clean. New operations end with {@code CLOSED}. Idempotent.
     */
    CompletableFuture<CloseReport> close();
}
