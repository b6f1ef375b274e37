package io.sluice.storage.object.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes names durable and tidies directories away that hold nothing any more. */
final class Directories {
    private Directories() {}

    /**
     * Makes every name on the way from {@code root} down to {@code directory} durable, and those in it. All of them
     * each time: whoever made a directory may not have synced it yet, and syncing a clean one costs next to nothing.
     */
    static void syncUpTo(Path root, Path directory) throws IOException {
        for (Path current = directory; current != null && current.startsWith(root); current = current.getParent()) {
            sync(current);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (NoSuchFileException gone) {
            // Only an empty directory is ever removed, and the one above it is synced next: nothing of ours is lost.
            if (Files.exists(directory)) {
                throw gone;
            }
        }
    }

    /** Removes {@code directory} and those above it, below {@code root}, as long as they are empty. */
    static void removeEmpty(Path root, Path directory) throws IOException {
        Path current = directory;
        while (current != null && !current.equals(root) && current.startsWith(root)) {
            try {
                Files.deleteIfExists(current);
            } catch (DirectoryNotEmptyException inUse) {
                return;
            }
            current = current.getParent();
        }
    }
}
