package io.sluice.storage.cache;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The directory of the cache: written at a clean stop, read and deleted at the next start, so that it never speaks of an
 * older state. A shortcut only: whoever reads a slot still checks the slot's own header.
 *
 * <pre>
 *   0  magic "SLUCADIR"     8
 *   8  version (1)          4
 *  12  slot count           4
 *  16  volume UUID         16
 *  32  entry count          4
 *  36  zero                 4
 *  40  entries             16 each: frame key 8, slot 4, flags 4 (bit 0 MAIN, bit 1 unproven, bits 8-15 reuses);
 *                          oldest of SMALL first, then oldest of MAIN first
 *      CRC32C               4, of everything before it
 * </pre>
 */
final class CacheDirectory {
    /** "SLUCADIR". */
    private static final long MAGIC = 0x534c_5543_4144_4952L;

    private static final int HEADER_BYTES = 40;
    private static final int ENTRY_BYTES = 16;
    private static final int CHUNK_BYTES = ENTRY_BYTES << 16;
    private static final int FLAG_MAIN = 1;
    private static final int FLAG_UNPROVEN = 2;

    private final LocalDisk disk;
    private final UUID volume;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.BIG_ENDIAN);
    private long position;

    CacheDirectory(LocalDisk disk, UUID volume) {
        this.disk = disk;
        this.volume = volume;
    }

    /** Writes what {@code slots} holds, durably. */
    void write(SlotMap slots) throws IOException {
        try (DiskFile file = disk.create(CacheFormat.DIRECTORY_UNFINISHED_NAME)) {
            chunk.clear();
            position = 0;
            crc.reset();
            chunk.putLong(MAGIC).putInt(CacheFormat.VERSION).putInt(slots.slotCount());
            chunk.putLong(volume.getMostSignificantBits()).putLong(volume.getLeastSignificantBits());
            chunk.putInt(slots.usedCount()).putInt(0);
            flush(file);
            writeQueue(file, slots, SegmentedFifoPolicy.Place.SMALL);
            writeQueue(file, slots, SegmentedFifoPolicy.Place.MAIN);
            ByteBuffer check = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue());
            file.write(check.flip(), position);
            file.sync();
        }
        disk.rename(CacheFormat.DIRECTORY_UNFINISHED_NAME, CacheFormat.DIRECTORY_NAME);
        disk.syncDirectory();
    }

    /** Reads the directory into {@code slots} and deletes it; false when there is no good one. */
    boolean load(SlotMap slots) throws IOException {
        if (!disk.exists(CacheFormat.DIRECTORY_NAME)) {
            return false;
        }
        ByteBuffer content = read();
        boolean good = content != null && isGood(content, slots.slotCount());
        disk.delete(CacheFormat.DIRECTORY_NAME);
        disk.syncDirectory();
        if (content != null && good) {
            adoptAll(content, slots);
        }
        return good;
    }

    private void writeQueue(DiskFile file, SlotMap slots, SegmentedFifoPolicy.Place place) throws IOException {
        int[] members = new int[slots.policy().count(place)];
        int[] next = new int[1];
        slots.policy().forEach(place, slot -> members[next[0]++] = slot);
        for (int slot : members) {
            int flags = (place == SegmentedFifoPolicy.Place.MAIN ? FLAG_MAIN : 0)
                    | (slots.isProven(slot) ? 0 : FLAG_UNPROVEN)
                    | (slots.policy().reusesOf(slot) << 8);
            chunk.putLong(slots.keyOf(slot)).putInt(slot).putInt(flags);
            if (!chunk.hasRemaining()) {
                flush(file);
            }
        }
        flush(file);
    }

    private void flush(DiskFile file) throws IOException {
        chunk.flip();
        crc.update(chunk.duplicate());
        int length = chunk.remaining();
        file.write(chunk, position);
        position += length;
        chunk.clear();
    }

    private @Nullable ByteBuffer read() throws IOException {
        try (DiskFile file = disk.open(CacheFormat.DIRECTORY_NAME)) {
            long size = file.size();
            if (size < HEADER_BYTES + Integer.BYTES || size > Integer.MAX_VALUE - 16) {
                return null;
            }
            ByteBuffer content = ByteBuffer.allocate((int) size).order(ByteOrder.BIG_ENDIAN);
            file.read(content, 0);
            return content.flip();
        }
    }

    private boolean isGood(ByteBuffer content, int slotCount) {
        int length = content.limit() - Integer.BYTES;
        return content.getInt(length) == CacheFormat.checkOf(content, 0, length)
                && content.getLong(0) == MAGIC
                && content.getInt(8) == CacheFormat.VERSION
                && content.getInt(12) == slotCount
                && content.getLong(16) == volume.getMostSignificantBits()
                && content.getLong(24) == volume.getLeastSignificantBits()
                && length == HEADER_BYTES + (long) content.getInt(32) * ENTRY_BYTES;
    }

    private static void adoptAll(ByteBuffer content, SlotMap slots) {
        boolean[] listed = new boolean[slots.slotCount()];
        content.position(HEADER_BYTES).limit(content.limit() - Integer.BYTES);
        while (content.hasRemaining()) {
            long frameKey = content.getLong();
            int slot = content.getInt();
            int flags = content.getInt();
            listed[slot] = true;
            slots.adopt(
                    slot,
                    frameKey,
                    (flags & FLAG_MAIN) != 0 ? SegmentedFifoPolicy.Place.MAIN : SegmentedFifoPolicy.Place.SMALL,
                    (flags >>> 8) & 0xff,
                    (flags & FLAG_UNPROVEN) == 0);
        }
        for (int slot = listed.length - 1; slot >= 0; slot--) {
            if (!listed[slot]) {
                slots.release(slot);
            }
        }
    }
}
