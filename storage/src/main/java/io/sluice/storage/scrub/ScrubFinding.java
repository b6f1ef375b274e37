package io.sluice.storage.scrub;

import java.util.List;

/**
 * A damaged object and what it means.
 *
 * @param damage what is wrong
 * @param affected blocks of the volume that cannot be read for it, ascending, in runs; empty when nothing in use stands there
 * @param framesAffected frames that hold at least one of these blocks
 * @param framesCached how many of them the local read cache still has; -1 when there is no cache to ask
 */
public record ScrubFinding(ScrubDamage damage, List<BlockRange> affected, int framesAffected, int framesCached) {
    /** Copies the list. */
    public ScrubFinding {
        affected = List.copyOf(affected);
    }

    /** Blocks {@code lba} to {@code lba + blocks - 1}, of 4096 bytes each. */
    public record BlockRange(long lba, long blocks) {}

    /** Blocks in {@link #affected}. */
    public long affectedBlocks() {
        return affected.stream().mapToLong(BlockRange::blocks).sum();
    }
}
