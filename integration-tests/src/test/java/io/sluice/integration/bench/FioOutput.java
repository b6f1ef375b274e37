package io.sluice.integration.bench;

import io.sluice.integration.bench.LoadResult.Latency;
import io.sluice.integration.bench.LoadResult.SeriesPoint;
import io.sluice.target.admin.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads what fio writes with {@code --output-format=json+} and its logs of I/Os over time. */
final class FioOutput {
    private static final String[] DIRECTIONS = {"read", "write"};
    private static final double MILLIS_PER_SECOND = 1000.0;

    private FioOutput() {}

    /**
     * The sum over all jobs.
     *
     * @param json fio may have put warnings before the first brace
     * @param logs lines of fio's logs "milliseconds, I/Os per second, direction, ..."
     * @throws IllegalArgumentException when it is no output of fio, or a job ended with an error
     */
    static LoadResult parse(String json, List<String> logs) {
        int begin = json.indexOf('{');
        if (begin < 0) {
            throw new IllegalArgumentException("no output of fio: " + json);
        }
        Map<String, Object> all = Json.parse(json.substring(begin));
        long ios = 0;
        long bytes = 0;
        double millis = 0;
        long maxNanos = 0;
        SortedMap<Long, Long> bins = new TreeMap<>();
        for (Object entry : list(all.get("jobs"))) {
            Map<?, ?> job = map(entry);
            failIfBroken(job);
            for (String direction : DIRECTIONS) {
                Map<?, ?> half = map(job.get(direction));
                ios += number(half.get("total_ios")).longValue();
                bytes += number(half.get("io_bytes")).longValue();
                millis = Math.max(millis, number(half.get("runtime")).doubleValue());
                if (!flushes(job)) {
                    maxNanos = Math.max(maxNanos, addLatencies(map(half.get("clat_ns")), bins));
                }
            }
            if (flushes(job)) {
                maxNanos =
                        Math.max(maxNanos, addLatencies(map(map(job.get("sync")).get("lat_ns")), bins));
            }
        }
        return new LoadResult(ios, bytes, millis / MILLIS_PER_SECOND, new Latency(bins, maxNanos), series(logs));
    }

    private static void failIfBroken(Map<?, ?> job) {
        if (number(job.get("error")).intValue() != 0) {
            throw new IllegalArgumentException("fio met error " + job.get("error") + " in job " + job.get("jobname"));
        }
    }

    /** Then the flush is what the host waits for, and its time is the one that counts. */
    private static boolean flushes(Map<?, ?> job) {
        return job.get("sync") instanceof Map<?, ?> sync
                && number(sync.get("total_ios")).longValue() > 0;
    }

    /** Returns the longest of them. */
    private static long addLatencies(Map<?, ?> latency, SortedMap<Long, Long> bins) {
        if (latency.get("bins") instanceof Map<?, ?> found) {
            found.forEach((nanos, count) -> bins.merge(
                    Long.valueOf(String.valueOf(nanos)), number(count).longValue(), Long::sum));
        }
        return number(latency.get("max")).longValue();
    }

    /** Every job and direction has its own lines; those of one interval are added up. */
    private static List<SeriesPoint> series(List<String> logs) {
        TreeMap<Long, Double> sums = new TreeMap<>();
        for (String line : logs) {
            String[] fields = line.split(",", -1);
            long interval = Math.round(Double.parseDouble(fields[0].strip()) / FioJob.SERIES_MILLIS);
            sums.merge(interval, Double.parseDouble(fields[1].strip()), Double::sum);
        }
        List<SeriesPoint> points = new ArrayList<>();
        sums.forEach((interval, iops) ->
                points.add(new SeriesPoint(interval * FioJob.SERIES_MILLIS / MILLIS_PER_SECOND, iops)));
        return points;
    }

    private static Map<?, ?> map(@Nullable Object value) {
        if (value instanceof Map<?, ?> found) {
            return found;
        }
        throw new IllegalArgumentException("not an object of fio's output: " + value);
    }

    private static List<?> list(@Nullable Object value) {
        if (value instanceof List<?> found) {
            return found;
        }
        throw new IllegalArgumentException("not a list of fio's output: " + value);
    }

    private static Number number(@Nullable Object value) {
        if (value instanceof Number found) {
            return found;
        }
        throw new IllegalArgumentException("not a number of fio's output: " + value);
    }
}
