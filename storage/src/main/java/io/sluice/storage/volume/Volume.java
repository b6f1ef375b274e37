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
     * Makes the volume larger; what is new reads as zeros. Completes when that is durable in the bucket, with the new
     * description: from then on, and not before, ports take operations on the new range. Goes on beside I/O. The size it
     * has already changes nothing. Fails, and leaves the size as it is, when it is smaller than the volume, not a multiple
     * of 4096, greater than 1 PiB, or when the volume is closing, closed or not this gateway's any more; an outage of the
     * bucket only makes it take longer. After a crash the volume has the old size or the new one.
     */
    CompletableFuture<VolumeDescription> grow(long sizeBytes);

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
