package io.sluice.storage.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class CacheFormatTest {
    private static final UUID VOLUME = UUID.fromString("00112233-4455-4677-8899-aabbccddeeff");

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = CacheFormatTest.class.getResourceAsStream(name)) {
            String text = new String(assertNotNullStream(in, name).readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        }
    }

    private static InputStream assertNotNullStream(InputStream in, String name) {
        assertNotNull(in, name);
        return in;
    }

    private static SlotHeader header() {
        byte[] salt = new byte[16];
        for (int index = 0; index < 16; index++) {
            salt[index] = (byte) (0xa0 + index);
        }
        return new SlotHeader(
                7, Locator.frameKey(Locator.segment(9, 1024, 4096, 0)), 42, salt, new int[] {0x11, 0x22, 0x33}, 0x44);
    }

    @Test
    void writesTheSlotHeaderOfThisVersion() throws IOException {
        ByteBuffer page = ByteBuffer.allocate(CacheFormat.SLOT_HEADER_BYTES);
        new SlotHeaderCodec(VOLUME).encode(header(), page);
        byte[] used = Arrays.copyOf(page.array(), SlotHeaderCodec.USED_BYTES);
        assertArrayEquals(
                golden("slot-header-v2.hex"), used, () -> HexFormat.of().formatHex(used));
    }

    @Test
    void readsTheSlotHeaderOfThisVersion() throws IOException {
        byte[] page = Arrays.copyOf(golden("slot-header-v2.hex"), CacheFormat.SLOT_HEADER_BYTES);
        SlotHeader read = new SlotHeaderCodec(VOLUME).decode(ByteBuffer.wrap(page), 7);
        SlotHeader expected = header();
        assertNotNull(read);
        assertEquals(expected.frameKey(), read.frameKey());
        assertEquals(expected.fill(), read.fill());
        assertArrayEquals(expected.salt(), read.salt());
        assertArrayEquals(expected.blockChecks(), read.blockChecks());
        assertEquals(expected.frameCheck(), read.frameCheck());
    }

    @Test
    void believesNoHeaderThatIsDamagedOrElsewhere() throws IOException {
        byte[] page = Arrays.copyOf(golden("slot-header-v2.hex"), CacheFormat.SLOT_HEADER_BYTES);
        SlotHeaderCodec codec = new SlotHeaderCodec(VOLUME);
        assertNull(codec.decode(ByteBuffer.wrap(page), 8));
        assertNull(new SlotHeaderCodec(new UUID(1, 2)).decode(ByteBuffer.wrap(page), 7));
        for (int index = 0; index < SlotHeaderCodec.USED_BYTES; index++) {
            page[index] ^= 4;
            assertNull(codec.decode(ByteBuffer.wrap(page), 7), "byte " + index);
            page[index] ^= 4;
        }
    }

    @Test
    void writesTheFileHeaderOfThisVersion() throws IOException {
        byte[] used = Arrays.copyOf(CacheFormat.fileHeader(VOLUME).array(), 44);
        assertArrayEquals(
                golden("file-header-v2.hex"), used, () -> HexFormat.of().formatHex(used));
    }

    @Test
    void writesAndReadsTheDirectoryOfThisVersion() throws IOException {
        MemoryDisk disk = new MemoryDisk();
        SlotMap slots = new SlotMap();
        slots.grow(4);
        slots.adopt(2, CacheFixture.key(1, 0), SegmentedFifoPolicy.Place.MAIN, 3, false);
        slots.adopt(0, CacheFixture.key(1, 1), SegmentedFifoPolicy.Place.SMALL, 0, true);
        new CacheDirectory(disk, VOLUME).write(slots);
        byte[] written = new byte[(int) disk.sizeOf(CacheFormat.DIRECTORY_NAME)];
        disk.open(CacheFormat.DIRECTORY_NAME).read(ByteBuffer.wrap(written), 0);
        assertArrayEquals(
                golden("directory-v2.hex"), written, () -> HexFormat.of().formatHex(written));
    }

    @Test
    void loadsTheDirectoryOfTenGibibytesInNoTime() throws IOException {
        int count = CacheFormat.slotsIn(10L << 30);
        SlotMap slots = new SlotMap();
        slots.grow(count);
        for (int slot = 0; slot < count; slot++) {
            slots.adopt(
                    slot, CacheFixture.key(1 + slot / 200, slot % 200), SegmentedFifoPolicy.Place.MAIN, slot & 3, true);
        }
        MemoryDisk disk = new MemoryDisk();
        long bestNanos = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            new CacheDirectory(disk, VOLUME).write(slots);
            SlotMap loaded = new SlotMap();
            loaded.grow(count);
            long start = System.nanoTime();
            assertTrue(new CacheDirectory(disk, VOLUME).load(loaded));
            bestNanos = Math.min(bestNanos, System.nanoTime() - start);
            assertEquals(count, loaded.usedCount());
        }
        assertTrue(bestNanos < 100_000_000, "took " + bestNanos / 1000 + " us");
    }
}
