package io.sluice.storage.simulation;

import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.SuppressForbidden;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts what reaches the bucket, and says how much of it there may be: so many requests per byte written, per flush to the
 * bucket, per time in which something was written, per opening. Nothing in idle time.
 */
@SuppressForbidden("counts")
final class RequestBound {
    private static final int PER_OPENING = 60;
    private static final int PER_CHECKPOINT = 14;
    private static final int PER_SEGMENT = 2;

    private final World world;
    private final Map<String, Long> counts = new TreeMap<>();
    private long all;
    private long segments;
    private int openings;

    RequestBound(World world) {
        this.world = world;
    }

    void opened() {
        openings++;
    }

    void applied(ObjectOperation operation, List<String> keys, RequestCause cause) {
        all++;
        if (cause == RequestCause.FLUSH && operation == ObjectOperation.PUT_IF_ABSENT) {
            segments++;
        }
        counts.merge(operation.label() + " " + cause, 1L, Long::sum);
    }

    long all() {
        return all;
    }

    /** Checks a run without faults. */
    void check(Workload hosts) {
        var settings = world.setup().settings();
        long blocks = hosts.blocksWritten();
        long bySize = blocks * 4096 / settings.flush().segmentSize().bytes();
        long byPressure = blocks * 4096 * 4 / settings.journal().capacity().bytes();
        long byAge = world.scheduler().nowNanos() / settings.flush().maxAge().toNanos();
        long segmentsMax = openings + bySize + byPressure + Math.min(byAge, hosts.operations()) + hosts.forced() + 1;
        SimulationFailure.unless(
                segments <= segmentsMax, segments + " segments were put, bound " + segmentsMax + "; " + counts);
        long checkpointsMax = segmentsMax + openings;
        // A read asks for each frame and index page at most a few times: blocks may move meanwhile.
        long readsMax = 3 * (hosts.sectorsRead() / 8 + 3 * hosts.operations()) + 2 * blocks;
        long allMax = openings * (long) PER_OPENING
                + checkpointsMax * PER_CHECKPOINT
                + segmentsMax * PER_SEGMENT
                + 3 * hosts.operations()
                + readsMax;
        SimulationFailure.unless(all <= allMax, all + " requests, bound " + allMax + "; " + counts);
    }
}
