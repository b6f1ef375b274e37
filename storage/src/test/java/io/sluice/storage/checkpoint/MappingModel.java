package io.sluice.storage.checkpoint;

import io.sluice.storage.format.Locator;
import io.sluice.storage.segment.OldPlace;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Extent;
import io.sluice.storage.segment.SegmentHeader.Frame;
import io.sluice.storage.segment.SegmentHeader.Kind;
import io.sluice.storage.segment.SegmentHeader.SharedExtent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The committed mapping as a plain map, and what is to be known of the segments: by the rules, and nothing else. */
final class MappingModel {
    final TreeMap<Long, Long> places = new TreeMap<>();
    final TreeMap<Long, SegmentHeader> segments = new TreeMap<>();
    /** Segments whose headers say more than their frames hold, and that were not settled. */
    final TreeSet<Long> zeros = new TreeSet<>();

    final TreeSet<Long> shared = new TreeSet<>();
    private long last;

    long lastSegment() {
        return last;
    }

    void fold(SegmentHeader segment) {
        last = segment.number();
        segments.put(last, segment);
        for (Extent extent : segment.zeros()) {
            places.subMap(extent.lba(), extent.lba() + extent.count()).clear();
            zeros.add(last);
        }
        boolean moved = segment.kind() == Kind.MOVED;
        for (Frame frame : segment.frames()) {
            long[] old = moved ? olds(frame.old()) : new long[0];
            for (int slot = 0; slot < frame.lbas().length; slot++) {
                put(frame.lbas()[slot], frame.locator(last, slot), moved, moved ? old[slot] : 0);
            }
        }
        for (SharedExtent extent : segment.shared()) {
            long source = Locator.segmentNumber(extent.run().first());
            if (source != last) {
                shared.add(source);
                zeros.add(last);
            }
            long[] old = moved ? olds(extent.old()) : new long[0];
            for (int i = 0; i < extent.run().count(); i++) {
                put(extent.lba() + i, extent.run().locator(i), moved, moved ? old[i] : 0);
            }
        }
        if (!segment.tombstones().isEmpty()) {
            zeros.add(last);
        }
        zeros.removeAll(segment.settled());
    }

    private void put(long lba, long place, boolean moved, long old) {
        if (!moved || places.getOrDefault(lba, Locator.ZERO) == old) {
            places.put(lba, place);
        }
    }

    static long[] olds(List<OldPlace> old) {
        List<Long> places = new ArrayList<>();
        for (OldPlace place : old) {
            for (long i = 0; i < place.run().count(); i++) {
                places.add(place.run().locator(i));
            }
        }
        return places.stream().mapToLong(Long::longValue).toArray();
    }

    long[] leaf(long leaf) {
        long[] words = new long[64];
        for (int slot = 0; slot < 64; slot++) {
            words[slot] = places.getOrDefault((leaf * 64) + slot, Locator.ZERO);
        }
        return words;
    }

    /** Live blocks of each segment that has some. */
    Map<Long, Long> liveBlocks() {
        Map<Long, Long> live = new HashMap<>();
        places.values().forEach(at -> live.merge(Locator.segmentNumber(at), 1L, Long::sum));
        return live;
    }

    MappingModel copy() {
        MappingModel copy = new MappingModel();
        copy.places.putAll(places);
        copy.segments.putAll(segments);
        copy.zeros.addAll(zeros);
        copy.shared.addAll(shared);
        copy.last = last;
        return copy;
    }
}
