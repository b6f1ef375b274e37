package io.sluice.storage.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link LocalDisk} promises. */
abstract class LocalDiskContract {
    private LocalDisk disk;

    /** A new, empty disk. */
    abstract LocalDisk openEmpty() throws IOException;

    /** The same disk, opened again by somebody else. */
    abstract LocalDisk openAgain() throws IOException;

    @BeforeEach
    void open() throws IOException {
        disk = openEmpty();
    }

    @AfterEach
    void close() throws IOException {
        disk.close();
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(DiskFile file, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        file.read(bytes, position);
        assertFalse(bytes.hasRemaining());
        return new String(bytes.array(), StandardCharsets.UTF_8);
    }

    private void writeFile(String name, String content) throws IOException {
        try (DiskFile file = disk.create(name)) {
            file.write(text(content), 0);
        }
    }

    private String contentOf(LocalDisk where, String name) throws IOException {
        try (DiskFile file = where.open(name)) {
            return read(file, 0, (int) file.size());
        }
    }

    @Test
    void givesBackWhatWasWritten() throws IOException {
        try (DiskFile file = disk.create("one")) {
            ByteBuffer source = text("hello world");
            file.write(source, 0);
            assertFalse(source.hasRemaining(), "the source is consumed");
            file.write(text("W"), 6);
            file.sync();
            assertEquals("hello World", read(file, 0, 11));
            assertEquals("World", read(file, 6, 5));
            assertEquals(11, file.size());
            assertEquals("one", file.name());
        }
        assertEquals("hello World", contentOf(disk, "one"));
    }

    @Test
    void readsAndWritesDirectBuffersFromTheirPosition() throws IOException {
        try (DiskFile file = disk.create("one")) {
            ByteBuffer direct = ByteBuffer.allocateDirect(16);
            direct.put(text("0123456789abcdef")).position(4).limit(8);
            file.write(direct, 0);
            assertEquals(4, file.size());
            direct.clear().position(1).limit(5);
            file.read(direct, 0);
            assertEquals("045675", new String(bytesOf(direct, 0, 6), StandardCharsets.UTF_8));
        }
    }

    private static byte[] bytesOf(ByteBuffer buffer, int from, int count) {
        byte[] bytes = new byte[count];
        buffer.clear().get(from, bytes);
        return bytes;
    }

    @Test
    void saysWhenTheFileEndsBeforeTheWantedBytes() throws IOException {
        try (DiskFile file = disk.create("one")) {
            file.write(text("abc"), 0);
            assertThrows(EOFException.class, () -> file.read(ByteBuffer.allocate(4), 0));
            assertThrows(EOFException.class, () -> file.read(ByteBuffer.allocate(1), 3));
            assertThrows(EOFException.class, () -> file.read(ByteBuffer.allocate(1), 100));
        }
    }

    @Test
    void aGapReadsAsZeros() throws IOException {
        try (DiskFile file = disk.create("one")) {
            file.write(text("x"), 5);
            assertEquals("\0\0\0\0\0x", read(file, 0, 6));
        }
    }

    @Test
    void allocateSetsTheSizeAndKeepsTheContent() throws IOException {
        try (DiskFile file = disk.create("one")) {
            file.write(text("abc"), 0);
            file.allocate(3_000_000);
            assertEquals(3_000_000, file.size());
            assertEquals("abc\0", read(file, 0, 4));
            assertEquals("\0\0", read(file, 2_999_998, 2));
            file.allocate(2);
            assertEquals(2, file.size());
            file.allocate(4);
            assertEquals("ab\0\0", read(file, 0, 4));
        }
    }

    @Test
    void createTruncates() throws IOException {
        writeFile("one", "long content");
        writeFile("one", "x");
        assertEquals("x", contentOf(disk, "one"));
    }

    @Test
    void openAndDeleteSayWhenAFileIsAbsent() {
        assertThrows(NoSuchFileException.class, () -> disk.open("absent"));
        assertThrows(NoSuchFileException.class, () -> disk.delete("absent"));
        assertThrows(NoSuchFileException.class, () -> disk.rename("absent", "other"));
    }

    @Test
    void listsFilesSortedAndNothingElse() throws IOException {
        assertEquals(List.of(), disk.list());
        writeFile("b", "");
        writeFile("a", "");
        writeFile("c", "");
        disk.directory("directory").close();
        assertEquals(List.of("a", "b", "c"), disk.list());
        disk.delete("b");
        disk.syncDirectory();
        assertEquals(List.of("a", "c"), disk.list());
        assertTrue(disk.exists("a"));
        assertFalse(disk.exists("b"));
    }

    @Test
    void renameReplacesAndOpenHandlesGoOn() throws IOException {
        writeFile("new", "new");
        writeFile("old", "old");
        try (DiskFile file = disk.open("new")) {
            disk.rename("new", "old");
            file.write(text("N"), 0);
        }
        assertEquals(List.of("old"), disk.list());
        assertEquals("New", contentOf(disk, "old"));
    }

    @Test
    void movesAFileIntoASubdirectory() throws IOException {
        writeFile("one", "content");
        LocalDisk aside = disk.directory("aside");
        disk.move("one", aside);
        aside.syncDirectory();
        disk.syncDirectory();
        assertEquals(List.of(), disk.list());
        assertEquals("content", contentOf(disk.directory("aside"), "one"));
        assertThrows(IllegalArgumentException.class, () -> aside.move("one", disk));
    }

    @Test
    void refusesNamesThatAreNotPlain() {
        for (String name : List.of("", ".", "..", "a/b", "/a", ".hidden", "lock")) {
            assertThrows(IllegalArgumentException.class, () -> disk.create(name), name);
        }
    }

    @Test
    void isUsedByOneAtATime() throws IOException {
        IOException refused = assertThrows(IOException.class, this::openAgain);
        assertTrue(refused.toString().contains("in use"), refused::toString);
        assertTrue(refused.toString().contains(disk.describe()), refused::toString);
        writeFile("one", "kept");
        disk.syncDirectory();
        disk.close();
        disk = openAgain();
        assertEquals("kept", contentOf(disk, "one"));
    }

    @Test
    void closingASubdirectoryKeepsTheLock() throws IOException {
        disk.directory("sub").close();
        assertThrows(IOException.class, this::openAgain);
    }

    @Test
    void saysHowMuchCanStillBeAllocated() throws IOException {
        assertTrue(disk.usableBytes() > 0);
    }
}
