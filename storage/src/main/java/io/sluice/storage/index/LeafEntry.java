package io.sluice.storage.index;

import io.sluice.storage.format.BlockGeometry;
import net.openhft.chronicle.bytes.Byteable;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.core.OS;

/**
 * A resident leaf as it stands in Chronicle Map's memory, read and changed in place.
 *
 * <pre>
 *    0 +---------------------+---------------------+
 *      | pins (u32)          | ring position (u32) |
 *    8 +---------------------+---------------------+
 *      | locator of slot 0 (u64)                   |
 *      | ...                                       |
 *  512 | locator of slot 63 (u64)                  |
 *  520 +-------------------------------------------+
 * </pre>
 *
 * <p>All values are in the machine's own byte order: the file never leaves the machine.
 *
 * <p>Invariant: the memory a view points at belongs to the leaf it was aimed at only until the next query on the map, or
 * until its stripe is left. So each stripe owns one view and aims it anew in every critical section; a view is never
 * handed out.
 *
 * <p>Public only because Chronicle Map creates instances by reflection.
 */
@SuppressWarnings("rawtypes") // Byteable's own signature is raw.
public final class LeafEntry implements Byteable {
    static final int BYTES = Long.BYTES * (1 + BlockGeometry.LEAF_BLOCKS);

    private static final int SLOTS_OFFSET = Long.BYTES;

    private BytesStore store;
    private long offset;
    private long address;

    /** An empty leaf in memory of its own: the template of new entries. */
    public LeafEntry() {
        store = BytesStore.nativeStoreWithFixedCapacity(BYTES);
        offset = 0;
        address = store.addressForRead(0);
        OS.memory().setMemory(address, BYTES, (byte) 0);
    }

    long locator(int slot) {
        return OS.memory().readLong(slotAddress(slot));
    }

    void locator(int slot, long locator) {
        OS.memory().writeLong(slotAddress(slot), locator);
    }

    void fill(long locator) {
        for (int slot = 0; slot < BlockGeometry.LEAF_BLOCKS; slot++) {
            locator(slot, locator);
        }
    }

    int ringPosition() {
        return OS.memory().readInt(address);
    }

    int pins() {
        return OS.memory().readInt(address + Integer.BYTES);
    }

    void ringPosition(int position) {
        OS.memory().writeInt(address, position);
    }

    void pins(int pins) {
        OS.memory().writeInt(address + Integer.BYTES, pins);
    }

    private long slotAddress(int slot) {
        return address + SLOTS_OFFSET + ((long) slot << 3);
    }

    @Override
    public void bytesStore(BytesStore bytesStore, long offset, long length) {
        this.store = bytesStore;
        this.offset = offset;
        this.address = bytesStore.addressForRead(offset);
    }

    @Override
    public BytesStore<?, ?> bytesStore() {
        return store;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public long maxSize() {
        return BYTES;
    }
}
