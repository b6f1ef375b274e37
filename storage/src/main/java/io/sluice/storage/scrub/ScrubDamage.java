package io.sluice.storage.scrub;

import java.util.List;

/**
 * An object that is not as it was written.
 *
 * @param object its key
 * @param missing it is not there at all
 * @param what is wrong, one sentence; names the first thing when there are several
 * @param frames the frames of a segment that cannot be read, each by its offset in the object, bytes; empty when all of it is
 *     meant, or nothing that holds blocks
 * @param whole whether no block in it can be read
 */
public record ScrubDamage(String object, boolean missing, String what, List<Integer> frames, boolean whole) {
    /** Copies the list. */
    public ScrubDamage {
        frames = List.copyOf(frames);
    }

    static ScrubDamage missing(String object) {
        return new ScrubDamage(object, true, "is not there", List.of(), true);
    }

    /** All of it. */
    static ScrubDamage ofWhole(String object, String what) {
        return new ScrubDamage(object, false, what, List.of(), true);
    }
}
