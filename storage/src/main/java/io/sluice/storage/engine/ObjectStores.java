package io.sluice.storage.engine;

import io.sluice.config.ByteSize;
import io.sluice.config.StoreSettings;
import io.sluice.storage.object.LimitedObjectStore;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestMeters;
import io.sluice.storage.object.RetrySchedule;
import io.sluice.storage.object.RetryingObjectStore;
import io.sluice.storage.object.file.FileObjectStore;
import io.sluice.storage.object.s3.S3ObjectStore;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Opens the store that settings describe, in its layers, from the inside out: the store itself, limits of connections
 * and bandwidth (a request that pauses before a retry holds no connection), retries, metrics.
 */
public final class ObjectStores {
    private static final int FILE_LANES = 4;
    private static final RetrySchedule FILE_RETRIES = RetrySchedule.of(3, Duration.ofMinutes(1));

    private ObjectStores() {}

    /**
     * Opens the store; sends no request. Fails with {@code NOT_FOUND} when the directory is missing, {@code DENIED}
     * when it cannot be written or a secret not be read; the message is for the operator and holds no secret. Closing
     * the result closes all layers; the lanes end with the runtime.
     */
    public static MeteredObjectStore open(StoreSettings settings, EngineRuntime runtime) throws ObjectStoreException {
        Lane lane = runtime.lane("object-store");
        RequestMeters meters = new RequestMeters();
        ObjectStore limited;
        RetrySchedule schedule;
        if (settings instanceof StoreSettings.S3 s3) {
            limited = limitedS3(s3, runtime, lane);
            schedule = RetrySchedule.of(s3.retries(), s3.totalTimeout());
        } else if (settings instanceof StoreSettings.File file) {
            limited = new FileObjectStore(file.directory(), runtime.entropy(), fileLanes(runtime));
            schedule = FILE_RETRIES;
        } else {
            throw new IllegalArgumentException("unknown kind of store: " + settings.getClass());
        }
        ObjectStore retrying =
                new RetryingObjectStore(limited, schedule, runtime.clock(), runtime.entropy(), lane, meters);
        return new MeteredObjectStore(retrying, meters, runtime.clock());
    }

    private static ObjectStore limitedS3(StoreSettings.S3 settings, EngineRuntime runtime, Lane lane)
            throws ObjectStoreException {
        OptionalLong bytesPerSecond = settings.bandwidthPerSecond()
                .map(ByteSize::bytes)
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
        return new LimitedObjectStore(
                S3ObjectStore.open(settings), settings.connections(), bytesPerSecond, runtime.clock(), lane);
    }

    private static LeastBusyLanes fileLanes(EngineRuntime runtime) {
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < FILE_LANES; i++) {
            lanes.add(runtime.blockingLane("object-file-" + i));
        }
        return new LeastBusyLanes(lanes);
    }
}
