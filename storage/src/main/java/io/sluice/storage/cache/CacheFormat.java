package io.sluice.storage.cache;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Names, sizes and the file header of the read cache; FORMAT.md beside this class is the page about it.
 *
 * <pre>
 *  0        8    12   16          32         36    40        44                4096
 * +--------+----+----+-----------+----------+-----+---------+-----------------+
 * | magic  | ver|zero|volume UUID|slot bytes|zero | CRC32C  | zeros           |  header of read-cache.slots
 * +--------+----+----+-----------+----------+-----+---------+-----------------+
 * </pre>
 *
 * <p>All numbers are big-endian.
 */
final class CacheFormat {
    static final String SLOTS_NAME = "read-cache.slots";
    static final String DIRECTORY_NAME = "read-cache.directory";
    static final String DIRECTORY_UNFINISHED_NAME = "read-cache.directory.new";

    static final int VERSION = 2;
    static final int BLOCK_BYTES = BlockGeometry.BLOCK_BYTES;
    static final int SLOT_BLOCKS = Locator.FRAME_SLOTS;
    static final int SLOT_HEADER_BYTES = 4096;
    static final int SLOT_BYTES = SLOT_HEADER_BYTES + SLOT_BLOCKS * BLOCK_BYTES;
    static final int FILE_HEADER_BYTES = 4096;
    static final int SALT_BYTES = 16;

    /** "SLUCACHE". */
    private static final long FILE_MAGIC = 0x534c_5543_4143_4845L;

    private static final int FILE_HEADER_CHECKED_BYTES = 40;

    private CacheFormat() {}

    /** Where slot {@code slot} begins, bytes from the start of the file. */
    static long slotPosition(int slot) {
        return FILE_HEADER_BYTES + (long) slot * SLOT_BYTES;
    }

    /** Where block {@code block} of a slot begins. */
    static long blockPosition(int slot, int block) {
        return slotPosition(slot) + SLOT_HEADER_BYTES + (long) block * BLOCK_BYTES;
    }

    /** How many whole slots a file of {@code bytes} holds. */
    static int slotsIn(long bytes) {
        long slots = Math.max(0, bytes - FILE_HEADER_BYTES) / SLOT_BYTES;
        return (int) Math.min(slots, 1 << 30);
    }

    /** The header page of the file with the slots, ready to be written. */
    static ByteBuffer fileHeader(UUID volume) {
        ByteBuffer header = ByteBuffer.allocate(FILE_HEADER_BYTES).order(ByteOrder.BIG_ENDIAN);
        header.putLong(FILE_MAGIC).putInt(VERSION).putInt(0);
        header.putLong(volume.getMostSignificantBits()).putLong(volume.getLeastSignificantBits());
        header.putInt(SLOT_BYTES).putInt(0);
        header.putInt(checkOf(header, 0, FILE_HEADER_CHECKED_BYTES));
        return header.clear();
    }

    /** True when {@code header} is this version's file header of {@code volume}. */
    static boolean isFileHeader(ByteBuffer header, UUID volume) {
        return header.remaining() == FILE_HEADER_BYTES && header.equals(fileHeader(volume));
    }

    /** CRC32C of {@code length} bytes of {@code bytes} from index {@code start}; its position stays. */
    static int checkOf(ByteBuffer bytes, int start, int length) {
        Invariant.check(start >= 0 && length >= 0 && start + length <= bytes.capacity(), "check range", start, length);
        ByteBuffer view = bytes.duplicate();
        view.limit(start + length).position(start);
        CRC32C crc = new CRC32C();
        crc.update(view);
        return (int) crc.getValue();
    }
}
