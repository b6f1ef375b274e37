package io.sluice.integration.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A job file for fio's libiscsi engine: one or more jobs of the same kind, each with a session of its own.
 *
 * @param load what every job does
 * @param urls LUNs; job n gets the LUN n modulo their number
 * @param extent how long it goes on
 * @param seriesPrefix where fio puts its log of completed I/Os over time
 */
record FioJob(Load load, List<String> urls, Extent extent, Path seriesPrefix) {
    /** Half of each block compresses away, as with the data of people. */
    private static final int COMPRESSIBLE_PERCENT = 50;

    /** How often the throughput is noted. */
    static final int SERIES_MILLIS = 200;

    FioJob {
        urls = List.copyOf(urls);
    }

    /** The lines of the file. */
    List<String> lines() {
        List<String> lines = new ArrayList<>(List.of(
                "[global]",
                "ioengine=libiscsi",
                "thread=0",
                "group_reporting=1",
                "randrepeat=0",
                "randseed=" + extent.seed(),
                "buffer_compress_percentage=" + COMPRESSIBLE_PERCENT,
                "buffer_compress_chunk=4096",
                "percentile_list=50:99:99.9",
                "write_iops_log=" + seriesPrefix,
                "log_avg_msec=" + SERIES_MILLIS,
                "per_job_logs=0"));
        lines.addAll(load.fioLines());
        lines.addAll(extent.fioLines());
        for (int job = 0; job < load.sessions(); job++) {
            lines.add("[job" + job + "]");
            lines.add("filename=" + escaped(urls.get(job % urls.size())));
            lines.addAll(extent.jobLines(job / urls.size(), sessionsOfLun(job)));
        }
        return lines;
    }

    private int sessionsOfLun(int job) {
        int lun = job % urls.size();
        return (load.sessions() - lun + urls.size() - 1) / urls.size();
    }

    /** Colons separate file names in fio. */
    private static String escaped(String url) {
        return url.replace(":", "\\:");
    }

    /**
     * How much is done.
     *
     * @param bytes of the LUN that are touched, from its beginning
     * @param seconds bound of the time; 0 when only {@code totalBytes} bounds it
     * @param totalBytes bound of the bytes of all jobs together; 0 when only time bounds it
     * @param divides each job on a LUN has a part of it of its own
     * @param verifies every block carries a checksum, and is read back at the end
     * @param seed of addresses and data
     */
    record Extent(long bytes, int seconds, long totalBytes, boolean divides, boolean verifies, int seed) {
        static Extent timed(long bytes, int seconds, int seed) {
            return new Extent(bytes, seconds, 0, false, false, seed);
        }

        /** Every byte once, in order. */
        static Extent once(long bytes, int seed) {
            return new Extent(bytes, 0, bytes, true, false, seed);
        }

        Extent verifying() {
            return new Extent(bytes, seconds, totalBytes, divides, true, seed);
        }

        List<String> fioLines() {
            List<String> lines = new ArrayList<>();
            if (seconds > 0) {
                lines.add("runtime=" + seconds);
            }
            if (totalBytes == 0) {
                lines.add("time_based=1");
            }
            // What is verified is written once: of two writes of a block under way, either may be the last.
            lines.add("norandommap=" + (verifies ? 0 : 1));
            if (verifies) {
                lines.add("verify=crc32c");
                lines.add("verify_fatal=1");
                lines.add("do_verify=1");
            }
            return lines;
        }

        List<String> jobLines(int numberOnLun, int sessionsOfLun) {
            long part = divides ? bytes / sessionsOfLun : bytes;
            List<String> lines = new ArrayList<>(List.of("size=" + part));
            lines.add("offset=" + (divides ? part * numberOnLun : 0));
            if (totalBytes > 0) {
                lines.add(String.format(Locale.ROOT, "io_size=%d", totalBytes / sessionsOfLun));
            }
            return lines;
        }
    }
}
