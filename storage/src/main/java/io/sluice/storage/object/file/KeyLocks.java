package io.sluice.storage.object.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Excludes writers of the same key from one another, in this process and in others, for the moment in which a change
 * is checked and made. Keys share a fixed number of stripes; the lock files stay.
 *
 * <p>A POSIX lock belongs to the process and falls when the process closes <em>any</em> descriptor of the file, so one
 * process opens a lock file only once at a time: the in-process lock, one per stripe for all stores of the process,
 * is taken first.
 */
final class KeyLocks {
    private static final int STRIPES = 64;
    private static final ReentrantLock[] IN_PROCESS = new ReentrantLock[STRIPES];

    static {
        for (int i = 0; i < STRIPES; i++) {
            IN_PROCESS[i] = new ReentrantLock();
        }
    }

    private final Path directory;

    /** What is done under the lock. */
    interface Change<T> {
        T make() throws IOException;
    }

    KeyLocks(Path directory) {
        this.directory = directory;
    }

    <T> T whileLocked(String key, Change<T> change) throws IOException {
        int stripe = Math.floorMod(key.hashCode(), STRIPES);
        ReentrantLock inProcess = IN_PROCESS[stripe];
        inProcess.lock();
        try (FileChannel channel = FileChannel.open(
                        directory.resolve("stripe-" + stripe), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            if (!lock.isValid()) {
                throw new IOException("the lock of key stripe " + stripe + " was lost");
            }
            return change.make();
        } finally {
            inProcess.unlock();
        }
    }
}
