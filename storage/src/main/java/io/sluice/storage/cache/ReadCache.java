package io.sluice.storage.cache;

import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Whole frames, decompressed, on local disk; bounded; scan-resistant; warm again after a restart. A frame is immutable,
 * so the cache can never be stale, only absent; every block is checked when it is read, and one that fails the check is
 * a miss. A full or failing disk makes misses, never errors.
 *
 * <p>Frames are named by {@link io.sluice.storage.format.Locator#frameKey}. Thread-safe.
 */
public interface ReadCache extends AutoCloseable {
    /**
     * Fills {@code destination} with the bytes of the frame from byte {@code from} (below 4096) of block {@code slot} on, at most
     * to the end of the frame's last slot; false (nothing put, position unchanged) when the frame is not here, or shorter.
     * Never blocks for more than a local read.
     */
    boolean read(long frameKey, int slot, int from, ByteBuffer destination);

    /** True when the frame is here; does not count as use. */
    boolean contains(long frameKey);

    /**
     * Stores a frame: the remaining bytes of {@code blocks} are its blocks, 4096 bytes each, at most 32; not consumed and
     * not kept. Written by a blocking lane of the cache's own: the bytes are copied, or the frame is dropped when too
     * many wait. {@code priority} says how it came here.
     */
    void insert(long frameKey, ByteBuffer blocks, Origin priority);

    /**
     * As {@link #insert}, but for who would rather wait than lose the frame: it waits for its turn however many do, and is not
     * copied. {@code blocks} must not change until {@code letGo} has run: once, also when the cache does not want the frame, on
     * any thread, and never before it was seen that the frame can be read from its slot or not at all. Who lends bounds how
     * much.
     */
    void lend(long frameKey, ByteBuffer blocks, Origin priority, Runnable letGo);

    /** How a frame came into the cache: one-time sequential reads must not evict what is used again and again. */
    enum Origin {
        READ,
        READ_AHEAD,
        FLUSHED
    }

    /** Forgets all frames of these segments: they are deleted. */
    void dropSegments(Set<Long> segments);

    long usedBytes();

    long capacityBytes();

    long hits();

    long misses();

    /** Waits for writes under way and stores the directory of the cache for the next start. */
    @Override
    void close();
}
