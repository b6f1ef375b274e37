package io.sluice.integration.bench;

import io.sluice.target.admin.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The results for programs: every measurement, the medians, the verdicts. */
final class JsonReport {
    private static final double[] SHARES = {0.5, 0.9, 0.99, 0.999, 0.9999};

    private JsonReport() {}

    static String text(Results results) {
        Map<String, Object> all = new TreeMap<>();
        all.put("machine", results.machine());
        all.put("limits", finite(results.limits()));
        all.put(
                "measurements",
                results.measurements().stream().map(JsonReport::measurement).toList());
        Map<String, Object> medians = new TreeMap<>();
        for (String workload : results.workloads()) {
            Map<String, Object> peers = new TreeMap<>();
            results.peers(workload).forEach(peer -> peers.put(peer, medians(results, workload, peer)));
            medians.put(workload, peers);
        }
        all.put("medians", medians);
        all.put(
                "targets",
                Targets.all().stream()
                        .map(target -> verdict(target.judge(results)))
                        .toList());
        return Json.pretty(all);
    }

    private static Map<String, Object> measurement(Measurement m) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("workload", m.workload());
        row.put("peer", m.peer());
        row.put("round", m.round());
        row.put("loadAverage", m.loadAverage());
        row.put("ios", m.result().ios());
        row.put("bytes", m.result().bytes());
        row.put("seconds", m.result().seconds());
        row.put("latencyMicros", latency(m));
        row.put("serverCpuSeconds", m.serverCpuSeconds());
        row.put("settledCpuSeconds", m.settledCpuSeconds());
        row.put("clientCpuSeconds", m.clientCpuSeconds());
        row.put("peakBytes", m.peakBytes());
        row.put(
                "store",
                Map.of(
                        "requests", m.traffic().requests(),
                        "sentBytes", m.traffic().sentBytes(),
                        "receivedBytes", m.traffic().receivedBytes()));
        row.put("ownFigures", finite(m.ownFigures()));
        row.put("settledFigures", finite(m.settledFigures()));
        row.put(
                "iopsOverTime",
                m.result().series().stream()
                        .map(point -> List.of(point.atSeconds(), point.iops()))
                        .toList());
        return row;
    }

    private static Map<String, Double> latency(Measurement m) {
        Map<String, Double> shares = new TreeMap<>();
        for (double share : SHARES) {
            shares.put("p" + share * 100, m.result().latency().micros(share));
        }
        shares.put("max", m.result().latency().maxMicros());
        return finite(shares);
    }

    private static Map<String, Double> medians(Results results, String workload, String peer) {
        Map<String, Double> figures = new TreeMap<>();
        for (Figure figure : Figure.values()) {
            figures.put(figure.label(), results.median(workload, peer, figure));
        }
        return finite(figures);
    }

    private static Map<String, Object> verdict(Target.Verdict verdict) {
        Map<String, Object> row = new TreeMap<>();
        row.put("text", verdict.target().text());
        row.put("bound", verdict.target().bound());
        row.put("verdict", verdict.word());
        if (verdict.isMeasured()) {
            row.put("figure", verdict.figure());
        }
        return row;
    }

    /** JSON knows no NaN. */
    private static Map<String, Double> finite(Map<String, Double> values) {
        Map<String, Double> kept = new TreeMap<>(values);
        kept.values().removeIf(value -> !Double.isFinite(value));
        return kept;
    }
}
