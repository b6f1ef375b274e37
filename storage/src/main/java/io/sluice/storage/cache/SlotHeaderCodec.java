package io.sluice.storage.cache;

import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a slot header.
 *
 * <pre>
 *   0  magic "SLUCSLOT"         8
 *   8  version (1)              4
 *  12  block count, 1-32        4
 *  16  volume UUID             16
 *  32  frame key                8
 *  40  fill number              8
 *  48  salt                    16
 *  64  CRC32C of each block   128   32 x 4, zero behind the last block
 * 192  CRC-32 of all blocks     4
 * 196  slot number              4
 * 200  CRC32C of bytes 0-199    4
 * 204  zeros                 3892
 * </pre>
 *
 * <p>What counts lies within the first 512 bytes, so that a power loss leaves the old header or the new, never a mixture.
 */
final class SlotHeaderCodec {
    /** The part that must be read. */
    static final int USED_BYTES = 204;

    /** "SLUCSLOT". */
    private static final long MAGIC = 0x534c_5543_534c_4f54L;

    private static final int CHECKS_OFFSET = 64;
    private static final int FRAME_CHECK_OFFSET = 192;
    private static final int CHECKED_BYTES = 200;

    private final UUID volume;

    SlotHeaderCodec(UUID volume) {
        this.volume = volume;
    }

    /** Writes the whole header page at index 0 of {@code target}; its position stays. */
    void encode(SlotHeader header, ByteBuffer target) {
        Invariant.check(header.blockCount() > 0 && header.blockCount() <= CacheFormat.SLOT_BLOCKS, "block count");
        ByteBuffer page = target.duplicate().order(ByteOrder.BIG_ENDIAN).clear();
        page.putLong(MAGIC).putInt(CacheFormat.VERSION).putInt(header.blockCount());
        page.putLong(volume.getMostSignificantBits()).putLong(volume.getLeastSignificantBits());
        page.putLong(header.frameKey()).putLong(header.fill()).put(header.salt());
        for (int block = 0; block < CacheFormat.SLOT_BLOCKS; block++) {
            page.putInt(block < header.blockCount() ? header.blockChecks()[block] : 0);
        }
        page.putInt(header.frameCheck()).putInt(header.slot());
        page.putInt(CacheFormat.checkOf(target, 0, CHECKED_BYTES));
        while (page.position() < CacheFormat.SLOT_HEADER_BYTES) {
            page.putInt(0);
        }
    }

    /** The header at index 0 of {@code source}, or null when slot {@code slot} does not hold a frame of this volume. */
    @Nullable
    SlotHeader decode(ByteBuffer source, int slot) {
        ByteBuffer page = source.duplicate().order(ByteOrder.BIG_ENDIAN).clear();
        int blockCount = page.getInt(12);
        boolean valid = page.getLong(0) == MAGIC
                && page.getInt(8) == CacheFormat.VERSION
                && blockCount > 0
                && blockCount <= CacheFormat.SLOT_BLOCKS
                && page.getLong(16) == volume.getMostSignificantBits()
                && page.getLong(24) == volume.getLeastSignificantBits()
                && page.getInt(196) == slot
                && page.getInt(CHECKED_BYTES) == CacheFormat.checkOf(page, 0, CHECKED_BYTES);
        return valid ? read(page, slot, blockCount) : null;
    }

    private static SlotHeader read(ByteBuffer page, int slot, int blockCount) {
        byte[] salt = new byte[CacheFormat.SALT_BYTES];
        page.get(48, salt);
        int[] checks = new int[blockCount];
        for (int block = 0; block < blockCount; block++) {
            checks[block] = page.getInt(CHECKS_OFFSET + block * Integer.BYTES);
        }
        return new SlotHeader(slot, page.getLong(32), page.getLong(40), salt, checks, page.getInt(FRAME_CHECK_OFFSET));
    }
}
