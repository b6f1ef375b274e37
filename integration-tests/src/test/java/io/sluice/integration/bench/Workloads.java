package io.sluice.integration.bench;

import io.sluice.integration.bench.Workload.Amount;
import io.sluice.integration.bench.Workload.Generator;
import io.sluice.integration.bench.Workload.Start;
import io.sluice.integration.bench.Workload.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Every workload there is, in the order in which they run. */
final class Workloads {
    private static final Set<String> LOCAL = Set.of("sluice", "tgt-file", "tgt-null");
    private static final Set<String> LOCAL_WRITES = Set.of("sluice", "sluice-idle-flush", "tgt-file", "tgt-null");
    private static final Set<String> STORED = Set.of("sluice", "s3backer-128k", "s3backer-1m");

    /** The command window of the stock jSCSI target is one. */
    private static final Set<String> WITH_JSCSI =
            Set.of("sluice", "sluice-idle-flush", "tgt-file", "tgt-null", "jscsi");

    private static final Set<String> EVERYBODY = Set.of(
            "sluice",
            "sluice-idle-flush",
            "tgt-file",
            "tgt-null",
            "s3backer-128k",
            "s3backer-128k-half",
            "s3backer-1m");
    private static final Set<String> SLUICE = Set.of("sluice");
    /** The null store has nothing to flush: how fast the processors let anybody be. */
    private static final Set<String> FLUSHING = Set.of("sluice", "sluice-idle-flush", "tgt-file", "tgt-null");

    private static final String READ = "randread";
    private static final String WRITE = "randwrite";
    private static final int MIXED_READ_PERCENT = 70;
    private static final int DEPTH_OF_SESSIONS = 16;
    private static final int DEPTH_OF_STREAMS = 8;
    private static final int DEPTH = 32;
    private static final int FLUSHING_WRITERS = 16;

    private Workloads() {}

    static List<Workload> all() {
        List<Workload> all = new ArrayList<>();
        addDepths(all);
        addStreams(all);
        addFlushes(all);
        addSessions(all);
        addDigests(all);
        addCold(all);
        addOtherGenerators(all);
        addLong(all);
        return List.copyOf(all);
    }

    private static Workload of(String name, Load load, Set<String> peers) {
        return Workload.of(name, load, peers.toArray(String[]::new));
    }

    private static void addDepths(List<Workload> all) {
        for (int depth : new int[] {1, 8, DEPTH, 128}) {
            Set<String> readers = depth == 1 ? WITH_JSCSI : depth == DEPTH ? EVERYBODY : LOCAL;
            Set<String> writers = depth == 1 ? WITH_JSCSI : depth == DEPTH ? EVERYBODY : LOCAL_WRITES;
            all.add(of("read-4k-q" + depth, Load.of(READ, "4k", depth), readers));
            all.add(of("write-4k-q" + depth, Load.of(WRITE, "4k", depth), writers));
        }
        all.add(of("mixed-4k-q32", Load.of("randrw", "4k", DEPTH).readPercent(MIXED_READ_PERCENT), LOCAL));
    }

    private static void addStreams(List<Workload> all) {
        Load reads = Load.of("read", "1m", DEPTH_OF_STREAMS);
        all.add(of("seq-read-1m", reads, EVERYBODY).start(Start.IN_ORDER));
        // Not for those whose LUN takes minutes to be written at random.
        all.add(of("seq-read-1m-scattered", reads, LOCAL).start(Start.SCATTERED));
        all.add(of("seq-write-1m", Load.of("write", "1m", DEPTH_OF_STREAMS), EVERYBODY));
    }

    private static void addFlushes(List<Workload> all) {
        Load one = Load.of(WRITE, "4k", 1).withFlushes();
        all.add(of("flush-1", one, FLUSHING).in("flush"));
        all.add(of("flush-16", one.sessions(FLUSHING_WRITERS), FLUSHING).in("flush"));
    }

    private static void addSessions(List<Workload> all) {
        for (int sessions : new int[] {1, 2, 4}) {
            Load reads = Load.of(READ, "4k", DEPTH_OF_SESSIONS).sessions(sessions);
            Load writes = Load.of(WRITE, "4k", DEPTH_OF_SESSIONS).sessions(sessions);
            all.add(of("sessions-" + sessions + "-read", reads, LOCAL)
                    .on(Use.FIRST, 2)
                    .in("sessions"));
            all.add(of("sessions-" + sessions + "-write", writes, LOCAL_WRITES)
                    .on(Use.FIRST, 2)
                    .in("sessions"));
        }
        for (int luns : new int[] {2, 4}) {
            Load reads = Load.of(READ, "4k", DEPTH_OF_SESSIONS).sessions(luns);
            Load writes = Load.of(WRITE, "4k", DEPTH_OF_SESSIONS).sessions(luns);
            String series = luns == 2 ? "sessions" : "luns-4";
            all.add(of("luns-" + luns + "-read", reads, LOCAL).on(Use.ALL, luns).in(series));
            all.add(of("luns-" + luns + "-write", writes, LOCAL_WRITES)
                    .on(Use.ALL, luns)
                    .in(series));
        }
    }

    private static void addDigests(List<Workload> all) {
        addDigests(all, "read-4k-q32", Load.of(READ, "4k", DEPTH), Start.WARM);
        addDigests(all, "write-4k-q32", Load.of(WRITE, "4k", DEPTH), Start.WARM);
        addDigests(all, "seq-read-1m", Load.of("read", "1m", DEPTH_OF_STREAMS), Start.IN_ORDER);
    }

    private static void addDigests(List<Workload> all, String name, Load load, Start start) {
        String with = "digest-" + name;
        all.add(of("no-" + with, load, SLUICE)
                .besideDigests(Use.FIRST)
                .start(start)
                .in(with));
        all.add(of(with, load, SLUICE).besideDigests(Use.LAST).start(start).in(with));
    }

    private static void addCold(List<Workload> all) {
        for (int millis : new int[] {0, 20, 50}) {
            all.add(of("cold-read-4k-q32-" + millis + "ms", Load.of(READ, "4k", DEPTH), STORED)
                    .cold(millis)
                    .in("cold"));
            all.add(of("cold-seq-read-" + millis + "ms", Load.of("read", "1m", DEPTH_OF_STREAMS), STORED)
                    .cold(millis)
                    .amount(Amount.ONCE)
                    .in("cold"));
        }
        // A starting system reads little pieces all over the disk, few at a time.
        all.add(of("cold-boot-20ms", Load.of(READ, "4k/50:16k/25:64k/25", 4), STORED)
                .cold(20));
    }

    private static void addOtherGenerators(List<Workload> all) {
        all.add(of("qemu-read-4k-q32", Load.of("read", "4k", DEPTH), LOCAL).by(Generator.QEMU_IMG));
        all.add(of("qemu-write-4k-q32", Load.of("write", "4k", DEPTH), LOCAL_WRITES)
                .by(Generator.QEMU_IMG));
        all.add(of("perf-read-4k-q32", Load.of(READ, "4k", DEPTH), LOCAL).by(Generator.ISCSI_PERF));
    }

    private static void addLong(List<Workload> all) {
        all.add(of("sustained-write-4k-q32", Load.of(WRITE, "4k", DEPTH), SLUICE)
                .amount(Amount.LONG));
        all.add(of("overwrite-thrice", Load.of(WRITE, "4k", DEPTH), SLUICE).amount(Amount.THRICE));
    }
}
