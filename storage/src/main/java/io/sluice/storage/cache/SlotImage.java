package io.sluice.storage.cache;

import io.sluice.storage.crypto.LocalCipher;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The bytes of one slot: header page and stored (encrypted) blocks, built in one buffer so that filling a slot is one
 * write. Also checks such bytes as a whole. One user at a time.
 */
final class SlotImage {
    private final SlotHeaderCodec codec;
    private final ByteBuffer image = ByteBuffer.allocateDirect(CacheFormat.SLOT_BYTES);

    SlotImage(SlotHeaderCodec codec) {
        this.codec = codec;
    }

    /** Encrypts {@code blocks} and builds the slot; the bytes to write are in {@link #bytes}. */
    SlotHeader build(int slot, long frameKey, long fill, byte[] salt, LocalCipher cipher, ByteBuffer blocks) {
        int count = blocks.remaining() / CacheFormat.BLOCK_BYTES;
        int[] checks = new int[count];
        image.clear();
        image.position(startOf(0));
        cipher.apply(fill * CacheFormat.SLOT_BLOCKS, 0, blocks.duplicate(), image);
        for (int block = 0; block < count; block++) {
            checks[block] = CacheFormat.checkOf(image, startOf(block), CacheFormat.BLOCK_BYTES);
        }
        image.clear();
        SlotHeader header = new SlotHeader(slot, frameKey, fill, salt, checks, frameCheck(count));
        codec.encode(header, image);
        image.limit(startOf(count));
        return header;
    }

    /** Header page and blocks built last. */
    ByteBuffer bytes() {
        return image.duplicate();
    }

    /** Room for a slot with {@code count} blocks, to be read from disk. */
    ByteBuffer room(int count) {
        return image.clear().limit(startOf(count)).duplicate();
    }

    /** True when the slot in {@link #room} is the one that {@code header} describes, in every block. */
    boolean matches(SlotHeader header) {
        image.clear();
        for (int block = 0; block < header.blockCount(); block++) {
            int check = CacheFormat.checkOf(image, startOf(block), CacheFormat.BLOCK_BYTES);
            if (check != header.blockChecks()[block]) {
                return false;
            }
        }
        return frameCheck(header.blockCount()) == header.frameCheck();
    }

    private int frameCheck(int count) {
        CRC32 crc = new CRC32();
        crc.update(image.slice(CacheFormat.SLOT_HEADER_BYTES, count * CacheFormat.BLOCK_BYTES));
        return (int) crc.getValue();
    }

    private static int startOf(int block) {
        return CacheFormat.SLOT_HEADER_BYTES + block * CacheFormat.BLOCK_BYTES;
    }
}
