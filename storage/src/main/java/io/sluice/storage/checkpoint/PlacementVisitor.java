package io.sluice.storage.checkpoint;

/** Takes the places of blocks, on the volume's lane; must return soon and not throw. */
@FunctionalInterface
public interface PlacementVisitor {
    /**
     * As of segment {@code asOf}, the newest committed one at this moment, block {@code lba} stands at {@code locator}, a
     * SEGMENT with its mark of sharing.
     */
    void place(long lba, long locator, long asOf);
}
