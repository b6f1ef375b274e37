package io.sluice.storage.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * By what a file is known to be the same, unchanged: whoever writes into it, replaces it or copies it over changes one of
 * these, and the last one cannot be set back. What the disk itself damages changes none of them.
 *
 * @param inode number of the file in its file system
 * @param modifiedNanos last change of its content, since 1970
 * @param changedNanos last change of content, name or attributes, since 1970
 */
record FileIdentity(long inode, long modifiedNanos, long changedNanos) {
    static final int BYTES = 3 * Long.BYTES;

    /** Of a file whose identity cannot be known. */
    static final FileIdentity UNKNOWN = new FileIdentity(0, 0, 0);

    /** {@link #UNKNOWN} when the file system does not tell it. */
    static FileIdentity of(Path file) throws IOException {
        Map<String, Object> attributes;
        try {
            attributes = Files.readAttributes(file, "unix:ino,lastModifiedTime,ctime");
        } catch (UnsupportedOperationException | IllegalArgumentException notUnix) {
            return UNKNOWN;
        }
        return attributes.get("ino") instanceof Long inode
                        && attributes.get("lastModifiedTime") instanceof FileTime modified
                        && attributes.get("ctime") instanceof FileTime changed
                ? new FileIdentity(inode, modified.to(TimeUnit.NANOSECONDS), changed.to(TimeUnit.NANOSECONDS))
                : UNKNOWN;
    }

    /** True when both are known and the same. */
    boolean isKnownAs(FileIdentity other) {
        return !equals(UNKNOWN) && equals(other);
    }
}
