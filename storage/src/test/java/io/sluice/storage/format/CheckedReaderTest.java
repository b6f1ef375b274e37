package io.sluice.storage.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class CheckedReaderTest {
    private static CheckedReader reader(int... bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int b : bytes) {
            buffer.put((byte) b);
        }
        return new CheckedReader("thing", buffer.flip());
    }

    @Test
    void readsWhatTheWriterWrote() throws DamagedObjectException {
        ByteWriter writer = new ByteWriter(1);
        UUID uuid = new UUID(0x123456789abcdef0L, -2);
        writer.u8(0xfe);
        writer.u16(0xfedc);
        writer.i32(-5);
        writer.i64(Long.MIN_VALUE);
        writer.uuid(uuid);
        writer.flag(true);
        writer.text("grüße");
        writer.bytes(new byte[] {1, 2});
        writer.bytes(ByteBuffer.wrap(new byte[] {0, 0, 9}));
        CheckedReader reader = new CheckedReader("thing", writer.view());
        assertEquals(0xfe, reader.u8());
        assertEquals(0xfedc, reader.u16());
        assertEquals(-5, reader.i32());
        assertEquals(Long.MIN_VALUE, reader.i64());
        assertEquals(uuid, reader.uuid());
        assertTrue(reader.flag("flag"));
        assertEquals("grüße", reader.text("text", 100));
        assertArrayEquals(new byte[] {1, 2}, reader.bytes(2));
        reader.zeros(2);
        assertEquals(ByteBuffer.wrap(new byte[] {9}), reader.slice(1));
        reader.end();
    }

    @Test
    void varintsOfAllLengthsComeBack() throws DamagedObjectException {
        long seed = 4711;
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            long value = random.nextLong() >>> (1 + random.nextInt(63));
            ByteWriter writer = new ByteWriter(1);
            writer.varint(value);
            CheckedReader reader = new CheckedReader("thing", writer.view());
            assertEquals(value, reader.varint("number", Long.MAX_VALUE), "seed " + seed);
            reader.end();
        }
    }

    @Test
    void endlessVarintIsRefused() {
        CheckedReader reader =
                reader(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
        assertThrows(DamagedObjectException.class, () -> reader.varint("number", Long.MAX_VALUE));
    }

    @Test
    void underflowNamesTheObject() {
        DamagedObjectException failure =
                assertThrows(DamagedObjectException.class, () -> reader(1, 2, 3).i32());
        assertEquals("thing", failure.object());
        assertTrue(failure.toString().contains(": thing: "), failure::toString);
    }

    @Test
    void numbersOutOfBoundsAreRefused() {
        assertThrows(DamagedObjectException.class, () -> reader(0, 0, 1, 0).count("count", 0, 255));
        assertThrows(
                DamagedObjectException.class,
                () -> reader(0xff, 0xff, 0xff, 0xff).count("count", 0, 255));
        assertThrows(
                DamagedObjectException.class,
                () -> reader(0x80, 0, 0, 0, 0, 0, 0, 0).number("n", 0, 9));
        assertThrows(DamagedObjectException.class, () -> reader(9).varint("n", 8));
        assertThrows(DamagedObjectException.class, () -> reader(2).flag("flag"));
        assertThrows(DamagedObjectException.class, () -> reader(0, 1).zeros(2));
        assertThrows(DamagedObjectException.class, () -> reader(0).end());
        assertThrows(DamagedObjectException.class, () -> reader(0, 200, 1).text("text", 300));
        assertThrows(DamagedObjectException.class, () -> reader(0, 2, 65, 65).text("text", 1));
        assertThrows(DamagedObjectException.class, () -> reader(0, 1, 0xff).text("text", 1));
        assertThrows(DamagedObjectException.class, () -> reader(1, 2).bytes(-1));
    }

    @Test
    void doesNotConsumeTheCallersBuffer() throws DamagedObjectException {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}).position(1);
        CheckedReader reader = new CheckedReader("thing", bytes);
        assertEquals(0x02030405, reader.i32());
        assertEquals(4, reader.position());
        assertEquals(0, reader.remaining());
        assertEquals(1, bytes.position());
    }
}
