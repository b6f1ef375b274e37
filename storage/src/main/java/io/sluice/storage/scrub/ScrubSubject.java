package io.sluice.storage.scrub;

import io.sluice.storage.checkpoint.CheckpointInspection;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.segment.SegmentCodec;
import java.util.concurrent.CompletableFuture;

/**
 * The volume that is scrubbed: an open one, or one read from its bucket alone. Futures complete on any thread.
 */
public interface ScrubSubject {
    /** Opens what is sealed. */
    Sealing sealing();

    /** Opens segments. */
    SegmentCodec codec();

    /** The newest manifest, verified, and the number of the newest segment that counts, both as of now. */
    CompletableFuture<State> state();

    /** See {@link #state}. */
    record State(Manifest manifest, long lastSegment) {}

    /** Looks at a checkpoint of this volume. */
    CheckpointInspection checkpoint(Manifest manifest);

    /**
     * Tells every block that stands in a segment, as of the newest committed segment; what moves meanwhile may be told at its
     * old place or its new one. Parts that cannot be looked up are told as such.
     */
    CompletableFuture<Void> eachPlacement(PlacementVisitor visitor);

    /** What {@link #eachPlacement} tells. Called on one thread at a time. */
    interface PlacementVisitor {
        /** Block {@code lba} stands at {@code locator}, a SEGMENT locator. */
        void placed(long lba, long locator);

        /** Where blocks {@code lba} to {@code lba + blocks - 1} stand cannot be looked up: {@code why}. */
        void unknown(long lba, long blocks, String why);
    }

    /** Whether the local cache has the frame ({@code Locator.frameKey}): 1 yes, 0 no, -1 there is no cache to ask. */
    int cached(long frameKey);

    /** Whether hosts are waiting for something now: the scrub lets them go first. Any thread. */
    boolean hostsWait();
}
