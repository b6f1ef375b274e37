package io.sluice.storage.engine;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.journal.ReferenceRuns;
import io.sluice.storage.runtime.Invariant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The records of references that are in the journal and not in the bucket yet, and the segments that must therefore stay.
 *
 * <pre>
 *   Hold (a copy resolves its source) ─▶ put (its record is in the journal) ─▶ releaseBelow (a committed segment says it)
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A segment to which a record of the journal refers, or a copy under way may come to refer, is {@link #isHeld}: it is
 *       not deleted. Holds begin on the volume's lane, in the turn in which the source was looked up there, so that no
 *       commit and no decision to delete comes in between; a record is put before its hold ends, and leaves after the
 *       committed mapping has learned of it.
 *   <li>A record is here before the index names it, and leaves only after no block of the index does.
 * </ol>
 *
 * Thread-safe.
 */
final class PendingReferences {
    /** So many make writers of references wait: at most 10 MiB of memory. */
    static final int RECORDS_MAX = 2048;

    private final ConcurrentSkipListMap<Long, Entry> byAddress = new ConcurrentSkipListMap<>();
    private final Map<Long, Integer> holds = new HashMap<>();
    private volatile int size;

    private record Entry(long lba, ReferenceRuns runs, Set<Long> segments) {}

    /** Keeps segments from being deleted until it is released. Used by one thread at a time. */
    final class Hold {
        private final Set<Long> segments = new HashSet<>();

        /** Holds the segment of {@code locator} too. */
        void add(long locator) {
            if (segments.add(Locator.segmentNumber(locator))) {
                change(Set.of(Locator.segmentNumber(locator)), 1);
            }
        }

        /** Idempotent. */
        void release() {
            change(segments, -1);
            segments.clear();
        }
    }

    /** A hold on nothing yet. */
    Hold newHold() {
        return new Hold();
    }

    /** The record at {@code address} about the blocks from {@code lba} on. */
    void put(long address, long lba, ReferenceRuns runs) {
        Set<Long> segments = new HashSet<>();
        for (LocatorRun run : runs.runs()) {
            segments.add(Locator.segmentNumber(run.first()));
        }
        change(segments, 1);
        Entry before = byAddress.put(address, new Entry(lba, runs, segments));
        Invariant.check(before == null, "two records at one journal address", address, lba);
        size = byAddress.size();
    }

    /** Where block {@code lba} stands by the record at {@code address}; UNKNOWN when that is in the bucket by now. */
    long locator(long address, long lba) {
        Entry entry = byAddress.get(address);
        return entry == null ? Locator.UNKNOWN : Locator.shared(entry.runs().locator(lba - entry.lba()));
    }

    /** The committed mapping and the index know all records below {@code address}. */
    void releaseBelow(long address) {
        if (size == 0) {
            return;
        }
        Map<Long, Entry> done = byAddress.headMap(address);
        done.values().forEach(entry -> change(entry.segments(), -1));
        done.clear();
        size = byAddress.size();
    }

    /** True while a record, or a copy under way, needs the segment. */
    boolean isHeld(long segment) {
        synchronized (holds) {
            return holds.containsKey(segment);
        }
    }

    /** The segments that are held. */
    Set<Long> held() {
        synchronized (holds) {
            return Set.copyOf(holds.keySet());
        }
    }

    /** True when writers of references must wait for the flusher. */
    boolean isFull() {
        return size >= RECORDS_MAX;
    }

    int size() {
        return size;
    }

    private void change(Set<Long> segments, int change) {
        synchronized (holds) {
            for (long segment : segments) {
                holds.compute(segment, (number, count) -> {
                    int after = (count == null ? 0 : count) + change;
                    Invariant.check(after >= 0, "a segment was released that was not held", segment, after);
                    return after == 0 ? null : after;
                });
            }
        }
    }
}
