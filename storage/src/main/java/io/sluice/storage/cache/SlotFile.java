package io.sluice.storage.cache;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The file with the slots. Reads may run beside everything; writes come from one task at a time. */
final class SlotFile implements AutoCloseable {
    /** Slots added at a time: 33 MiB. */
    static final int GROWTH_SLOTS = 256;
    /** Space of the disk that the cache leaves to the journal and the index. */
    static final long RESERVED_BYTES = 64L << 20;

    private static final ByteBuffer NOTHING =
            ByteBuffer.allocate(CacheFormat.SLOT_HEADER_BYTES).asReadOnlyBuffer();
    private static final int END_MARK_BYTES = 512;

    private final LocalDisk disk;
    private final DiskFile file;
    private final SlotHeaderCodec codec;
    private final int capacitySlots;

    private SlotFile(LocalDisk disk, DiskFile file, SlotHeaderCodec codec, int capacitySlots) {
        this.disk = disk;
        this.file = file;
        this.codec = codec;
        this.capacitySlots = capacitySlots;
    }

    /** Opens the file of {@code volume}, or begins it anew when it is absent, damaged or another volume's. */
    static SlotFile open(LocalDisk disk, UUID volume, SlotHeaderCodec codec, int capacitySlots) throws IOException {
        DiskFile file = existing(disk, volume);
        if (file == null) {
            file = disk.create(CacheFormat.SLOTS_NAME);
            file.write(CacheFormat.fileHeader(volume), 0);
        }
        SlotFile slots = new SlotFile(disk, file, codec, capacitySlots);
        if (CacheFormat.slotsIn(file.size()) > capacitySlots) {
            file.allocate(CacheFormat.slotPosition(capacitySlots));
        }
        return slots;
    }

    private static @Nullable DiskFile existing(LocalDisk disk, UUID volume) throws IOException {
        if (!disk.exists(CacheFormat.SLOTS_NAME)) {
            return null;
        }
        DiskFile file = disk.open(CacheFormat.SLOTS_NAME);
        ByteBuffer header = ByteBuffer.allocate(CacheFormat.FILE_HEADER_BYTES);
        if (file.size() >= CacheFormat.FILE_HEADER_BYTES) {
            file.read(header, 0);
        }
        if (CacheFormat.isFileHeader(header.clear(), volume)) {
            return file;
        }
        file.close();
        return null;
    }

    /** Slots that the file has room for now. */
    int slotCount() throws IOException {
        return Math.min(capacitySlots, CacheFormat.slotsIn(file.size()));
    }

    /** How many slots the next growth adds to {@code slots}; 0 when the capacity is reached. */
    int slotsToGrow(int slots) {
        return Math.min(capacitySlots - slots, GROWTH_SLOTS);
    }

    /** Whether the disk has space for so many frames, and what is reserved. One call of the system. */
    boolean hasSpaceFor(int slots) throws IOException {
        return disk.usableBytes() >= (long) slots * CacheFormat.SLOT_BYTES + RESERVED_BYTES;
    }

    /**
     * Adds {@code more} slots to {@code slots}. Their space is not reserved: that would write everything twice, and a slot that
     * finds none is no harm.
     */
    void grow(int slots, int more) throws IOException {
        long end = CacheFormat.slotPosition(slots + more);
        file.write(NOTHING.duplicate().limit(END_MARK_BYTES), end - END_MARK_BYTES);
    }

    /** The header of {@code slot}, or null when it holds no frame. {@code scratch} has 4096 bytes. */
    @Nullable
    SlotHeader readHeader(int slot, ByteBuffer scratch) throws IOException {
        scratch.clear().limit(SlotHeaderCodec.USED_BYTES);
        try {
            file.read(scratch, CacheFormat.slotPosition(slot));
        } catch (EOFException cut) {
            return null;
        }
        return codec.decode(scratch, slot);
    }

    /** Fills {@code stored} with the stored bytes of {@code count} blocks from {@code block} on. */
    void readBlocks(int slot, int block, int count, ByteBuffer stored) throws IOException {
        file.read(stored.clear().limit(count * CacheFormat.BLOCK_BYTES), CacheFormat.blockPosition(slot, block));
        stored.flip();
    }

    /** Reads header page and blocks. */
    void readImage(int slot, ByteBuffer room) throws IOException {
        file.read(room, CacheFormat.slotPosition(slot));
    }

    /** Writes header page and blocks. */
    void write(int slot, ByteBuffer image) throws IOException {
        file.write(image, CacheFormat.slotPosition(slot));
    }

    /** Makes the slot hold no frame. */
    void erase(int slot) throws IOException {
        file.write(NOTHING.duplicate(), CacheFormat.slotPosition(slot));
    }

    void sync() throws IOException {
        file.sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
