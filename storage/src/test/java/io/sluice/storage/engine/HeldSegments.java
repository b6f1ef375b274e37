package io.sluice.storage.engine;

import java.util.Set;

/** For checkers outside of this package: what an open volume needs of the bucket that no checkpoint leads to. */
public final class HeldSegments {
    private HeldSegments() {}

    /** Numbers of segments that records of the journal, copies under way and the collector refer to. */
    public static Set<Long> of(OpenedVolume opened) {
        return ((LogVolume) opened.volume()).heldSegments();
    }
}
