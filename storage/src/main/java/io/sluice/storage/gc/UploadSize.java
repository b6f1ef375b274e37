package io.sluice.storage.gc;

import io.sluice.storage.format.BlockGeometry;
import java.time.Duration;

/**
 * How large a MOVED segment may be so that its upload, behind which the host's next segments wait for their commit, takes no
 * longer than {@code gc.host-wait-max}: halved when one took longer, grown by a quarter when one took less than half of it.
 * Confined to the lane.
 */
final class UploadSize {
    private static final int BLOCKS_MIN = 64;

    private final int blocksMax;
    private final Duration waitMax;
    private int blocks;

    /** Up to {@code segmentBytes}, before compression; begins with a quarter of it. */
    UploadSize(long segmentBytes, Duration waitMax) {
        this.blocksMax = (int) Math.max(1, segmentBytes >>> BlockGeometry.BLOCK_SHIFT);
        this.waitMax = waitMax;
        this.blocks = Math.min(blocksMax, Math.max(BLOCKS_MIN, blocksMax / 4));
    }

    /** Blocks of the next one. */
    int blocks() {
        return blocks;
    }

    /** One of this size took so long. */
    void took(Duration time) {
        if (time.compareTo(waitMax) > 0) {
            blocks = Math.min(blocksMax, Math.max(BLOCKS_MIN, blocks / 2));
        } else if (time.multipliedBy(2).compareTo(waitMax) <= 0) {
            blocks = Math.min(blocksMax, blocks + Math.max(1, blocks / 4));
        }
    }
}
