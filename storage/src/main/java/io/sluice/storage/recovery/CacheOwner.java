package io.sluice.storage.recovery;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.runtime.Entropy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * The identity of a cache directory: a random UUID in the file {@value #FILE}. The manifest names the cache directory
 * that opened each epoch, so that a journal is replayed only when nobody else has opened the volume since.
 */
public final class CacheOwner {
    static final String FILE = "owner";
    private static final int LENGTH = 36;

    private CacheOwner() {}

    /** The directory's identity; empty when no gateway has used it yet. */
    public static Optional<UUID> find(LocalDisk disk) throws IOException {
        return disk.exists(FILE) ? Optional.of(read(disk)) : Optional.empty();
    }

    /** The directory's identity, made durable when it is new. */
    static UUID of(LocalDisk disk, Entropy entropy) throws IOException {
        if (disk.exists(FILE)) {
            return read(disk);
        }
        UUID fresh = entropy.uuid();
        SmallFile.replace(disk, FILE, ByteBuffer.wrap(fresh.toString().getBytes(StandardCharsets.US_ASCII)));
        return fresh;
    }

    private static UUID read(LocalDisk disk) throws IOException {
        try (DiskFile file = disk.open(FILE)) {
            byte[] text = new byte[LENGTH];
            file.read(ByteBuffer.wrap(text), 0);
            return UUID.fromString(new String(text, StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException damaged) {
            throw new IOException(
                    "the file \"" + FILE + "\" in " + disk.describe()
                            + " is damaged; if the journal there is not needed, delete the directory",
                    damaged);
        }
    }
}
