package io.sluice.storage.cache;

import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds the frames of an earlier run by the headers of the slots, in small steps on the cache's lane, so that fills go on
 * in between. A frame whose slot was not scanned yet is a miss.
 *
 * <p>Invariant: slots below {@code next} are known (USED, FREE or TAKEN), slots from {@code next} to {@code end} are
 * UNKNOWN; the file grows behind {@code end} only.
 */
final class SlotScan {
    private static final int STEP_SLOTS = 128;

    private final CacheCore core;
    private final Lane lane;
    private final int end;
    /** Segments dropped while the scan is under way: their frames are not adopted. Guarded by {@code core.lock}. */
    private final Set<Long> droppedSegments = new HashSet<>();

    private final ByteBuffer scratch = ByteBuffer.allocateDirect(CacheFormat.SLOT_HEADER_BYTES);
    /** Guarded by {@code core.writing}; changed under {@code core.lock} too. */
    private int next;

    SlotScan(CacheCore core, Lane lane, int end) {
        this.core = core;
        this.lane = lane;
        this.end = end;
    }

    void start() {
        if (!isFinished()) {
            lane.execute(this::step);
        }
    }

    /** The caller holds one of the locks. */
    boolean isFinished() {
        return next >= end;
    }

    /** Frames of these segments are not to come back; the caller holds {@code core.lock}. */
    void drop(Set<Long> segments) {
        if (!isFinished()) {
            droppedSegments.addAll(segments);
        }
    }

    private void step() {
        core.writing.lock();
        try {
            if (core.closed || core.faults.disabled()) {
                return;
            }
            for (int count = 0; count < STEP_SLOTS && !isFinished(); count++) {
                scanNext();
            }
        } finally {
            core.writing.unlock();
        }
        start();
    }

    private void scanNext() {
        int slot = next;
        SlotHeader header = null;
        boolean readable = true;
        try {
            header = core.file.readHeader(slot, scratch);
        } catch (IOException error) {
            readable = false;
            core.faults.failed("scanning failed", error);
        }
        core.lock.lock();
        try {
            next = slot + 1;
            if (header != null && isWanted(header)) {
                core.slots.adopt(slot, header.frameKey(), SegmentedFifoPolicy.Place.MAIN, 0, false);
            } else if (readable) {
                core.slots.release(slot);
            }
        } finally {
            core.lock.unlock();
        }
    }

    private boolean isWanted(SlotHeader header) {
        return Locator.isSegment(header.frameKey())
                && !core.slots.contains(header.frameKey())
                && !droppedSegments.contains(Locator.segmentNumber(header.frameKey()));
    }
}
