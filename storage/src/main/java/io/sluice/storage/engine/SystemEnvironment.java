package io.sluice.storage.engine;

import io.sluice.storage.crypto.KeyWrapping;
import io.sluice.storage.disk.NioLocalDisk;
import io.sluice.storage.index.ChronicleBlockIndex;
import io.sluice.storage.runtime.EngineRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The environment of production: real directories, the configured stores. */
public final class SystemEnvironment {
    private static final Logger log = LoggerFactory.getLogger(SystemEnvironment.class);
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    private SystemEnvironment() {}

    /** Without asking a name server. */
    private static String hostName() {
        try {
            return Files.readString(HOST_NAME).strip();
        } catch (IOException unreadable) {
            log.debug("the name of this host cannot be read", unreadable);
            return "unknown host";
        }
    }

    /**
     * Loads, and has the JIT compile, what the first opening of a volume in this process needs besides its bucket and its key:
     * key derivation first, because compiling it takes longest. Blocks for some hundred milliseconds; for a thread beside the
     * one that reads the configuration. Without it openings take longer, and nothing else is different.
     */
    public static void warmUp() {
        KeyWrapping.warmUp();
        try {
            ChronicleBlockIndex.warmUp();
        } catch (IOException failure) {
            log.debug("the opening of an index will tell the same", failure);
        }
    }

    /** Volumes on this machine, run by {@code runtime}. */
    public static VolumeEnvironment on(EngineRuntime runtime) {
        return new VolumeEnvironment(
                hostName(),
                runtime,
                settings -> ObjectStores.open(settings, runtime),
                NioLocalDisk::open,
                directory -> Optional.of(VolumeDirectories.indexFile(directory)));
    }
}
