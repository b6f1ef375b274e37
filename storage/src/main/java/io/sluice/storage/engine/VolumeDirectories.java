package io.sluice.storage.engine;

import java.nio.file.Path;

/** What stands in a volume's cache directory. */
public final class VolumeDirectories {
    /** Journal files. */
    public static final String JOURNAL = "journal";
    /** The read cache's files. */
    public static final String READ_CACHE = "read-cache";
    /** The index's files. */
    private static final String INDEX = "index";

    private VolumeDirectories() {}

    /** The file of the block index in cache directory {@code directory}. */
    public static Path indexFile(Path directory) {
        return directory.resolve(INDEX).resolve("leaves");
    }
}
