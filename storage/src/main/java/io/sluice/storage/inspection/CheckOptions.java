package io.sluice.storage.inspection;

import io.sluice.storage.disk.LocalDisk;
import java.util.Optional;

/**
 * How a volume is checked.
 *
 * @param requests gets at a time
 * @param framesBlocksMax blocks of the segments whose headers are kept in memory at a time (about 10 bytes each); the mapping
 *     is read once for every so many
 * @param cache the volume's local cache directory, when it is to be looked at
 */
public record CheckOptions(int requests, long framesBlocksMax, Optional<Cache> cache) {
    /** Without a cache directory. */
    public static final CheckOptions DEFAULT = new CheckOptions(16, 8L << 20, Optional.empty());

    /**
     * A cache directory that this process has locked.
     *
     * @param journal the directory of its journal, when there is one
     */
    public record Cache(LocalDisk disk, Optional<LocalDisk> journal) {}
}
