package io.sluice.storage.scrub;

import java.util.Comparator;

/**
 * An object to be read.
 *
 * @param kind what it is
 * @param number in its series
 * @param sizeBytes as it was listed; -1 when it was not listed although it is needed
 */
record ScrubItem(String key, Kind kind, long number, long sizeBytes) {
    static final Comparator<ScrubItem> BY_KEY = Comparator.comparing(ScrubItem::key);

    enum Kind {
        MANIFEST,
        IDENTITY,
        CHECKPOINT,
        SEGMENT
    }

    boolean isMissing() {
        return sizeBytes < 0;
    }
}
