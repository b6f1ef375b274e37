package io.sluice.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/** An open file. Thread-safe: positional reads and writes of disjoint ranges may run side by side. */
public interface DiskFile extends AutoCloseable {
    String name();

    /** Writes all remaining bytes at {@code position} (bytes from the start), growing the file when needed. */
    void write(ByteBuffer source, long position) throws IOException;

    /** Fills {@code destination} from {@code position}; {@link java.io.EOFException} when the file ends before. */
    void read(ByteBuffer destination, long position) throws IOException;

    /** Reserves space so that later writes below {@code size} cannot run out of it, and sets the size. */
    void allocate(long size) throws IOException;

    long size() throws IOException;

    /** Makes the content written so far durable (fdatasync). Blocks: only on a blocking lane or at start and stop. */
    void sync() throws IOException;

    /** The real path, for libraries that insist on one (Chronicle Map); empty in simulation. */
    Optional<Path> path();

    @Override
    void close() throws IOException;
}
