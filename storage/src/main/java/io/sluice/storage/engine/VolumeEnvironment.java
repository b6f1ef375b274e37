package io.sluice.storage.engine;

import io.sluice.config.StoreSettings;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.runtime.EngineRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where volumes live: production gives the real disk and store, tests and simulation theirs.
 *
 * @param host name of this machine, for people
 * @param stores opens an object store, metered for one volume
 * @param disks opens and locks a cache directory
 * @param indexFiles where the index of a cache directory is kept; empty keeps it in memory
 * @param largeTransferBytes a read or write of so many bytes is not done by the thread that asks for it
 */
public record VolumeEnvironment(
        String host,
        EngineRuntime runtime,
        StoreOpener stores,
        DiskOpener disks,
        IndexFiles indexFiles,
        int largeTransferBytes) {
    /** Encrypting or decrypting so many bytes takes much longer than handing them over to another thread. */
    private static final int LARGE_TRANSFER_BYTES = 256 << 10;

    /** With large transfers from 256 KiB on. */
    public VolumeEnvironment(
            String host, EngineRuntime runtime, StoreOpener stores, DiskOpener disks, IndexFiles indexFiles) {
        this(host, runtime, stores, disks, indexFiles, LARGE_TRANSFER_BYTES);
    }

    /** The same, with other large transfers. */
    public VolumeEnvironment largeTransfersFrom(int bytes) {
        return new VolumeEnvironment(host, runtime, stores, disks, indexFiles, bytes);
    }

    /** Where a volume's gateway is and keeps its journal, for people. */
    String gateway(VolumeSettings settings) {
        return host + ":" + settings.cacheDirectory();
    }

    /** Opens an object store. */
    @FunctionalInterface
    public interface StoreOpener {
        /** Fails with a message that names the store and what to do. */
        MeteredObjectStore open(StoreSettings settings) throws IOException;
    }

    /** Opens a cache directory. */
    @FunctionalInterface
    public interface DiskOpener {
        /** Creates the directory when absent and takes its lock. */
        LocalDisk open(Path directory) throws IOException;
    }

    /** Names the index file. */
    @FunctionalInterface
    public interface IndexFiles {
        /** For the cache directory {@code directory}. */
        Optional<Path> fileFor(Path directory);
    }
}
