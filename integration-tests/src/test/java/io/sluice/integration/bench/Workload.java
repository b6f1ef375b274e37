package io.sluice.integration.bench;

import java.util.List;
import java.util.Set;

/**
 * One line of the benchmark: what is done to which peers.
 *
 * @param name as on the command line
 * @param series of workloads that are compared with each other: they take turns in each round, one after the other otherwise
 * @param load what the load generator does
 * @param luns how many the peers have
 * @param use which of them the sessions are spread over
 * @param digests the last one asks for CRC32C
 * @param start what the peers have of the data before each run
 * @param latencyMillis of the object store for each request, while the load runs
 * @param amount when a run ends
 * @param peers that are measured unless the command line says otherwise
 * @param generator who makes the load
 */
record Workload(
        String name,
        String series,
        Load load,
        int luns,
        Use use,
        boolean digests,
        Start start,
        int latencyMillis,
        Amount amount,
        Set<String> peers,
        Generator generator) {

    /** Before a run. */
    enum Start {
        /** The whole LUN was written and read before; workloads that ran earlier may have written to it again. */
        WARM,
        /** Warm, and just before the first run the whole LUN was written once more from its beginning to its end. */
        IN_ORDER,
        /** Warm, and just before the first run as many bytes as the LUN has were written in blocks of 4 KiB at random. */
        SCATTERED,
        /** The whole LUN was written; all of it is in the object store, and nothing anywhere else. */
        COLD
    }

    /** LUNs that get load, of those that the peers have. */
    enum Use {
        ALL,
        FIRST,
        LAST
    }

    /** Programs that make load. */
    enum Generator {
        FIO,
        QEMU_IMG,
        ISCSI_PERF
    }

    /** Of a run. */
    enum Amount {
        /** As long as {@code --seconds} says. */
        TIMED,
        /** Four times as long. */
        LONG,
        /** Every byte once. */
        ONCE,
        /** Three times as many bytes as the LUN has. */
        THRICE
    }

    private static final int LONG_FACTOR = 4;

    Workload {
        peers = Set.copyOf(peers);
    }

    static Workload of(String name, Load load, String... peers) {
        return new Workload(
                name, name, load, 1, Use.ALL, false, Start.WARM, 0, Amount.TIMED, Set.of(peers), Generator.FIO);
    }

    /** The same, in a series: all of it must make the same {@linkplain #demand demand}. */
    Workload in(String other) {
        return new Workload(name, other, load, luns, use, digests, start, latencyMillis, amount, peers, generator);
    }

    Workload by(Generator other) {
        return new Workload(name, series, load, luns, use, digests, start, latencyMillis, amount, peers, other);
    }

    /** The same on {@code which} of {@code count}. */
    Workload on(Use which, int count) {
        return new Workload(name, series, load, count, which, digests, start, latencyMillis, amount, peers, generator);
    }

    /** The same with peers of two LUNs, of which the last one asks for digests. */
    Workload besideDigests(Use which) {
        return new Workload(name, series, load, 2, which, true, start, latencyMillis, amount, peers, generator);
    }

    Workload cold(int millis) {
        return new Workload(name, series, load, luns, use, digests, Start.COLD, millis, amount, peers, generator);
    }

    Workload start(Start other) {
        return new Workload(name, series, load, luns, use, digests, other, latencyMillis, amount, peers, generator);
    }

    Workload amount(Amount other) {
        return new Workload(name, series, load, luns, use, digests, start, latencyMillis, other, peers, generator);
    }

    /** Those of {@code all}, one for each LUN, that get load. */
    List<String> urls(List<String> all) {
        return switch (use) {
            case ALL -> all;
            case FIRST -> all.subList(0, 1);
            case LAST -> all.subList(all.size() - 1, all.size());
        };
    }

    Demand demand(long lunBytes) {
        return new Demand(luns, lunBytes, digests, start == Start.COLD);
    }

    FioJob.Extent extent(long lunBytes, int seconds, int seed) {
        return switch (amount) {
            case TIMED -> FioJob.Extent.timed(lunBytes, seconds, seed);
            case LONG -> FioJob.Extent.timed(lunBytes, LONG_FACTOR * seconds, seed);
            case ONCE -> FioJob.Extent.once(lunBytes, seed);
            case THRICE -> new FioJob.Extent(lunBytes, 0, 3 * lunBytes, false, false, seed);
        };
    }
}
