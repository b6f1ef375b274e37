package io.sluice.storage.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The exclusive right of one process, and of one place inside it, to use a directory: a lock on a file in it. */
final class DirectoryLock implements AutoCloseable {
    static final String FILE_NAME = "lock";

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Fails at once, naming the directory, when somebody else has it. */
    static DirectoryLock acquire(Path directory) throws IOException {
        FileChannel channel;
        try {
            channel =
                    FileChannel.open(directory.resolve(FILE_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw NioLocalDisk.unusable(directory, "written", e);
        }
        try {
            if (tryLock(channel) == null) {
                throw new IOException("the directory " + directory
                        + " is in use by another process: is a server running already with this configuration?");
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("the directory " + directory + " is in use by this process already", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new DirectoryLock(channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        return channel.tryLock();
    }

    /** Closing the channel gives the lock back. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
