package io.sluice.storage.gc;

import io.sluice.storage.segment.SegmentHeader.Tombstone;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Gathers tombstones, and leaves out of the older ones what newer ones say as well. Not thread-safe. */
final class Tombstones {
    private static final Comparator<Tombstone> NEWEST_FIRST =
            Comparator.comparingLong(Tombstone::version).reversed().thenComparingLong(Tombstone::lba);

    private final List<Tombstone> gathered = new ArrayList<>();

    void add(long lba, long count, long version) {
        gathered.add(new Tombstone(lba, count, version));
    }

    int size() {
        return gathered.size();
    }

    /** Newest first; no block twice, neighbours of one version in one. */
    List<Tombstone> merged() {
        List<Tombstone> result = new ArrayList<>();
        NavigableMap<Long, Long> covered = new TreeMap<>();
        gathered.sort(NEWEST_FIRST);
        for (Tombstone tombstone : gathered) {
            long end = tombstone.lba() + tombstone.count();
            long at = tombstone.lba();
            while (at < end) {
                Map.Entry<Long, Long> before = covered.floorEntry(at);
                if (before != null && before.getValue() > at) {
                    at = before.getValue();
                    continue;
                }
                Long next = covered.higherKey(at);
                long until = next == null ? end : Math.min(end, next);
                append(result, new Tombstone(at, until - at, tombstone.version()));
                at = until;
            }
            cover(covered, tombstone.lba(), end);
        }
        return result;
    }

    private static void append(List<Tombstone> result, Tombstone part) {
        int last = result.size() - 1;
        if (last >= 0
                && result.get(last).version() == part.version()
                && result.get(last).lba() + result.get(last).count() == part.lba()) {
            Tombstone before = result.get(last);
            result.set(last, new Tombstone(before.lba(), before.count() + part.count(), part.version()));
        } else {
            result.add(part);
        }
    }

    private static void cover(NavigableMap<Long, Long> covered, long from, long to) {
        long first = from;
        long end = to;
        Map.Entry<Long, Long> touching = covered.floorEntry(end);
        while (touching != null && touching.getValue() >= first) {
            first = Math.min(first, touching.getKey());
            end = Math.max(end, touching.getValue());
            covered.remove(touching.getKey());
            touching = covered.floorEntry(end);
        }
        covered.put(first, end);
    }
}
