package io.sluice.storage.disk;

import java.io.IOException;

/** Sees every operation of a {@link SimulatedDisk} before it has any effect: to note it, to let it fail, to crash. */
@FunctionalInterface
public interface DiskObserver {
    /**
     * What it throws, the operation fails with: a write leaves a beginning of its bytes, a sync drops what was not synced.
     * When it crashes the disk, the operation has no effect at all.
     *
     * @param position and {@code length}: bytes that are read or written; 0 for other operations
     */
    void before(SimulatedDisk.Operation operation, String name, long position, int length) throws IOException;
}
