package io.sluice.storage.cache;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What went wrong with the disk under a cache. Nobody outside gets to see an error; an operator gets one line for the
 * first and one when the cache gives up. Thread-safe.
 */
final class CacheFaults {
    /** Errors after which the cache stops using the disk. */
    static final int ERRORS_MAX = 16;

    private static final Logger LOG = LoggerFactory.getLogger(DiskReadCache.class);

    private final String where;
    private final AtomicLong errors = new AtomicLong();
    private final LongAdder corrupted = new LongAdder();
    private volatile boolean disabled;

    CacheFaults(String where) {
        this.where = where;
    }

    /** The disk said no. */
    void failed(String what, Exception error) {
        long count = errors.incrementAndGet();
        if (count == 1) {
            LOG.warn("read cache in {}: {}: {}; it goes on with less", where, what, error.toString());
        }
        if (count == ERRORS_MAX) {
            disable("after " + count + " errors, the last: " + error);
        }
    }

    /** The disk has no space for more frames. That is no error and may pass: {@link #spaceAgain}. */
    void full(String why) {
        LOG.warn("read cache in {}: {}; it goes on with the room it has and looks for space now and then", where, why);
    }

    /** What {@link #full} told is over. */
    void spaceAgain() {
        LOG.info("read cache in {}: the disk has space again, the cache grows", where);
    }

    /** The cache stops; reads are misses from here on. */
    void disable(String why) {
        disabled = true;
        LOG.error("read cache in {} is switched off until the volume is opened again: {}", where, why);
    }

    /** A slot did not hold what its header promised. */
    void corrupted(int slot) {
        corrupted.increment();
        LOG.debug("read cache in {}: slot {} is damaged and was emptied", where, slot);
    }

    boolean disabled() {
        return disabled;
    }

    long errors() {
        return errors.get();
    }

    long corruptedSlots() {
        return corrupted.sum();
    }
}
