package io.sluice.storage.checkpoint;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.segment.OldPlace;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Extent;
import io.sluice.storage.segment.SegmentHeader.Frame;
import io.sluice.storage.segment.SegmentHeader.Kind;
import io.sluice.storage.segment.SegmentHeader.SharedExtent;
import io.sluice.storage.segment.SegmentHeader.Tombstone;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The header of a segment, block by block. */
final class SegmentSketch {
    private static final int FRAME_BYTES = 1024;
    private static final int FIRST_FRAME_BYTES = 4096;
    private static final int SLOTS = 32;

    private final long number;
    private final Kind kind;
    /** Blocks in frames, each with its old place, 0 for none. */
    private final TreeMap<Long, Long> stored = new TreeMap<>();

    private final List<Shared> shared = new ArrayList<>();
    private final List<Extent> zeros = new ArrayList<>();
    private final List<Tombstone> tombstones = new ArrayList<>();
    private final TreeSet<Long> settled = new TreeSet<>();
    private final long asOf;
    long epoch = 1;

    /** {@code carrier}: the block in a frame whose slot is shared, -1: {@code run} says where. */
    private record Shared(long lba, List<Long> old, long carrier, LocatorRun run) {}

    /** {@code asOf} matters in a MOVED segment. */
    SegmentSketch(long number, Kind kind, long asOf) {
        this.number = number;
        this.kind = kind;
        this.asOf = asOf;
    }

    SegmentSketch store(long lba) {
        stored.put(lba, 0L);
        return this;
    }

    SegmentSketch move(long lba, long old) {
        stored.put(lba, old);
        return this;
    }

    /** Blocks {@code lba} to {@code lba + count - 1} share the slot of block {@code carrier} of this segment. */
    SegmentSketch pattern(long lba, int count, long carrier) {
        LocatorRun unknown = new LocatorRun(Locator.segment(1, FIRST_FRAME_BYTES, FRAME_BYTES, 0), count, true);
        shared.add(new Shared(lba, List.of(), carrier, unknown));
        return this;
    }

    SegmentSketch movePattern(long lba, List<Long> old, long carrier) {
        LocatorRun unknown = new LocatorRun(Locator.segment(1, FIRST_FRAME_BYTES, FRAME_BYTES, 0), old.size(), true);
        shared.add(new Shared(lba, old, carrier, unknown));
        return this;
    }

    SegmentSketch refer(long lba, LocatorRun run) {
        shared.add(new Shared(lba, List.of(), -1, run));
        return this;
    }

    /** Blocks from {@code lba} on are told once more to stand where they do. */
    SegmentSketch carryOn(long lba, LocatorRun run) {
        List<Long> old = new ArrayList<>();
        for (long i = 0; i < run.count(); i++) {
            old.add(run.locator(i));
        }
        shared.add(new Shared(lba, old, -1, run));
        return this;
    }

    SegmentSketch zero(long lba, long count) {
        zeros.add(new Extent(lba, count));
        return this;
    }

    SegmentSketch tombstone(long lba, long count, long version) {
        tombstones.add(new Tombstone(lba, count, version));
        return this;
    }

    SegmentSketch settle(long segment) {
        settled.add(segment);
        return this;
    }

    boolean isEmpty() {
        return stored.isEmpty() && shared.isEmpty() && tombstones.isEmpty() && settled.isEmpty();
    }

    /** True when the segment says something of {@code lba}. */
    boolean names(long lba) {
        return stored.containsKey(lba)
                || zeros.stream().anyMatch(extent -> lba >= extent.lba() && lba < extent.lba() + extent.count())
                || shared.stream()
                        .anyMatch(extent -> lba >= extent.lba()
                                && lba < extent.lba() + extent.run().count());
    }

    SegmentHeader header() {
        List<Long> lbas = new ArrayList<>(stored.keySet());
        List<Frame> frames = new ArrayList<>();
        for (int from = 0; from < lbas.size(); from += SLOTS) {
            List<Long> part = lbas.subList(from, Math.min(lbas.size(), from + SLOTS));
            List<Long> old = kind == Kind.MOVED ? part.stream().map(stored::get).toList() : List.of();
            frames.add(new Frame(
                    FIRST_FRAME_BYTES + (FRAME_BYTES * frames.size()),
                    FRAME_BYTES,
                    part.stream().mapToLong(Long::longValue).toArray(),
                    places(old)));
        }
        Map<Long, Long> slots = new TreeMap<>();
        for (Frame frame : frames) {
            for (int slot = 0; slot < frame.lbas().length; slot++) {
                slots.put(frame.lbas()[slot], frame.locator(number, slot));
            }
        }
        return new SegmentHeader(
                CheckpointRig.VOLUME,
                number,
                epoch,
                kind,
                number,
                number * 10,
                (number * 10) + (kind == Kind.DATA ? 10 : 0),
                0,
                frames,
                zeros,
                shared.stream().map(extent -> extent(extent, slots)).toList(),
                tombstones,
                List.copyOf(settled),
                FIRST_FRAME_BYTES + ((long) FRAME_BYTES * frames.size()));
    }

    private SharedExtent extent(Shared extent, Map<Long, Long> slots) {
        LocatorRun run = extent.run();
        if (extent.carrier() >= 0) {
            Long slot = slots.get(extent.carrier());
            if (slot == null) {
                throw new IllegalStateException("no frame holds block " + extent.carrier());
            }
            run = new LocatorRun(Locator.shared(slot), run.count(), true);
        }
        return new SharedExtent(extent.lba(), run, places(extent.old()));
    }

    /** Old places as runs, as long as they get. */
    private List<OldPlace> places(List<Long> old) {
        List<LocatorRun> runs = new ArrayList<>();
        for (long place : old) {
            int last = runs.size() - 1;
            if (last >= 0 && runs.get(last).isContinuedBy(place)) {
                runs.set(last, runs.get(last).with(place));
            } else {
                runs.add(new LocatorRun(place, 1, false));
            }
        }
        return runs.stream().map(run -> new OldPlace(run, asOf)).toList();
    }
}
