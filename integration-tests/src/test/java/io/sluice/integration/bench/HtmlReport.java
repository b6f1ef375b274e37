package io.sluice.integration.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The results as one page that needs nothing else: tables, and plots as SVG. */
final class HtmlReport {
    private static final String STYLE = """
            body { font: 14px sans-serif; margin: 2em; max-width: 1500px }
            table { border-collapse: collapse; margin: 0.5em 0 1em }
            td, th { border-bottom: 1px solid #ddd; padding: 2px 8px; text-align: right }
            td:first-child, th:first-child { text-align: left }
            .reached { color: #080 } .missed { color: #b00 } .unknown { color: #888 }
            svg { margin-right: 1em }
            svg text { font: 11px sans-serif; fill: #444 }
            """;
    private static final List<Figure> COLUMNS = List.of(Figure.values());
    private static final String SLUICE = "sluice";
    private static final double[] SHARES = {
        0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999
    };

    private final Results results;
    private final StringBuilder page = new StringBuilder();

    private HtmlReport(Results results) {
        this.results = results;
    }

    static String text(Results results) {
        return new HtmlReport(results).build();
    }

    private String build() {
        page.append(
                        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sluice: benchmark</title>\n<style>")
                .append(STYLE)
                .append("</style></head><body>\n<h1>Sluice and its peers</h1>\n");
        addFacts();
        addTargets();
        results.workloads().forEach(this::addWorkload);
        return page.append("</body></html>\n").toString();
    }

    private void addFacts() {
        page.append("<table>\n");
        results.machine().forEach((name, value) -> row(List.of(name, value), "td"));
        results.limits().forEach((name, value) -> row(List.of(name, TextReport.number(value)), "td"));
        page.append("</table>\n");
    }

    private void addTargets() {
        page.append("<h2>Targets</h2>\n<table>\n");
        for (Target target : Targets.all()) {
            Target.Verdict verdict = target.judge(results);
            String kind = verdict.isMeasured() ? verdict.isReached() ? "reached" : "missed" : "unknown";
            page.append("<tr class=\"").append(kind).append("\"><td>").append(escaped(target.text()));
            page.append("</td><td>")
                    .append(verdict.numbers())
                    .append("</td><td>")
                    .append(verdict.word());
            page.append("</td></tr>\n");
        }
        page.append("</table>\n");
    }

    private void addWorkload(String workload) {
        page.append("<h2>").append(escaped(workload)).append("</h2>\n<table>\n");
        List<String> head = new ArrayList<>(List.of("peer", "sluice / peer", "spread"));
        COLUMNS.forEach(figure -> head.add(figure.label()));
        row(head, "th");
        double own = results.median(workload, SLUICE, Figure.IOPS);
        for (String peer : results.peers(workload)) {
            List<String> cells = new ArrayList<>(List.of(
                    peer,
                    TextReport.number(own / results.median(workload, peer, Figure.IOPS)),
                    TextReport.number(results.spread(workload, peer, Figure.IOPS))));
            COLUMNS.forEach(figure -> cells.add(TextReport.number(results.median(workload, peer, figure))));
            row(cells, "td");
        }
        page.append("</table>\n");
        page.append(latencies(workload).svg());
        page.append(throughput(workload).svg());
        page.append('\n');
    }

    /** All rounds of a peer in one line. */
    private Plot latencies(String workload) {
        Plot plot = new Plot("latency in us: share of the I/Os that took no longer", "nines", true);
        for (String peer : results.peers(workload)) {
            LoadResult.Latency all = LoadResult.Latency.merged(results.of(workload, peer).stream()
                    .map(m -> m.result().latency())
                    .toList());
            List<double[]> points = new ArrayList<>();
            for (double share : SHARES) {
                // A scale on which 90 %, 99 % and 99.9 % are equally far apart.
                points.add(new double[] {all.micros(share), -Math.log10(1 - share)});
            }
            plot.add(peer, points);
        }
        return plot;
    }

    /** The last round of each peer. */
    private Plot throughput(String workload) {
        Plot plot = new Plot("IOPS over seconds, last round", "IOPS", false);
        for (String peer : results.peers(workload)) {
            List<Measurement> rounds = results.of(workload, peer);
            plot.add(
                    peer,
                    rounds.get(rounds.size() - 1).result().series().stream()
                            .map(point -> new double[] {point.atSeconds(), point.iops()})
                            .toList());
        }
        return plot;
    }

    private void row(List<String> cells, String element) {
        page.append("<tr>");
        for (String cell : cells) {
            page.append(String.format(Locale.ROOT, "<%s>%s</%s>", element, escaped(cell), element));
        }
        page.append("</tr>\n");
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
