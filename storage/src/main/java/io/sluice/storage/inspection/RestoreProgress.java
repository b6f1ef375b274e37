package io.sluice.storage.inspection;

/** Is told how far a restore is, after each section. */
@FunctionalInterface
public interface RestoreProgress {
    /** {@code doneBlocks} of {@code blocks} were looked at in this pass; {@code bytesWritten} were put over all passes. */
    void at(long doneBlocks, long blocks, long bytesWritten);
}
