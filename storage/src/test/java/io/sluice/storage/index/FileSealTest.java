package io.sluice.storage.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileSealTest {
    private static final int CHUNK = FileSeal.CHUNK_BYTES;
    private static final long CHUNKS = 1000;

    @TempDir
    private Path directory = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void aLargeFileWithLittleInIt() throws IOException {
        file = directory.resolve("file");
        put(file, 0, 1);
        put(file, 700L * CHUNK + 17, 2);
        put(file, CHUNKS * CHUNK + 99, 3);
    }

    private static void put(Path where, long at, int value) throws IOException {
        try (FileChannel channel = FileChannel.open(where, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), at);
        }
    }

    /** What the disk does, and nobody sees: another byte, the same times. */
    private FileSeal asIfUntouched(FileSeal seal) throws IOException {
        return new FileSeal(seal.bytes(), seal.checksum(), FileIdentity.of(file), seal.written());
    }

    @Test
    void anUntouchedFileIsReadOnlyWhereItIsNotZero() throws IOException {
        FileSeal seal = FileSeal.of(file);
        BitSet written = new BitSet();
        written.set(0);
        written.set(700);
        written.set((int) CHUNKS);
        assertEquals(written, seal.written());
        assertEquals(3L * CHUNK, seal.writtenBytes());
        assertTrue(seal.isUntouched(file));
        assertTrue(seal.fits(file));
    }

    @Test
    void aChangedByteIsFoundAlsoWhenOnlyTheDiskChangedIt() throws IOException {
        for (long at : new long[] {0, 5, 700L * CHUNK + 17, CHUNKS * CHUNK + 99}) {
            FileSeal seal = FileSeal.of(file);
            put(file, at, 0x55);
            assertFalse(seal.fits(file), "at " + at);
            assertFalse(asIfUntouched(seal).fits(file), "at " + at);
        }
    }

    @Test
    void whatSomebodyWroteWhereNothingWasIsFound() throws IOException {
        FileSeal seal = FileSeal.of(file);
        put(file, 300L * CHUNK, 4);
        assertFalse(seal.isUntouched(file));
        assertFalse(seal.fits(file));
    }

    @Test
    void aFileOfOtherLengthDoesNotFit() throws IOException {
        FileSeal seal = FileSeal.of(file);
        put(file, CHUNKS * CHUNK + 100, 0);
        assertFalse(asIfUntouched(seal).fits(file));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(CHUNK);
        }
        assertFalse(asIfUntouched(seal).fits(file));
        Files.delete(file);
        assertFalse(seal.fits(file));
    }

    @Test
    void aCopyIsReadAsAWholeAndFits() throws IOException {
        FileSeal seal = FileSeal.of(file);
        Path copy = Files.copy(file, directory.resolve("copy"));
        assertFalse(seal.isUntouched(copy));
        assertTrue(seal.fits(copy));
        put(copy, 300L * CHUNK, 4);
        assertFalse(seal.fits(copy));
    }

    @Test
    void anUnknownIdentityIsNeverTheSame() {
        assertFalse(FileIdentity.UNKNOWN.isKnownAs(FileIdentity.UNKNOWN));
    }
}
