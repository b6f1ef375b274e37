package io.sluice.storage.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NioLocalDiskTest extends LocalDiskContract {
    private final Path temporary;

    NioLocalDiskTest(@TempDir Path temporary) {
        this.temporary = temporary;
    }

    @Override
    LocalDisk openEmpty() throws IOException {
        return openAgain();
    }

    @Override
    LocalDisk openAgain() throws IOException {
        return NioLocalDisk.open(temporary.resolve("made").resolve("on the way"));
    }

    @Test
    void namesTheDirectoryThatCannotBeCreated() throws IOException {
        Path file = Files.createFile(temporary.resolve("a file"));
        IOException refused = assertThrows(IOException.class, () -> NioLocalDisk.open(file));
        assertTrue(refused.toString().contains(file.toString()), refused::toString);
        IOException below = assertThrows(IOException.class, () -> NioLocalDisk.open(file.resolve("below")));
        assertTrue(below.toString().contains(file.resolve("below").toString()), below::toString);
    }

    /** The lock file's place is taken by a directory: refused for root too, which permissions would not stop. */
    @Test
    void namesTheDirectoryThatCannotBeWritten() throws IOException {
        Path directory = temporary.resolve("blocked");
        Files.createDirectories(directory.resolve(DirectoryLock.FILE_NAME));
        IOException refused = assertThrows(IOException.class, () -> NioLocalDisk.open(directory));
        assertTrue(refused.toString().contains("the directory " + directory + " cannot be written"), refused::toString);
    }

    @Test
    void allocateWritesZerosUpToTheLastByte() throws IOException {
        try (LocalDisk disk = NioLocalDisk.open(temporary.resolve("disk"));
                DiskFile file = disk.create("file")) {
            file.allocate(3 << 20);
            file.sync();
            ByteBuffer end = ByteBuffer.allocate(1);
            file.read(end, (3 << 20) - 1);
            assertEquals(0, end.get(0));
        }
    }

    @Test
    void tellsAFullDiskFromOtherFailures() {
        assertInstanceOf(
                DiskFullException.class, NioLocalDisk.explain("write", new IOException("No space left on device")));
        assertInstanceOf(
                DiskFullException.class,
                NioLocalDisk.explain("create", new FileSystemException("f", null, "Disk quota exceeded")));
        assertFalse(NioLocalDisk.explain("write", new IOException("Input/output error")) instanceof DiskFullException);
    }
}
