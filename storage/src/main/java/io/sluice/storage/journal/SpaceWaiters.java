package io.sluice.storage.journal;

import java.util.ArrayList;
import java.util.List;

/** Tasks that want to know when journal space has become free. Thread-safe. */
final class SpaceWaiters {
    private final List<Runnable> tasks = new ArrayList<>();

    synchronized void add(Runnable task) {
        tasks.add(task);
    }

    /** Takes all tasks out and runs them on the calling thread. */
    void run() {
        List<Runnable> taken;
        synchronized (this) {
            taken = List.copyOf(tasks);
            tasks.clear();
        }
        for (Runnable task : taken) {
            task.run();
        }
    }
}
