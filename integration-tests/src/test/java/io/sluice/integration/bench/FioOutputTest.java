package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.integration.bench.LoadResult.SeriesPoint;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

final class FioOutputTest {
    @Test
    void jobsAndDirectionsAreAddedUp() {
        LoadResult result = FioOutput.parse(
                "fio: a warning\n"
                        + output(
                                0,
                                half(4096, 1, 1000, 900, "\"500\": 1"),
                                half(8192, 2, 2000, 5000, "\"500\": 1, \"4000\": 1")),
                List.of());
        assertEquals(3, result.ios());
        assertEquals(12288, result.bytes());
        assertEquals(2.0, result.seconds());
        assertEquals(1.5, result.iops());
        assertEquals(5.0, result.latency().maxMicros());
        assertEquals(0.5, result.latency().micros(0.5));
        assertEquals(4.0, result.latency().micros(0.999));
    }

    @Test
    void pointsOfOneIntervalAreAddedUp() {
        LoadResult result = FioOutput.parse(
                output(0, half(0, 0, 1000, 0, ""), half(0, 0, 1000, 0, "")),
                List.of("200, 1000, 1, 4096, 0", "201, 500, 1, 4096, 0", "400, 700, 0, 4096, 0"));
        assertEquals(List.of(new SeriesPoint(0.2, 1500), new SeriesPoint(0.4, 700)), result.series());
    }

    @Test
    void withFlushesTheirTimeCounts() {
        String sync = ", \"sync\": {\"total_ios\": 1, \"lat_ns\": {\"max\": 9000, \"bins\": {\"8000\": 1}}}}]}";
        String flushed = output(0, half(0, 0, 1000, 0, ""), half(4096, 1, 1000, 900, "\"500\": 1"))
                .replace("}]}", sync);
        LoadResult result = FioOutput.parse(flushed, List.of());
        assertEquals(8.0, result.latency().micros(0.5));
        assertEquals(9.0, result.latency().maxMicros());
    }

    @Test
    void anErrorOfAJobIsNoResult() {
        String broken = output(5, half(0, 0, 1000, 0, ""), half(0, 0, 1000, 0, ""));
        assertThrows(IllegalArgumentException.class, () -> FioOutput.parse(broken, List.of()));
    }

    @Test
    void whatIsNoOutputIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> FioOutput.parse("fio: no", List.of()));
    }

    private static String half(long bytes, long ios, long millis, long maxNanos, String bins) {
        return String.format(Locale.ROOT, """
                {"io_bytes": %d, "total_ios": %d, "runtime": %d,
                 "clat_ns": {"min": 0, "max": %d, "percentile": {"50.000000": 7}, "bins": {%s}}}
                """, bytes, ios, millis, maxNanos, bins);
    }

    private static String output(int error, String read, String write) {
        return "{\"jobs\": [{\"jobname\": \"job0\", \"error\": " + error + ", \"read\": " + read + ", \"write\": "
                + write + "}]}";
    }
}
