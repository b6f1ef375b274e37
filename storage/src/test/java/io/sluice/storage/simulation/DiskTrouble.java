package io.sluice.storage.simulation;

import io.sluice.storage.disk.DiskObserver;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.runtime.SimulatedScheduler;
import io.sluice.storage.runtime.SuppressForbidden;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/** A local disk that is slow and fails, as a seed says. What it did is counted: it excuses failures that hosts see. */
@SuppressForbidden("seeded generators")
final class DiskTrouble implements DiskObserver {
    private final SimulatedScheduler scheduler;
    private final Random random;
    private final Runnable beforeOperation;
    private final Map<SimulatedDisk.Operation, Integer> errors = new EnumMap<>(SimulatedDisk.Operation.class);
    private double failing;
    private double slow;
    private boolean full;

    /** {@code beforeOperation} is told of each operation. */
    DiskTrouble(SimulatedScheduler scheduler, long seed, Runnable beforeOperation) {
        this.scheduler = scheduler;
        this.random = new Random(seed);
        this.beforeOperation = beforeOperation;
    }

    /** Shares (0-1) of operations that fail, and that take up to 200 ms. */
    void set(double failingShare, double slowShare) {
        failing = failingShare;
        slow = slowShare;
        scheduler.note("disk trouble", "", (long) (failing * 1e6), (long) (slow * 1e6));
    }

    /** The disk was full for a while. */
    void noteFull() {
        full = true;
    }

    /** What was injected is forgotten: a new process begins. */
    void forget() {
        errors.clear();
        full = false;
    }

    boolean wasFull() {
        return full;
    }

    boolean hasFailed() {
        return full || !errors.isEmpty();
    }

    @Override
    public void before(SimulatedDisk.Operation operation, String name, long position, int length) throws IOException {
        scheduler.note("disk " + operation, name, position, length);
        beforeOperation.run();
        if (slow > 0 && random.nextDouble() < slow) {
            scheduler.delayCurrent(Duration.ofNanos(1 + random.nextInt(200_000_000)));
        }
        if (failing > 0 && random.nextDouble() < failing) {
            errors.merge(operation, 1, Integer::sum);
            scheduler.note("disk error", name, 0, 0);
            throw new IOException("simulated input/output error: " + operation + " " + name);
        }
    }
}
