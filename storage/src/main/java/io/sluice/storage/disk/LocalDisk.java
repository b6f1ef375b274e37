package io.sluice.storage.disk;

import java.io.IOException;
import java.util.List;

/**
 * One directory on the local disk, owned by one process at a time (the implementation holds a lock file).
 *
 * <p>Durability follows POSIX: bytes are safe after {@link DiskFile#sync}, names (creation, rename, deletion) after
 * {@link #syncDirectory}. What was not synced may, after a power loss, be there, be gone, or be torn at any 512-byte
 * boundary, in any order. Process death alone loses nothing that was written. Names are plain: no separators.
 *
 * <p>Thread-safe. Every call may fail with {@link IOException}; {@link DiskFullException} when space ran out.
 */
public interface LocalDisk extends AutoCloseable {
    /** Creates (or truncates to nothing) and opens for reading and writing. */
    DiskFile create(String name) throws IOException;

    /** Opens an existing file for reading and writing; {@link java.nio.file.NoSuchFileException} when absent. */
    DiskFile open(String name) throws IOException;

    boolean exists(String name) throws IOException;

    /** The names of all files here, sorted; subdirectories are left out. */
    List<String> list() throws IOException;

    void delete(String name) throws IOException;

    /** Atomically gives {@code from} the name {@code to}, replacing what was there. */
    void rename(String from, String to) throws IOException;

    /**
     * Atomically moves a file into {@code subdirectory} (one that {@link #directory} of this disk gave), replacing what
     * was there under its name.
     */
    void move(String name, LocalDisk subdirectory) throws IOException;

    /** Makes creations, renames, moves (out of and into this directory) and deletions durable. Blocks. */
    void syncDirectory() throws IOException;

    /** Bytes that can still be allocated here. */
    long usableBytes() throws IOException;

    /** A subdirectory as a disk of its own (created when absent); shares this directory's lock. */
    LocalDisk directory(String name) throws IOException;

    /** Where this is, for messages to people. */
    String describe();

    @Override
    void close() throws IOException;
}
