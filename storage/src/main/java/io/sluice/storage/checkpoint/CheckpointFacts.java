package io.sluice.storage.checkpoint;

import io.sluice.storage.checkpoint.CommittedMap.Usage;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a checkpoint's root record says besides its trees, for inspection.
 *
 * @param number of the checkpoint
 * @param coversSegment all segments up to it are folded in
 * @param nextObject lowest checkpoint object number that it did not use
 * @param usage sums over the segment table
 * @param objects the checkpoint objects it knows, by number
 * @param deadSegments segments without a live block that were not deleted yet, with the checkpoint in which they died
 * @param drops subtrees that were unmapped as a whole and still count as live; when there are some, counts may be too high
 */
public record CheckpointFacts(
        long number,
        long coversSegment,
        long nextObject,
        Usage usage,
        SortedMap<Long, ObjectFacts> objects,
        SortedMap<Long, Long> deadSegments,
        int drops) {
    /** Copies the maps. */
    public CheckpointFacts {
        objects = Collections.unmodifiableSortedMap(new TreeMap<>(objects));
        deadSegments = Collections.unmodifiableSortedMap(new TreeMap<>(deadSegments));
    }

    /**
     * A checkpoint object.
     *
     * @param totalBytes its length, 0 when the record does not say
     * @param liveBytes stored bytes of its pages that are reached
     * @param deadSince the first checkpoint that reaches none of it, 0 while one does
     */
    public record ObjectFacts(long totalBytes, long liveBytes, long deadSince) {}

    static CheckpointFacts of(RootRecord record) {
        SortedMap<Long, ObjectFacts> objects = new TreeMap<>();
        record.objects()
                .forEach((number, use) ->
                        objects.put(number, new ObjectFacts(use.totalBytes(), use.liveBytes(), use.deadSince())));
        SortedMap<Long, Long> dead = new TreeMap<>(record.deadSegments());
        dead.putAll(record.deadWithZeros());
        return new CheckpointFacts(
                record.number(),
                record.coversSegment(),
                record.nextObject(),
                record.usage(),
                objects,
                dead,
                record.drops().size());
    }
}
