package io.sluice.storage.volume;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An open volume: the storage behind one LUN. Thread-safe; {@link VolumePort ports} carry the I/O. */
public interface Volume {
    /** Most bytes of {@link #reservations}. */
    int RESERVATIONS_BYTES_MAX = 256 * 1024;

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
     * Why no operation can succeed any more: the volume was fenced, has failed, or is closed; nothing but opening it anew
     * helps. Null as long as it is open. Any thread, cheap.
     */
    @Nullable
    IoFailure stopReason();

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

    /**
     * The persistent reservations that are kept with the volume, as the SCSI layer encodes them: those of its opening, or
     * those stored last with success. Read-only, from position 0 of its own; empty when there have never been any.
     */
    ByteBuffer reservations();

    /**
     * Keeps persistent reservations with the volume, for the next opening, wherever that is. Calls come one at a time: the
     * next when the one before has ended. Ends on a thread of the engine.
     *
     * <ul>
     *   <li>Success: a manifest in the bucket names them. Restart, {@code kill -9}, loss of the local disk and a takeover
     *       find these or later ones.
     *   <li>{@code FENCED}, {@code CLOSED}: nothing is stored here any more.
     *   <li>{@code BUSY}, no later than 10 seconds after the call: the bucket did not say in time that it has them. Those
     *       from before count ({@link #reservations}), and they are put again as soon as the bucket takes anything,
     *       before a later call can succeed. What was refused is found again in one case alone: the bucket has taken it
     *       and the reply got lost, <em>and</em> the gateway dies before it could put the earlier ones over it.
     * </ul>
     *
     * @param state at most {@link #RESERVATIONS_BYTES_MAX} bytes; not changed until the call has ended
     */
    void storeReservations(ByteBuffer state, IoCompletion done);
}
