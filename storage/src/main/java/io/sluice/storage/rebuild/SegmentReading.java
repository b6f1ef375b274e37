package io.sluice.storage.rebuild;

import io.sluice.storage.segment.SegmentHeader;
import org.jspecify.annotations.Nullable;

/**
 * A segment's object as it was found.
 *
 * @param number from its key
 * @param sizeBytes as listed
 * @param header authenticated; null when it cannot be read
 * @param problem what is wrong with the object; null when nothing is, as far as its header tells
 */
record SegmentReading(
        long number,
        long sizeBytes,
        @Nullable SegmentHeader header,
        @Nullable String problem) {}
