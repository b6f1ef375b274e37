package io.sluice.storage.object.file;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Makes names durable and tidies directories away that hold nothing any more. */
final class Directories {
    private final Path root;
    private final Syncer syncer;
    private final KeyLocks locks;

    Directories(Path root, Syncer syncer, KeyLocks locks) {
        this.locks = locks;
        this.root = root;
        this.syncer = syncer;
    }

    /**
     * Makes every name on the way from the root down to {@code directory} durable, and those in it. All of them
     * each time: whoever made a directory may not have synced it yet, and syncing a clean one costs next to nothing.
     */
    void syncUpTo(Path directory) throws IOException {
        for (Path current = directory; current != null && current.startsWith(root); current = current.getParent()) {
            sync(current);
        }
    }

    private void sync(Path directory) throws IOException {
        try {
            syncer.syncDirectory(directory);
        } catch (NoSuchFileException gone) {
            // Only an empty directory is ever removed, and the one above it is synced next: nothing of ours is lost.
            if (Files.exists(directory)) {
                throw gone;
            }
        }
    }

    /**
     * Removes {@code directory} and those above it, below the root, as long as they are empty. Each under the lock of
     * the key of its name: an object of that name may take its place, and is not to be removed for it.
     */
    void removeEmpty(Path directory) throws IOException {
        Path current = directory;
        while (current != null && !current.equals(root) && current.startsWith(root)) {
            if (!removedIfEmpty(current)) {
                return;
            }
            current = current.getParent();
        }
    }

    private boolean removedIfEmpty(Path directory) throws IOException {
        return locks.whileLocked(root.relativize(directory).toString(), () -> {
            if (Files.isRegularFile(directory)) {
                return false;
            }
            try {
                boolean unused = Files.deleteIfExists(directory);
                return true;
            } catch (DirectoryNotEmptyException inUse) {
                return false;
            }
        });
    }
}
