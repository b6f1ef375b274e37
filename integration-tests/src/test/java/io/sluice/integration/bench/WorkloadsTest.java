package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What takes turns must be able to: a stand holds one demand. */
final class WorkloadsTest {
    private static final long LUN_BYTES = 64L << 20;

    private static Bench.Plan plan(List<Workload> workloads) {
        return new Bench.Plan(workloads, List.of(), LUN_BYTES, 1, 1, Path.of("unused"));
    }

    private static List<String> names(List<Workload> series) {
        return series.stream().map(Workload::name).toList();
    }

    @Test
    void aSeriesMakesOneDemand() {
        for (List<Workload> series : plan(Workloads.all()).series()) {
            Set<Demand> demands =
                    series.stream().map(each -> each.demand(LUN_BYTES)).collect(Collectors.toSet());
            assertEquals(1, demands.size(), () -> names(series).toString());
        }
    }

    @Test
    void everyWorkloadIsInOneSeries() {
        assertEquals(
                Set.copyOf(names(Workloads.all())),
                plan(Workloads.all()).series().stream()
                        .flatMap(List::stream)
                        .map(Workload::name)
                        .collect(Collectors.toSet()));
        assertEquals(
                Workloads.all().size(),
                plan(Workloads.all()).series().stream().mapToInt(List::size).sum());
    }

    @Test
    void whatIsComparedTakesTurns() {
        List<List<String>> series = plan(Workloads.all()).series().stream()
                .map(WorkloadsTest::names)
                .filter(names -> names.size() > 1)
                .toList();
        assertEquals(
                List.of(
                        List.of("flush-1", "flush-16"),
                        List.of(
                                "sessions-1-read",
                                "sessions-1-write",
                                "sessions-2-read",
                                "sessions-2-write",
                                "sessions-4-read",
                                "sessions-4-write",
                                "luns-2-read",
                                "luns-2-write"),
                        List.of("luns-4-read", "luns-4-write"),
                        List.of("no-digest-read-4k-q32", "digest-read-4k-q32"),
                        List.of("no-digest-write-4k-q32", "digest-write-4k-q32"),
                        List.of("no-digest-seq-read-1m", "digest-seq-read-1m"),
                        List.of(
                                "cold-read-4k-q32-0ms",
                                "cold-seq-read-0ms",
                                "cold-read-4k-q32-20ms",
                                "cold-seq-read-20ms",
                                "cold-read-4k-q32-50ms",
                                "cold-seq-read-50ms")),
                series);
    }

    @Test
    void loadGoesToTheLunsThatAreMeant() {
        List<String> two = List.of("first", "last");
        Map<String, List<String>> used = Workloads.all().stream()
                .filter(each -> each.demand(LUN_BYTES).luns() == 2)
                .collect(Collectors.toMap(Workload::name, each -> each.urls(two)));
        assertEquals(List.of("first"), used.get("no-digest-read-4k-q32"));
        assertEquals(List.of("last"), used.get("digest-read-4k-q32"));
        assertEquals(List.of("first"), used.get("sessions-4-write"));
        assertEquals(two, used.get("luns-2-read"));
    }
}
