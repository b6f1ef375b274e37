package io.sluice.storage.object.file;

import io.sluice.storage.runtime.Entropy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The entity tag of an object in a file, without reading its content: inode, size and modification time. Every put
 * makes a new file and stamps it with a random fraction of the second, so that two versions never share a tag, not
 * even when the file system gives the same inode again at once.
 */
final class EntityTags {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private EntityTags() {}

    /** A file as the store sees it. */
    record Stamp(boolean regular, long sizeBytes, String tag) {}

    /** Stamps a file that was just written; before its fsync. */
    static void stamp(Path file, Entropy entropy) throws IOException {
        BasicFileAttributeView view = Files.getFileAttributeView(file, BasicFileAttributeView.class);
        long seconds = view.readAttributes().lastModifiedTime().to(TimeUnit.SECONDS);
        long fraction = Math.floorMod(entropy.nextLong(), NANOS_PER_SECOND);
        view.setTimes(FileTime.from(seconds * NANOS_PER_SECOND + fraction, TimeUnit.NANOSECONDS), null, null);
    }

    /** Reads what a file is. */
    static Stamp read(Path file) throws IOException {
        Map<String, Object> found = Files.readAttributes(file, "unix:ino,size,lastModifiedTime,isRegularFile");
        long inode = ((Number) attribute(found, "ino")).longValue();
        long sizeBytes = (Long) attribute(found, "size");
        long nanos = ((FileTime) attribute(found, "lastModifiedTime")).to(TimeUnit.NANOSECONDS);
        String tag = Long.toHexString(inode) + "-" + Long.toHexString(sizeBytes) + "-" + Long.toHexString(nanos);
        return new Stamp((Boolean) attribute(found, "isRegularFile"), sizeBytes, tag);
    }

    /**
     * True when the file system keeps times exactly enough for tags to tell versions apart. Tried on a file of its own:
     * setting times opens and closes the file, and closing any descriptor of a file ends the process's lock on it.
     */
    static boolean keepsNanoseconds(TemporaryFiles temporaries) throws IOException {
        Path probe = Files.createFile(temporaries.next());
        try {
            BasicFileAttributeView view = Files.getFileAttributeView(probe, BasicFileAttributeView.class);
            FileTime odd = FileTime.from(1_234_567_890_123_456_789L, TimeUnit.NANOSECONDS);
            view.setTimes(odd, null, null);
            return view.readAttributes().lastModifiedTime().equals(odd);
        } finally {
            Files.delete(probe);
        }
    }

    private static Object attribute(Map<String, Object> found, String name) throws IOException {
        Object value = found.get(name);
        if (value == null) {
            throw new IOException("the file system does not tell a file's " + name);
        }
        return value;
    }
}
