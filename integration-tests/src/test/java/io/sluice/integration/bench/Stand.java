package io.sluice.integration.bench;

import io.sluice.integration.S3ProxyServer;
import io.sluice.integration.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The peers that run side by side for workloads with the same demand. Each is started, and its LUNs are filled, when it is
 * first asked for. Not thread-safe.
 */
final class Stand implements AutoCloseable {
    private static final int SEED = 1;
    private static final int DEPTH = 32;

    private final Path directory;
    private final String tag;
    private final S3ProxyServer store;
    private final FioProgram fio;
    private final Demand demand;
    private final Cleanup cleanup = new Cleanup();
    private final Map<String, RunningPeer> running = new LinkedHashMap<>();

    Stand(Path directory, String tag, S3ProxyServer store, FioProgram fio, Demand demand) {
        this.directory = directory;
        this.tag = tag;
        this.store = store;
        this.fio = fio;
        this.demand = demand;
    }

    Demand demand() {
        return demand;
    }

    /** Started, filled, and with nothing left to do. */
    RunningPeer get(Peer peer) throws IOException, InterruptedException {
        RunningPeer found = running.get(peer.name());
        if (found != null) {
            return found;
        }
        RunningPeer started = peer.start(new Place(directory.resolve(peer.name()), tag, store, cleanup), demand);
        write(stream("write", peer), started);
        fio.run(stream("read", peer), started.urls(), whole());
        running.put(peer.name(), started);
        return started;
    }

    /** Has the peer write its LUNs once more, if the start asks for it, and finish with that. */
    void layOut(Peer peer, Workload.Start start) throws IOException, InterruptedException {
        RunningPeer found = get(peer);
        switch (start) {
            case WARM, COLD -> {}
            case IN_ORDER -> write(stream("write", peer), found);
            case SCATTERED -> write(Load.of("randwrite", "4k", DEPTH).sessions(demand.luns()), found);
        }
    }

    /** Waits until none of the peers has anything left to do: what one of them puts off must not slow another. */
    void rest() throws IOException, InterruptedException {
        for (RunningPeer peer : running.values()) {
            peer.rest();
        }
    }

    private void write(Load load, RunningPeer peer) throws IOException, InterruptedException {
        fio.run(load, peer.urls(), whole());
        peer.settle();
    }

    private FioJob.Extent whole() {
        return FioJob.Extent.once(demand.lunBytes(), SEED);
    }

    private Load stream(String pattern, Peer peer) {
        return Load.of(pattern, "1m", peer.fillDepth()).sessions(demand.luns());
    }

    /** When everything has ended. */
    void removeFiles() throws IOException {
        Trees.delete(directory);
    }

    @Override
    public void close() {
        running.clear();
        cleanup.close();
    }
}
