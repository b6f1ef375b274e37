package io.sluice.storage.rebuild;

import java.util.ArrayList;
import java.util.List;

/** Blocks as they are told, ascending, in runs; counts all and keeps the first runs. Not thread-safe. */
final class RangeList {
    private final int runsMax;
    private final List<RebuildReport.BlockRange> ranges = new ArrayList<>();
    private long blocks;

    RangeList(int runsMax) {
        this.runsMax = runsMax;
    }

    void add(long lba) {
        blocks++;
        int last = ranges.size() - 1;
        if (last >= 0 && ranges.get(last).lba() + ranges.get(last).blocks() == lba) {
            ranges.set(
                    last,
                    new RebuildReport.BlockRange(
                            ranges.get(last).lba(), ranges.get(last).blocks() + 1));
        } else if (ranges.size() < runsMax) {
            ranges.add(new RebuildReport.BlockRange(lba, 1));
        }
    }

    List<RebuildReport.BlockRange> ranges() {
        return List.copyOf(ranges);
    }

    long blocks() {
        return blocks;
    }
}
