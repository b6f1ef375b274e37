package io.sluice.integration.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lines over two axes, as SVG. Points with a number that is not finite are left out. Not thread-safe. */
final class Plot {
    private static final int WIDTH = 680;
    private static final int HEIGHT = 300;
    private static final int LEFT = 70;
    private static final int RIGHT = 150;
    private static final int TOP = 24;
    private static final int BOTTOM = 26;
    private static final int TICKS = 5;
    private static final String[] COLOURS = {
        "#1f77b4", "#17becf", "#d62728", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#e377c2"
    };

    private final String title;
    private final String unit;
    private final boolean isLogarithmic;
    private final Map<String, List<double[]>> lines = new LinkedHashMap<>();

    /**
     * Without lines yet.
     *
     * @param unit of the vertical axis; "nines" stands for shares: 1 is 90 %, 2 is 99 %
     * @param isLogarithmic whether the horizontal axis is
     */
    Plot(String title, String unit, boolean isLogarithmic) {
        this.title = title;
        this.unit = unit;
        this.isLogarithmic = isLogarithmic;
    }

    /** Points are pairs of x and y. */
    void add(String name, List<double[]> points) {
        List<double[]> kept = new ArrayList<>();
        for (double[] point : points) {
            double x = isLogarithmic ? Math.log10(point[0]) : point[0];
            if (Double.isFinite(x) && Double.isFinite(point[1])) {
                kept.add(new double[] {x, point[1]});
            }
        }
        lines.put(name, kept);
    }

    String svg() {
        double low = isLogarithmic ? smallest() : 0;
        double wide = Math.max(1e-9, largest(0) - low);
        double high = Math.max(1e-9, largest(1));
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg width=\"%d\" height=\"%d\"><text x=\"%d\" y=\"14\">%s</text>",
                WIDTH,
                HEIGHT,
                LEFT,
                HtmlReport.escaped(title)));
        for (int tick = 0; tick <= TICKS; tick++) {
            double share = tick / (double) TICKS;
            addTick(svg, share, low + share * wide, share * high);
        }
        int number = 0;
        for (Map.Entry<String, List<double[]>> line : lines.entrySet()) {
            addLine(svg, line.getKey(), number, points(line.getValue(), low, wide, high));
            number++;
        }
        return svg.append("</svg>").toString();
    }

    private static String points(List<double[]> line, double low, double wide, double high) {
        StringBuilder points = new StringBuilder();
        for (double[] point : line) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x((point[0] - low) / wide), y(point[1] / high)));
        }
        return points.toString().strip();
    }

    private static void addLine(StringBuilder svg, String name, int number, String points) {
        String colour = COLOURS[number % COLOURS.length];
        svg.append(String.format(
                Locale.ROOT,
                "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"%s\"/>"
                        + "<text x=\"%d\" y=\"%d\" style=\"fill:%s\">%s</text>",
                colour,
                points,
                WIDTH - RIGHT + 8,
                TOP + 14 * (number + 1),
                colour,
                HtmlReport.escaped(name)));
    }

    private void addTick(StringBuilder svg, double share, double atX, double atY) {
        double shownX = isLogarithmic ? Math.pow(10, atX) : atX;
        String shownY = unit.equals("nines")
                ? String.format(Locale.ROOT, "%.2f %%", 100 * (1 - Math.pow(10, -atY)))
                : TextReport.number(atY);
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%d\" y2=\"%d\" stroke=\"#eee\"/>"
                        + "<line x1=\"%d\" x2=\"%d\" y1=\"%.0f\" y2=\"%.0f\" stroke=\"#eee\"/>"
                        + "<text x=\"%.0f\" y=\"%d\" text-anchor=\"middle\">%s</text>"
                        + "<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">%s</text>",
                x(share),
                x(share),
                TOP,
                HEIGHT - BOTTOM,
                LEFT,
                WIDTH - RIGHT,
                y(share),
                y(share),
                x(share),
                HEIGHT - 8,
                TextReport.number(shownX),
                LEFT - 6,
                y(share) + 4,
                shownY));
    }

    private static double x(double share) {
        return LEFT + share * (WIDTH - RIGHT - LEFT);
    }

    private static double y(double share) {
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
    }

    private double smallest() {
        return lines.values().stream()
                .flatMap(List::stream)
                .mapToDouble(point -> point[0])
                .min()
                .orElse(0);
    }

    private double largest(int axis) {
        return lines.values().stream()
                .flatMap(List::stream)
                .mapToDouble(point -> point[axis])
                .max()
                .orElse(0);
    }
}
