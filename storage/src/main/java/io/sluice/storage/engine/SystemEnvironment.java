package io.sluice.storage.engine;

import io.sluice.storage.disk.NioLocalDisk;
import io.sluice.storage.runtime.EngineRuntime;
import java.util.Optional;

/** The environment of production: real directories, the configured stores. */
public final class SystemEnvironment {
    private SystemEnvironment() {}

    /** Volumes on this machine, run by {@code runtime}. */
    public static VolumeEnvironment on(EngineRuntime runtime) {
        return new VolumeEnvironment(
                runtime,
                settings -> ObjectStores.open(settings, runtime),
                NioLocalDisk::open,
                directory -> Optional.of(VolumeDirectories.indexFile(directory)));
    }
}
