package io.sluice.storage.engine;

import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.recovery.CacheState;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@link CacheState} up to date in the cache directory. One write at a time; of those that are noted meanwhile the
 * newest is written. Confined to the volume's lane; files are written on a blocking lane.
 */
final class CacheStateKeeper {
    private static final Logger log = LoggerFactory.getLogger(CacheStateKeeper.class);

    private final String volumeName;
    private final Lane lane;
    private final Lane files;
    private final LocalDisk disk;
    private final List<Runnable> idleTasks = new ArrayList<>();
    private @Nullable CacheState next;
    private boolean busy;

    CacheStateKeeper(VolumeParts parts) {
        this.volumeName = parts.settings().name();
        this.lane = parts.lane();
        this.files = parts.runtime().blockingLane("state-" + volumeName);
        this.disk = parts.disk();
    }

    void note(CacheState state) {
        next = state;
        begin();
    }

    private void begin() {
        CacheState state = next;
        if (busy || state == null) {
            return;
        }
        busy = true;
        next = null;
        files.execute(() -> {
            try {
                state.write(disk);
            } catch (IOException failure) {
                // What is there is older: a bucket that was set back may then go unnoticed, nothing else.
                log.warn(
                        "volume {}: what was seen of the bucket could not be noted in {}: {}",
                        volumeName,
                        disk.describe(),
                        failure.getMessage());
            }
            lane.execute(this::written);
        });
    }

    private void written() {
        busy = false;
        begin();
        if (!busy) {
            List<Runnable> waiting = List.copyOf(idleTasks);
            idleTasks.clear();
            waiting.forEach(Runnable::run);
        }
    }

    /** Runs {@code task} on the lane as soon as nothing is being written. */
    void whenIdle(Runnable task) {
        if (busy) {
            idleTasks.add(task);
        } else {
            task.run();
        }
    }
}
