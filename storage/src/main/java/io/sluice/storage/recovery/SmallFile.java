package io.sluice.storage.recovery;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.DamagedObjectException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Files of a few bytes in a cache directory that are replaced as a whole: after a power loss the old or the new one. */
final class SmallFile {
    private static final int BYTES_MAX = 4096;
    private static final String TEMPORARY = ".new";

    private SmallFile() {}

    /** Durable when it returns. */
    static void replace(LocalDisk disk, String name, ByteBuffer bytes) throws IOException {
        try (DiskFile file = disk.create(name + TEMPORARY)) {
            file.write(bytes.duplicate(), 0);
            file.sync();
        }
        disk.rename(name + TEMPORARY, name);
        disk.syncDirectory();
    }

    /** Empty when there is none. */
    static Optional<ByteBuffer> read(LocalDisk disk, String name) throws IOException {
        if (!disk.exists(name)) {
            return Optional.empty();
        }
        try (DiskFile file = disk.open(name)) {
            if (file.size() > BYTES_MAX) {
                throw new DamagedObjectException(where(disk, name), "is too long: " + file.size() + " bytes");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            return Optional.of(bytes.flip());
        }
    }

    /** Durably gone when it returns. */
    static void remove(LocalDisk disk, String name) throws IOException {
        if (disk.exists(name)) {
            disk.delete(name);
            disk.syncDirectory();
        }
    }

    static String where(LocalDisk disk, String name) {
        return "the file \"" + name + "\" in " + disk.describe();
    }
}
