package io.sluice.storage.engine;

import java.time.Duration;
import java.util.concurrent.Executor;

/** What a read needs to find its blocks. */
record ReadPath(
        IndexLookup index,
        LocalReader local,
        LeafLoader leaves,
        FrameFetcher fetcher,
        Executor workers,
        Patience patience) {
    /** The same, for a read that must not wait longer than so. */
    ReadPath within(Duration limit) {
        return new ReadPath(index, local, leaves, fetcher, workers, patience.atMost(limit));
    }

    /** The locator of one block. */
    @FunctionalInterface
    interface IndexLookup {
        /** {@code UNKNOWN} when the committed mapping must be asked. */
        long lookup(long lba);
    }
}
