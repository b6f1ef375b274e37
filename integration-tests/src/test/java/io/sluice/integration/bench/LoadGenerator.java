package io.sluice.integration.bench;

import java.io.IOException;
import java.util.List;

/** A program that makes load, none of it ours. */
interface LoadGenerator {
    /** What a run brought, and the processor time that the program used for it. */
    record Run(LoadResult result, double cpuSeconds) {}

    /**
     * Runs to the end.
     *
     * @throws IOException when it fails; its words are in the message
     * @throws IllegalArgumentException when it cannot do this
     */
    Run run(Load load, List<String> urls, FioJob.Extent extent) throws IOException, InterruptedException;
}
