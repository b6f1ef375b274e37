package io.sluice.integration.bench;

import io.sluice.integration.bench.Target.Reading;
import java.util.ArrayList;
import java.util.List;

/** What Sluice is to reach in one run, on the same machine as its peers, encryption and compression on. */
final class Targets {
    private static final String SLUICE = "sluice";
    private static final String IDLE = "sluice-idle-flush";
    private static final String FILE = "tgt-file";
    private static final String NULL = "tgt-null";

    private Targets() {}

    static List<Target> all() {
        List<Target> all = new ArrayList<>();
        addSmall(all);
        addSessionsAndStreams(all);
        addAgainstItself(all);
        addAgainstS3backer(all);
        addStore(all);
        addMemory(all);
        return List.copyOf(all);
    }

    private static Reading iops(String workload, String peer) {
        return Reading.of(workload, peer, Figure.IOPS);
    }

    private static Target faster(String text, String workload, String peer, String other, double bound) {
        return Target.ratio(text + ": " + peer + " / " + other, iops(workload, peer), iops(workload, other), bound);
    }

    private static void addSmall(List<Target> all) {
        String write = "4 KiB random write, depth 32";
        all.add(faster(write, "write-4k-q32", IDLE, FILE, 2.2));
        all.add(faster(write, "write-4k-q32", SLUICE, FILE, 1.5));
        all.add(faster(write, "write-4k-q32", IDLE, NULL, 0.9));
        all.add(faster(write, "write-4k-q32", SLUICE, NULL, 0.6));
        String read = "4 KiB random read, depth 32, cached";
        all.add(faster(read, "read-4k-q32", SLUICE, FILE, 2.5));
        all.add(faster(read, "read-4k-q32", SLUICE, NULL, 0.9));
        all.add(faster("4 KiB random read, depth 1", "read-4k-q1", SLUICE, FILE, 1.8));
        all.add(faster("4 KiB random write, depth 1", "write-4k-q1", IDLE, FILE, 1.8));
        all.add(faster("4 KiB random write, depth 1", "write-4k-q1", SLUICE, FILE, 1.8));
    }

    private static void addSessionsAndStreams(List<Target> all) {
        all.add(faster("4 sessions, depth 16, read", "sessions-4-read", SLUICE, FILE, 3.5));
        all.add(faster("4 sessions, depth 16, write", "sessions-4-write", IDLE, FILE, 2.8));
        all.add(faster("4 sessions, depth 16, write", "sessions-4-write", SLUICE, FILE, 2.8));
        all.add(faster("1 MiB sequential write, depth 8", "seq-write-1m", IDLE, FILE, 2.5));
        all.add(faster("1 MiB sequential write, depth 8", "seq-write-1m", SLUICE, FILE, 2.5));
        all.add(faster("1 MiB sequential read, cached, depth 8", "seq-read-1m", SLUICE, FILE, 1.8));
    }

    private static void addAgainstItself(List<Target> all) {
        for (String workload : new String[] {"read-4k-q32", "write-4k-q32", "seq-read-1m"}) {
            all.add(Target.ratio(
                    "with header digests / without: " + workload,
                    iops("digest-" + workload, SLUICE),
                    iops("no-digest-" + workload, SLUICE),
                    0.9));
        }
        for (String peer : new String[] {SLUICE, IDLE}) {
            all.add(Target.ratio(
                    "flush rate, 16 writers / 1 writer: " + peer, iops("flush-16", peer), iops("flush-1", peer), 5));
        }
        for (String direction : new String[] {"read", "write"}) {
            Reading one = iops("sessions-1-" + direction, SLUICE);
            all.add(Target.ratio(direction + ", 2 sessions / 1", iops("sessions-2-" + direction, SLUICE), one, 1.0));
            all.add(Target.ratio(direction + ", 2 LUNs / 1", iops("luns-2-" + direction, SLUICE), one, 1.0));
        }
        // The hot path is that of a command: what the flusher allocates beside it, in threads of its own, is not meant.
        addGarbage(all, "read-4k-q32", SLUICE);
        addGarbage(all, "write-4k-q32", IDLE);
    }

    private static void addGarbage(List<Target> all, String workload, String peer) {
        String text = "garbage in bytes for each I/O, of the threads that hosts wait for: " + workload + ", " + peer;
        all.add(Target.atMost(text, Reading.of(workload, peer, Figure.ALLOCATED_FOR_COMMANDS_PER_IO), 200));
    }

    private static void addAgainstS3backer(List<Target> all) {
        String write = "4 KiB random write, depth 32";
        String workload = "write-4k-q32";
        all.add(faster(write + ", its cache holds all", workload, SLUICE, "s3backer-128k", 5));
        all.add(faster(write + ", its cache holds half", workload, SLUICE, "s3backer-128k-half", 50));
        for (String other : new String[] {"s3backer-128k", "s3backer-128k-half"}) {
            all.add(Target.ratioAtMost(
                    "PUTs for each GiB: sluice / " + other,
                    Reading.of(workload, SLUICE, Figure.PUTS_PER_GIB),
                    Reading.of(workload, other, Figure.PUTS_PER_GIB),
                    0.02));
        }
    }

    private static void addStore(List<Target> all) {
        all.add(Target.atMost(
                "sustained random write: longest wait in ms",
                Reading.of("sustained-write-4k-q32", SLUICE, Figure.MAX_MILLIS),
                500));
        all.add(Target.atMost(
                "PUTs for each GiB of 4 KiB random writes",
                Reading.of("write-4k-q32", SLUICE, Figure.PUTS_PER_GIB),
                160));
        Reading compressed = Reading.noted(MachineLimits.ZSTD_RATIO);
        all.add(Target.ratioAtMost(
                "bytes uploaded / compressed bytes of 4 KiB random writes, without blocks that the collector moved",
                Reading.without(
                        Reading.of("write-4k-q32", SLUICE, Figure.SENT_PER_BYTE),
                        Reading.of("write-4k-q32", SLUICE, Figure.MOVED_PER_BYTE),
                        compressed),
                compressed,
                1.1));
        all.add(Target.atMost(
                "start of the packaged server, S3 store, class archive, to the first login, in s",
                Reading.noted(StartTime.NAME),
                1.5));
        all.add(Target.ratio(
                "cold sequential read, 50 ms / 0 ms",
                iops("cold-seq-read-50ms", SLUICE),
                iops("cold-seq-read-0ms", SLUICE),
                0.8));
        all.add(Target.ratioAtMost(
                "bytes fetched by it, 50 ms / 0 ms",
                Reading.of("cold-seq-read-50ms", SLUICE, Figure.RECEIVED_PER_BYTE),
                Reading.of("cold-seq-read-0ms", SLUICE, Figure.RECEIVED_PER_BYTE),
                1.2));
        all.add(Target.atLeast(
                "cold random 4 KiB read at 20 ms, depth 32: IOPS (80 % of 32 per 20 ms)",
                iops("cold-read-4k-q32-20ms", SLUICE), 1280));
    }

    private static void addMemory(List<Target> all) {
        all.add(Target.atMost(
                "peak memory / what the configuration allows (heap, direct memory, index) and 256 MiB for the JVM",
                Reading.noted(BoundedMemory.PEAK),
                1));
        // While writers outrun the flusher it may take twice as much.
        all.add(Target.atMost(
                "index of a LUN of 16 TiB, written all over: resident / index.memory",
                Reading.noted(BoundedMemory.INDEX),
                2));
    }
}
