package io.sluice.integration.bench;

import io.sluice.integration.S3ProxyServer;
import io.sluice.integration.bench.FioJob.Extent;
import io.sluice.integration.bench.Workload.Amount;
import io.sluice.integration.bench.Workload.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs workloads against peers in alternation: in each round every peer has its turn, so that what else happens on the
 * machine meets all of them; and so have the workloads of a {@linkplain Workload#series series}. Not thread-safe.
 */
final class Bench {
    private static final long VERIFIED_BYTES = 32L << 20;
    /** Compilers have done their work on the way to the store, Sluice's and the S3 server's, after about so many runs. */
    private static final int COLD_WARM_UPS = 5;

    private static final int COLD_WARM_UP_SECONDS = 8;

    /** As long as so many measured runs: a file that has not been written before is slower, and the journal has as many as it needed. */
    private static final int WARM_UP_TIMES = 2;

    private final Plan plan;
    private final S3ProxyServer store;
    private final FioProgram fio;
    private final Cleanup cleanup;
    private final Consumer<String> progress;
    private final List<Measurement> measurements = new ArrayList<>();
    private @Nullable Stand stand;
    private int stands;

    /**
     * What is to be done.
     *
     * @param workloads in this order
     * @param peers to choose from
     * @param lunBytes size of every LUN, a multiple of 1 MiB
     * @param seconds of one run
     * @param rounds of every workload
     * @param directory for everything that is written; removed with the end of the run
     */
    record Plan(List<Workload> workloads, List<Peer> peers, long lunBytes, int seconds, int rounds, Path directory) {
        /** The workloads by their series, each at the place of its first one. */
        List<List<Workload>> series() {
            Map<String, List<Workload>> series = new LinkedHashMap<>();
            workloads.forEach(each -> series.computeIfAbsent(each.series(), name -> new ArrayList<>())
                    .add(each));
            return List.copyOf(series.values());
        }

        List<Peer> peersOf(Workload workload) {
            return peers.stream()
                    .filter(peer -> workload.peers().contains(peer.name()))
                    .filter(peer -> peer.hindrance().isEmpty())
                    .toList();
        }
    }

    Bench(Plan plan, S3ProxyServer store, FioProgram fio, Cleanup cleanup, Consumer<String> progress) {
        this.plan = plan;
        this.store = store;
        this.fio = fio;
        this.cleanup = cleanup;
        this.progress = progress;
    }

    /** All measurements, in the order in which they were taken. */
    List<Measurement> run() throws IOException, InterruptedException {
        for (List<Workload> series : plan.series()) {
            for (Workload workload : series) {
                prepare(workload);
            }
            for (int round = 1; round <= plan.rounds(); round++) {
                for (Workload workload : series) {
                    measure(workload, round);
                }
            }
            for (Workload workload : series) {
                for (Peer peer : plan.peersOf(workload)) {
                    verify(workload, peer);
                }
            }
        }
        closeStand();
        return List.copyOf(measurements);
    }

    private void prepare(Workload workload) throws IOException, InterruptedException {
        for (Peer peer : plan.peersOf(workload)) {
            Stand present = standFor(workload);
            present.layOut(peer, workload.start());
            warmUp(workload, present.get(peer));
        }
    }

    private void measure(Workload workload, int round) throws IOException, InterruptedException {
        for (Peer peer : plan.peersOf(workload)) {
            Measurement measured = measure(workload, peer, round);
            measurements.add(measured);
            progress.accept(TextReport.line(measured));
        }
    }

    private Stand standFor(Workload workload) throws IOException {
        Demand demand = workload.demand(plan.lunBytes());
        Stand present = stand;
        if (present != null && present.demand().equals(demand)) {
            return present;
        }
        closeStand();
        Files.createDirectories(plan.directory());
        stands++;
        String tag = "stand-" + stands;
        Path directory = Files.createDirectory(plan.directory().resolve(tag));
        Stand next = cleanup.add(new Stand(directory, tag, store, fio, demand));
        stand = next;
        return next;
    }

    private void closeStand() throws IOException {
        Stand present = stand;
        stand = null;
        if (present != null) {
            cleanup.close(present);
            present.removeFiles();
        }
    }

    /** The same load for a while, as it is measured: compilers, caches and files are then as they are in the long run. */
    private void warmUp(Workload workload, RunningPeer peer) throws IOException, InterruptedException {
        if (workload.amount() == Amount.THRICE) {
            return;
        }
        boolean cold = workload.start() == Start.COLD;
        int seconds = cold ? COLD_WARM_UP_SECONDS : WARM_UP_TIMES * plan.seconds();
        for (int run = 0; run < (cold ? COLD_WARM_UPS : 1); run++) {
            if (cold) {
                peer.makeCold();
            }
            peer.underLoad(true);
            generator(workload)
                    .run(workload.load(), workload.urls(peer.urls()), Extent.timed(plan.lunBytes(), seconds, run));
            peer.underLoad(false);
        }
    }

    private LoadGenerator generator(Workload workload) {
        return switch (workload.generator()) {
            case FIO -> fio;
            case QEMU_IMG -> SimpleGenerator.QEMU_IMG;
            case ISCSI_PERF -> SimpleGenerator.ISCSI_PERF;
        };
    }

    private Measurement measure(Workload workload, Peer kind, int round) throws IOException, InterruptedException {
        Stand present = standFor(workload);
        RunningPeer peer = present.get(kind);
        present.rest();
        if (workload.start() == Start.COLD) {
            peer.makeCold();
        }
        Machine.writeBackFiles();
        peer.storeLatencyMillis(workload.latencyMillis());
        try {
            return measureReady(workload, kind, peer, round);
        } finally {
            peer.storeLatencyMillis(0);
        }
    }

    private Measurement measureReady(Workload workload, Peer kind, RunningPeer peer, int round)
            throws IOException, InterruptedException {
        String loadAverage = ProcFiles.loadAverage();
        ProcFiles.forgetPeak(peer.pids());
        StoreTraffic traffic = peer.traffic();
        Map<String, Double> own = peer.ownFigures();
        double cpu = ProcFiles.cpuSeconds(peer.pids());
        peer.underLoad(true);
        LoadGenerator.Run run = generator(workload)
                .run(
                        workload.load(),
                        workload.urls(peer.urls()),
                        workload.extent(plan.lunBytes(), plan.seconds(), round));
        double serverCpu = ProcFiles.cpuSeconds(peer.pids()) - cpu;
        Map<String, Double> ownFigures = difference(own, peer.ownFigures());
        peer.underLoad(false);
        peer.storeLatencyMillis(0);
        peer.settle();
        return new Measurement(
                workload.name(),
                kind.name(),
                round,
                loadAverage,
                run.result(),
                serverCpu,
                ProcFiles.cpuSeconds(peer.pids()) - cpu,
                run.cpuSeconds(),
                ProcFiles.peakBytes(peer.pids()),
                peer.traffic().since(traffic),
                ownFigures,
                difference(own, peer.ownFigures()));
    }

    private static Map<String, Double> difference(Map<String, Double> before, Map<String, Double> after) {
        Map<String, Double> difference = new TreeMap<>();
        after.forEach((name, value) -> difference.put(name, value - before.getOrDefault(name, 0.0)));
        return difference;
    }

    /** Blocks with checksums, written in the way of the workload and read back: the fastest is worth nothing when wrong. */
    private void verify(Workload workload, Peer kind) throws IOException, InterruptedException {
        if (kind.keepsData() && workload.load().writes()) {
            Load load = Load.of(
                    "randwrite", workload.load().blockSizes(), workload.load().depth());
            Extent once = Extent.once(VERIFIED_BYTES, plan.rounds() + 1).verifying();
            fio.run(load, workload.urls(standFor(workload).get(kind).urls()), once);
        }
    }
}
