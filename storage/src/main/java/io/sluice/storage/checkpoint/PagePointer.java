package io.sluice.storage.checkpoint;

import io.sluice.storage.runtime.Invariant;

/**
 * Where a page stands in the bucket. Pages never change, so a pointer names one content for ever.
 *
 * @param object number of the checkpoint object, from 1; 0 when there is no page
 * @param offsetBytes where in it the page begins
 * @param storedBytes its stored length
 * @param oldestObject lowest object number in the page's whole subtree: tells the evacuation where to go
 */
record PagePointer(long object, int offsetBytes, int storedBytes, long oldestObject) {
    /** No page: everything below it was never written, or unmapped. */
    static final PagePointer ABSENT = new PagePointer(0, 0, 0, 0);

    private static final int OFFSET_BITS = 26;

    PagePointer {
        Invariant.check(offsetBytes >> OFFSET_BITS == 0, "page offset", offsetBytes, 1L << OFFSET_BITS);
    }

    boolean isAbsent() {
        return object == 0;
    }

    /** One number for it. */
    long key() {
        return (object << OFFSET_BITS) | offsetBytes;
    }
}
