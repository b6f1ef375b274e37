package io.sluice.integration.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The results as text for a terminal. */
final class TextReport {
    private static final List<Figure> COLUMNS = List.of(
            Figure.IOPS,
            Figure.MIB_PER_SECOND,
            Figure.P50_MICROS,
            Figure.P99_MICROS,
            Figure.P999_MICROS,
            Figure.MAX_MILLIS,
            Figure.SERVER_CPU_PER_GIB,
            Figure.SERVER_CPU_PER_100K,
            Figure.SETTLED_CPU_PER_GIB,
            Figure.CLIENT_CPU_PER_GIB,
            Figure.CLIENT_CPU_PER_100K,
            Figure.PEAK_MIB,
            Figure.REQUESTS,
            Figure.PUTS_PER_GIB,
            Figure.SENT_PER_BYTE,
            Figure.RECEIVED_PER_BYTE,
            Figure.ALLOCATED_PER_IO,
            Figure.ALLOCATED_FOR_COMMANDS_PER_IO);
    private static final String SLUICE = "sluice";
    private static final double MEBIBYTE = 1 << 20;

    private TextReport() {}

    /** One run, while others go on. */
    static String line(Measurement m) {
        return String.format(
                Locale.ROOT,
                "%-24s round %d  %-20s %9.0f IOPS %8.1f MiB/s  p50 %6.0f us  p99 %6.0f us  load %s",
                m.workload(),
                m.round(),
                m.peer(),
                m.result().iops(),
                m.result().mebibytesPerSecond(),
                m.result().latency().micros(0.5),
                m.result().latency().micros(0.99),
                m.loadAverage());
    }

    /** Everything. */
    static List<String> lines(Results results) {
        List<String> lines = new ArrayList<>();
        results.machine().forEach((name, value) -> lines.add(name + ": " + value));
        results.limits()
                .forEach((name, value) -> lines.add(String.format(Locale.ROOT, "limit: %s: %.1f", name, value)));
        for (String workload : results.workloads()) {
            lines.add("");
            addWorkload(results, workload, lines);
        }
        lines.add("");
        addTargets(results, lines);
        return lines;
    }

    private static void addWorkload(Results results, String workload, List<String> lines) {
        StringBuilder head =
                new StringBuilder(String.format(Locale.ROOT, "%-24s %8s %7s", workload, "sluice/", "spread"));
        List<Figure> shown = COLUMNS.stream()
                .filter(figure -> results.peers(workload).stream()
                        .mapToDouble(peer -> results.median(workload, peer, figure))
                        .anyMatch(value -> !Double.isNaN(value) && value != 0))
                .toList();
        shown.forEach(figure -> head.append(String.format(Locale.ROOT, " %16s", figure.label())));
        lines.add(head.toString());
        for (String peer : results.peers(workload)) {
            double ratio = results.median(workload, SLUICE, Figure.IOPS) / results.median(workload, peer, Figure.IOPS);
            StringBuilder row = new StringBuilder(String.format(
                    Locale.ROOT,
                    "  %-22s %8s %6.0f%%",
                    peer,
                    number(ratio),
                    100 * results.spread(workload, peer, Figure.IOPS)));
            for (Figure figure : shown) {
                row.append(String.format(Locale.ROOT, " %16s", number(results.median(workload, peer, figure))));
            }
            lines.add(row.toString());
        }
        for (String peer : results.peers(workload)) {
            addTraffic(peer, results.of(workload, peer), lines);
        }
    }

    /** Requests to the object store and bytes, by kind, medians over the rounds; nothing for who sent none. */
    private static void addTraffic(String peer, List<Measurement> rounds, List<String> lines) {
        String kinds = rounds.stream()
                .flatMap(round -> round.traffic().requests().keySet().stream())
                .distinct()
                .sorted()
                .map(kind -> ofKind(kind, rounds))
                .collect(Collectors.joining("; "));
        if (!kinds.isEmpty()) {
            lines.add("  S3 requests of " + peer + ": " + kinds);
        }
    }

    private static String ofKind(String kind, List<Measurement> rounds) {
        double requests = median(rounds, traffic -> traffic.requests().getOrDefault(kind, 0L));
        double sent = median(rounds, traffic -> traffic.sentBytes().getOrDefault(kind, 0L));
        double received = median(rounds, traffic -> traffic.receivedBytes().getOrDefault(kind, 0L));
        return String.format(
                Locale.ROOT,
                "%s %.0f, %s MiB sent, %s MiB received",
                kind,
                requests,
                number(sent / MEBIBYTE),
                number(received / MEBIBYTE));
    }

    private static double median(List<Measurement> rounds, ToDoubleFunction<StoreTraffic> figure) {
        return Statistics.median(
                rounds.stream().map(Measurement::traffic).mapToDouble(figure).toArray());
    }

    private static void addTargets(Results results, List<String> lines) {
        lines.add("Targets");
        for (Target target : Targets.all()) {
            Target.Verdict verdict = target.judge(results);
            lines.add(String.format(Locale.ROOT, "  %-12s %-32s %s", verdict.word(), verdict.numbers(), target.text()));
        }
    }

    /** Three digits that count. */
    static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "-";
        }
        return String.format(
                Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }
}
