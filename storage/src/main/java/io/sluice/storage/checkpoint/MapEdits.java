package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;
import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS_SHIFT;

import io.sluice.storage.checkpoint.RootRecord.Drop;
import io.sluice.storage.format.Locator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lays a delta over the pages of the map, and counts what that does to the segments. */
final class MapEdits implements TreeEdits {
    private final CommittedDelta delta;
    private final LiveCounts counts;
    private final long volumeBlocks;
    private final List<Drop> drops = new ArrayList<>();

    MapEdits(CommittedDelta delta, LiveCounts counts, long volumeBlocks) {
        this.delta = delta;
        this.counts = counts;
        this.volumeBlocks = volumeBlocks;
    }

    /** Subtrees erased so far. */
    List<Drop> drops() {
        return drops;
    }

    @Override
    public boolean erases(int level, long index) {
        long first = index << (PAGE_BLOCKS_SHIFT + (FAN_OUT_SHIFT * level));
        long end = (index + 1) << (PAGE_BLOCKS_SHIFT + (FAN_OUT_SHIFT * level));
        return delta.zeros().covers(first, Math.max(first + 1, Math.min(end, volumeBlocks)));
    }

    @Override
    public boolean touches(int level, long index) {
        long first = index << (FAN_OUT_SHIFT * level);
        long end = (index + 1) << (FAN_OUT_SHIFT * level);
        return delta.hasLocators(first, end)
                || (!erases(level, index)
                        && delta.zeros().intersects(first << PAGE_BLOCKS_SHIFT, end << PAGE_BLOCKS_SHIFT));
    }

    @Override
    public long endPage() {
        return delta.endPage();
    }

    @Override
    public long @Nullable [] edit(long index, long[] old) {
        long[] words = old.clone();
        delta.apply(words, index << PAGE_BLOCKS_SHIFT);
        boolean changed = false;
        boolean empty = true;
        for (int i = 0; i < words.length; i++) {
            if (words[i] != old[i]) {
                changed = true;
                counts.change(old[i], -1);
                counts.change(words[i], 1);
            }
            empty &= words[i] == Locator.ZERO;
        }
        if (empty) {
            return null;
        }
        return changed ? words : old;
    }

    @Override
    public long[] emptyPage() {
        long[] words = new long[TreeGeometry.MAP_LEAF_WORDS];
        Arrays.fill(words, Locator.ZERO);
        return words;
    }

    @Override
    public void erased(int level, long index, PagePointer pointer) {
        drops.add(new Drop(level, index, pointer));
    }
}
