package io.sluice.storage.checkpoint;

import io.sluice.storage.format.Locator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** By how many blocks the live counts of segments change. */
final class LiveCounts {
    private final TreeMap<Long, long[]> changeBySegment = new TreeMap<>();
    private long lastSegment = -1;
    private long[] lastChange = {0};

    /** {@code change} more blocks stand at {@code locator}'s segment; nothing when it is no SEGMENT. */
    void change(long locator, int change) {
        if (!Locator.isSegment(locator)) {
            return;
        }
        long segment = Locator.segmentNumber(locator);
        if (segment != lastSegment) {
            lastChange = changeBySegment.computeIfAbsent(segment, unused -> new long[1]);
            lastSegment = segment;
        }
        lastChange[0] += change;
    }

    /** The change of each segment that has one, by segment. */
    NavigableMap<Long, Long> changes() {
        TreeMap<Long, Long> changes = new TreeMap<>();
        for (Map.Entry<Long, long[]> entry : changeBySegment.entrySet()) {
            if (entry.getValue()[0] != 0) {
                changes.put(entry.getKey(), entry.getValue()[0]);
            }
        }
        return changes;
    }
}
