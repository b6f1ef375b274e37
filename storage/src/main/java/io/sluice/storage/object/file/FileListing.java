package io.sluice.storage.object.file;

import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectKeys;
import io.sluice.storage.object.ObjectPage;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One listing: walks the tree in the order of keys and enters only directories that can hold what is asked for. Within
 * a directory a file sorts by its key and a directory by its key with a slash behind it: that is the order of all keys
 * below, since no key stands above another.
 */
final class FileListing {
    private final Path root;
    private final String prefix;
    private final String startAfter;
    private final int limit;
    private final List<ObjectHead> found = new ArrayList<>();

    /** {@code sortKey} ends with a slash for a directory. */
    private record Entry(String sortKey, Path path, EntityTags.@Nullable Stamp file) {}

    FileListing(Path root, String prefix, @Nullable String startAfter, int limit) {
        this.root = root;
        this.prefix = prefix;
        this.startAfter = startAfter == null ? "" : startAfter;
        this.limit = limit;
    }

    ObjectPage run() throws IOException {
        walk(root, "");
        boolean more = found.size() > limit;
        return new ObjectPage(more ? found.subList(0, limit) : found, more);
    }

    private void walk(Path directory, String directoryKey) throws IOException {
        for (Entry entry : entries(directory, directoryKey)) {
            if (found.size() > limit) {
                return;
            }
            EntityTags.Stamp file = entry.file;
            if (file == null) {
                walk(entry.path, entry.sortKey);
            } else {
                found.add(new ObjectHead(entry.sortKey, file.sizeBytes(), file.tag()));
            }
        }
    }

    private List<Entry> entries(Path directory, String directoryKey) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory)) {
            for (Path path : paths) {
                Entry entry = entry(path, directoryKey + path.getFileName());
                if (entry != null) {
                    entries.add(entry);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException gone) {
            if (directory.equals(root)) {
                throw gone;
            }
            // Became empty and was removed, or made way for an object: nothing that existed all the time is missed.
            return List.of();
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        entries.sort(Comparator.comparing(Entry::sortKey));
        return entries;
    }

    private @Nullable Entry entry(Path path, String key) throws IOException {
        boolean file = fileIsWanted(key);
        boolean directory = directoryIsWanted(key + "/");
        if ((!file && !directory) || !ObjectKeys.isValid(key)) {
            return null;
        }
        try {
            EntityTags.Stamp stamp = EntityTags.read(path);
            if (stamp.regular()) {
                return file ? new Entry(key, path, stamp) : null;
            }
            return directory && Files.isDirectory(path) ? new Entry(key + "/", path, null) : null;
        } catch (NoSuchFileException deletedMeanwhile) {
            return null;
        }
    }

    private boolean fileIsWanted(String key) {
        return key.startsWith(prefix) && key.compareTo(startAfter) > 0;
    }

    private boolean directoryIsWanted(String key) {
        boolean inPrefix = key.startsWith(prefix) || prefix.startsWith(key);
        return inPrefix && (key.compareTo(startAfter) > 0 || startAfter.startsWith(key));
    }
}
