package io.sluice.integration.bench;

import io.sluice.integration.Programs;
import io.sluice.integration.bench.LoadResult.Latency;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Programs that do 4 KiB blocks on one LUN and tell a rate, no latencies. */
enum SimpleGenerator implements LoadGenerator {
    /** {@code qemu-img bench}: a number of blocks in order, reads or writes. */
    QEMU_IMG("Run completed in ([0-9.]+) seconds") {
        @Override
        List<String> command(Load load, String url, int seconds) {
            String count = String.valueOf(blocks(seconds));
            String depth = String.valueOf(load.depth());
            String block = String.valueOf(BLOCK_BYTES);
            List<String> reads =
                    List.of("qemu-img", "bench", "-f", "raw", "-t", "none", "-c", count, "-d", depth, "-s", block);
            return load.writes() ? plus(reads, "-w", url) : plus(reads, url);
        }

        @Override
        LoadResult result(double figure, int seconds) {
            return rate(blocks(seconds), figure);
        }
    },
    /** {@code iscsi-perf}: random reads. */
    ISCSI_PERF("iops average ([0-9]+) \\([^)]*\\) *\\s*finished") {
        @Override
        List<String> command(Load load, String url, int seconds) {
            if (load.writes()) {
                throw new IllegalArgumentException("iscsi-perf only reads");
            }
            return List.of(
                    "iscsi-perf",
                    "-m",
                    String.valueOf(load.depth()),
                    "-b",
                    "8",
                    "-t",
                    String.valueOf(seconds),
                    "-r",
                    url);
        }

        @Override
        LoadResult result(double figure, int seconds) {
            return rate(Math.round(figure * seconds), seconds);
        }
    };

    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCKS_PER_SECOND = 20_000;

    private final String pattern;

    SimpleGenerator(String pattern) {
        this.pattern = pattern;
    }

    abstract List<String> command(Load load, String url, int seconds);

    abstract LoadResult result(double figure, int seconds);

    @Override
    public Run run(Load load, List<String> urls, FioJob.Extent extent) throws IOException, InterruptedException {
        int seconds = Math.max(1, extent.seconds());
        List<String> command = command(load, urls.get(0), seconds);
        double before = ProcFiles.endedChildrenCpuSeconds();
        Programs.Outcome outcome = Programs.run(
                Duration.ofMinutes(10),
                command.get(0),
                command.subList(1, command.size()).toArray(String[]::new));
        if (outcome.exitStatus() != 0) {
            throw new IOException(outcome.toString());
        }
        double used = ProcFiles.endedChildrenCpuSeconds() - before;
        return new Run(parse(outcome.out() + outcome.errors(), seconds), used);
    }

    /** What it printed; {@link IllegalArgumentException} when the figure is not there. */
    LoadResult parse(String text, int seconds) {
        Matcher figure = Pattern.compile(pattern).matcher(text);
        if (!figure.find()) {
            throw new IllegalArgumentException(
                    "no figure in the words of " + name().toLowerCase(Locale.ROOT) + ": " + text);
        }
        return result(Double.parseDouble(figure.group(1)), seconds);
    }

    private static long blocks(int seconds) {
        return (long) BLOCKS_PER_SECOND * seconds;
    }

    private static List<String> plus(List<String> words, String... more) {
        return Stream.concat(words.stream(), Arrays.stream(more)).toList();
    }

    private static LoadResult rate(long ios, double seconds) {
        return new LoadResult(ios, ios * BLOCK_BYTES, seconds, new Latency(new TreeMap<>(), 0), List.of());
    }
}
