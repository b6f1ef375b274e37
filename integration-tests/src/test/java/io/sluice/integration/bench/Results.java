package io.sluice.integration.bench;

import java.util.List;
import java.util.Map;

/**
 * All of a run.
 *
 * @param machine what it ran on, by name: processors, kernel, Java, versions of the peers
 * @param limits of the machine, measured in the same run, by name with unit
 * @param measurements in the order in which they were taken
 */
record Results(Map<String, String> machine, Map<String, Double> limits, List<Measurement> measurements) {
    Results {
        measurements = List.copyOf(measurements);
    }

    List<String> workloads() {
        return measurements.stream().map(Measurement::workload).distinct().toList();
    }

    List<String> peers(String workload) {
        return measurements.stream()
                .filter(m -> m.workload().equals(workload))
                .map(Measurement::peer)
                .distinct()
                .toList();
    }

    List<Measurement> of(String workload, String peer) {
        return measurements.stream()
                .filter(m -> m.workload().equals(workload) && m.peer().equals(peer))
                .toList();
    }

    private double[] values(String workload, String peer, Figure figure) {
        return of(workload, peer).stream().mapToDouble(figure::of).toArray();
    }

    /** Over the rounds; NaN when it was not measured. */
    double median(String workload, String peer, Figure figure) {
        return Statistics.median(values(workload, peer, figure));
    }

    /** Over the rounds, as a share of the median. */
    double spread(String workload, String peer, Figure figure) {
        return Statistics.spread(values(workload, peer, figure));
    }
}
