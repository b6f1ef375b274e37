package io.sluice.storage.engine;

import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;

/**
 * The volume's lane: a task that throws stops the volume. What runs here is the bookkeeping of what is durable; after a
 * broken invariant nothing more may be written.
 */
final class GuardedLane implements Lane {
    private final Lane lane;
    private final VolumeHealth health;

    GuardedLane(Lane lane, VolumeHealth health) {
        this.lane = lane;
        this.health = health;
    }

    @Override
    public void execute(Runnable task) {
        lane.execute(() -> guard(task));
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable task) {
        return lane.schedule(delay, () -> guard(task));
    }

    @Override
    public boolean isCurrent() {
        return lane.isCurrent();
    }

    private void guard(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error failure) {
            health.failed("a broken invariant: " + failure.getMessage(), failure);
            throw failure;
        }
    }
}
