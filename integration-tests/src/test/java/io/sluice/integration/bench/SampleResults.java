package io.sluice.integration.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Results that were never measured, for tests of what is made of them. */
final class SampleResults {
    /** The name of a figure beside the workloads, which is 7. */
    static final String NOTED = "loopback";

    /** By the collector in each run, a third of it while the load ran. */
    static final double MOVED_BYTES = 12_288;

    private SampleResults() {}

    /** One workload; I/Os per second by peer and round. Every second I/O takes 1 ms, the others 2 ms. */
    static Results of(String workload, Map<String, List<Double>> iops) {
        List<Measurement> all = new ArrayList<>();
        new TreeMap<>(iops).forEach((peer, rounds) -> {
            for (int round = 1; round <= rounds.size(); round++) {
                all.add(measurement(workload, peer, round, rounds.get(round - 1)));
            }
        });
        return new Results(Map.of("processors", "<2>"), Map.of(NOTED, 7.0), all);
    }

    private static Measurement measurement(String workload, String peer, int round, double iops) {
        long ios = Math.round(iops * 10);
        LoadResult.Latency latency = new LoadResult.Latency(
                new TreeMap<>(Map.of(1_000_000L, ios / 2, 2_000_000L, ios - ios / 2)), 3_000_000);
        LoadResult result = new LoadResult(
                ios,
                ios * 4096,
                10,
                latency,
                List.of(new LoadResult.SeriesPoint(1, iops), new LoadResult.SeriesPoint(2, iops)));
        StoreTraffic traffic =
                new StoreTraffic(Map.of("PUT", 3L, "GET", 1L), Map.of("PUT", 4L << 20), Map.of("GET", 2L << 20));
        return new Measurement(
                workload,
                peer,
                round,
                "1 2 3",
                result,
                1,
                2,
                3,
                1 << 20,
                traffic,
                Map.of("movedBytes", MOVED_BYTES / 3),
                Map.of("movedBytes", MOVED_BYTES));
    }
}
