package io.sluice.storage.engine;

import io.sluice.storage.runtime.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** Spreads blocking tasks over several lanes: each goes to one with the fewest tasks before it. Thread-safe. */
final class LeastBusyLanes implements Executor {
    private final List<Counted> lanes = new ArrayList<>();

    /** {@code tasks} counts those given and not yet ended. */
    private record Counted(Lane lane, AtomicInteger tasks) {
        void execute(Runnable task) {
            tasks.incrementAndGet();
            try {
                lane.execute(() -> {
                    try {
                        task.run();
                    } finally {
                        tasks.decrementAndGet();
                    }
                });
            } catch (RuntimeException rejected) {
                tasks.decrementAndGet();
                throw rejected;
            }
        }
    }

    LeastBusyLanes(List<Lane> lanes) {
        if (lanes.isEmpty()) {
            throw new IllegalArgumentException("at least one lane");
        }
        for (Lane lane : lanes) {
            this.lanes.add(new Counted(lane, new AtomicInteger()));
        }
    }

    @Override
    public void execute(Runnable task) {
        Counted best = lanes.get(0);
        for (Counted lane : lanes) {
            if (lane.tasks.get() < best.tasks.get()) {
                best = lane;
            }
        }
        best.execute(task);
    }
}
