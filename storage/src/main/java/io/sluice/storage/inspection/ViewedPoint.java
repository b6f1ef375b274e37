package io.sluice.storage.inspection;

import java.util.OptionalLong;

/**
 * Which point of a volume's history is looked at.
 *
 * @param manifest number of the manifest to begin with; empty for the newest
 * @param checkpointOnly leaves out the segments behind the manifest's checkpoint: a way to an older state when one of them
 *     is damaged
 */
public record ViewedPoint(OptionalLong manifest, boolean checkpointOnly) {
    /** The newest that the bucket holds. */
    public static final ViewedPoint NEWEST = new ViewedPoint(OptionalLong.empty(), false);
}
