package io.sluice.storage.object.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes files and names durable; what the promise of the store hangs on, so that tests can watch and fail it. */
interface Syncer {
    /** Makes the content and the attributes of an open file durable. */
    void syncFile(Path file, FileChannel channel) throws IOException;

    /** Makes the names in a directory durable. {@link java.nio.file.NoSuchFileException} when it is not there. */
    void syncDirectory(Path directory) throws IOException;

    /** The real one. */
    static Syncer real() {
        return new Syncer() {
            @Override
            public void syncFile(Path file, FileChannel channel) throws IOException {
                channel.force(true);
            }

            @Override
            public void syncDirectory(Path directory) throws IOException {
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            }
        };
    }
}
