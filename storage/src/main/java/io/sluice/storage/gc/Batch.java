package io.sluice.storage.gc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The blocks of some segments that are moved together, and what else those segments say. Holds its segments, so that none of
 * them is deleted while it is read. Confined to the lane.
 */
final class Batch {
    private final CollectorHost host;
    private final int blocksMax;
    private final List<Runnable> holds = new ArrayList<>();
    private final Set<Long> held = new HashSet<>();
    private final List<Placed> places = new ArrayList<>();
    private final Settlement settlement = new Settlement();
    private final Map<Long, String> damaged = new HashMap<>();
    private final Set<Long> unwieldy = new HashSet<>();

    /** Takes segments until it has {@code blocksMax} blocks. */
    Batch(CollectorHost host, int blocksMax) {
        this.host = host;
        this.blocksMax = blocksMax;
    }

    void hold(Set<Long> segments) {
        Set<Long> fresh = new HashSet<>(segments);
        fresh.removeAll(held);
        held.addAll(fresh);
        holds.add(host.hold(fresh));
    }

    void release() {
        holds.forEach(Runnable::run);
        holds.clear();
    }

    void add(List<Placed> live) {
        places.addAll(live);
    }

    boolean isFull() {
        return places.size() >= blocksMax;
    }

    boolean isEmpty() {
        return places.isEmpty() && settlement.isEmpty();
    }

    List<Placed> places() {
        return places;
    }

    Settlement settlement() {
        return settlement;
    }

    /** Segments of which something could not be verified, with the reason. */
    Map<Long, String> damaged() {
        return damaged;
    }

    /** Segments whose headers name so many blocks that they are not worth it. */
    Set<Long> unwieldy() {
        return unwieldy;
    }
}
