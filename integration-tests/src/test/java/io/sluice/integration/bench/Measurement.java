package io.sluice.integration.bench;

import java.util.Map;

/**
 * One run of one workload against one peer.
 *
 * @param round from 1
 * @param loadAverage of the machine when the run began: 1, 5, 15 minutes
 * @param serverCpuSeconds of the peer's processes while the load ran
 * @param settledCpuSeconds the same with what it did afterwards, until nothing was left to do
 * @param clientCpuSeconds of the load generator
 * @param peakBytes of the peer's resident memory
 * @param traffic with the object store, also that of the time after the load
 * @param ownFigures what the peer itself counts, as differences, while the load ran
 * @param settledFigures the same with the time after the load
 */
record Measurement(
        String workload,
        String peer,
        int round,
        String loadAverage,
        LoadResult result,
        double serverCpuSeconds,
        double settledCpuSeconds,
        double clientCpuSeconds,
        long peakBytes,
        StoreTraffic traffic,
        Map<String, Double> ownFigures,
        Map<String, Double> settledFigures) {
    Measurement {
        ownFigures = Map.copyOf(ownFigures);
        settledFigures = Map.copyOf(settledFigures);
    }
}
