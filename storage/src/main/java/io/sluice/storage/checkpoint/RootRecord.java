package io.sluice.storage.checkpoint;

import io.sluice.storage.checkpoint.CommittedMap.Usage;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything a checkpoint says besides its pages.
 *
 * @param number of the checkpoint
 * @param coversSegment all segments up to it are folded in
 * @param sequence of the volume's write history as of that segment
 * @param nextObject lowest checkpoint object number not used yet
 * @param map the mapping of blocks
 * @param segments the segment table
 * @param usage sums over the segment table
 * @param objects the checkpoint objects, by number
 * @param deadSegments segments without a live block, with the number of the checkpoint in which they died
 * @param deadWithZeros such whose headers say what nobody else may say; not among the others
 * @param drops subtrees that were unmapped as a whole and whose segments' live counts still include them
 */
record RootRecord(
        long number,
        long coversSegment,
        long sequence,
        long nextObject,
        PageTree map,
        PageTree segments,
        Usage usage,
        SortedMap<Long, ObjectUse> objects,
        SortedMap<Long, Long> deadSegments,
        SortedMap<Long, Long> deadWithZeros,
        List<Drop> drops) {
    /** A volume that was never written. */
    static final RootRecord EMPTY = new RootRecord(
            0,
            0,
            0,
            1,
            PageTree.EMPTY_MAP,
            PageTree.EMPTY_SEGMENTS,
            new Usage(0, 0, 0, 0),
            new TreeMap<>(),
            new TreeMap<>(),
            new TreeMap<>(),
            List.of());

    /** The same, with the length of the object that holds the root, known only once the root is in it. */
    RootRecord withObjectBytes(long object, long totalBytes) {
        SortedMap<Long, ObjectUse> table = new TreeMap<>(objects);
        table.computeIfPresent(object, (number, use) -> new ObjectUse(totalBytes, use.liveBytes(), use.deadSince()));
        return new RootRecord(
                number,
                coversSegment,
                sequence,
                nextObject,
                map,
                segments,
                usage,
                table,
                deadSegments,
                deadWithZeros,
                drops);
    }

    /**
     * A checkpoint object.
     *
     * @param totalBytes its length
     * @param liveBytes stored bytes of the pages in it that are still reached, the root not counted
     * @param deadSince number of the first checkpoint that does not reach it, 0 while it is reached
     */
    record ObjectUse(long totalBytes, long liveBytes, long deadSince) {}

    /** The page of the map at {@code level} and {@code index} stood at {@code pointer}, with all below it. */
    record Drop(int level, long index, PagePointer pointer) {}
}
