package io.sluice.storage.engine;

import java.util.concurrent.Executor;

/** What a read needs to find its blocks. */
record ReadPath(
        IndexLookup index,
        LocalReader local,
        LeafLoader leaves,
        FrameFetcher fetcher,
        Executor workers,
        Patience patience) {
    /** The locator of one block. */
    @FunctionalInterface
    interface IndexLookup {
        /** {@code UNKNOWN} when the committed mapping must be asked. */
        long lookup(long lba);
    }
}
