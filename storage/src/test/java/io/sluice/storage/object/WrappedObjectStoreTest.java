package io.sluice.storage.object;

import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;
import java.util.OptionalLong;

/** All wrappers around the model keep every promise, also when it is faulty most of the time. */
final class WrappedObjectStoreTest extends ObjectStoreContract {
    private final ManualTime time = new ManualTime();

    /** Waits no time at all, so that retries follow at once on the same thread. */
    private final Lane impatient = new Lane() {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            if (delay.compareTo(Duration.ofHours(1)) < 0) {
                task.run();
            }
            return () -> {};
        }

        @Override
        public boolean isCurrent() {
            return true;
        }
    };

    @Override
    protected ObjectStore openEmptyStore() {
        FaultPlan plan = new FaultPlan(0.2, 0.2, 0, 0.2, 0.3, Duration.ofMillis(1));
        ObjectStore faulty = new FaultyObjectStore(new MemoryObjectStore(), 20261121, plan, impatient);
        ObjectStore limited = new LimitedObjectStore(faulty, 3, OptionalLong.empty(), time, impatient);
        RequestMeters meters = new RequestMeters();
        ObjectStore retrying = new RetryingObjectStore(
                limited, RetrySchedule.of(1000, Duration.ofHours(2)), time, new SeededEntropy(1), impatient, meters);
        return new MeteredObjectStore(retrying, meters, time);
    }
}
