package io.sluice.storage.index;

import net.openhft.chronicle.bytes.Byteable;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.core.OS;

/**
 * A leaf number as Chronicle Map wants its keys: eight bytes of memory of its own, which nobody else ever sees. Public
 * only because Chronicle Map creates instances by reflection. Confined to the holder of its stripe.
 */
@SuppressWarnings("rawtypes") // Byteable's own signature is raw.
public final class LeafKey implements Byteable {
    private BytesStore store;
    private long offset;
    private long address;

    /** Leaf 0. */
    public LeafKey() {
        store = BytesStore.nativeStoreWithFixedCapacity(Long.BYTES);
        offset = 0;
        address = store.addressForRead(0);
    }

    void set(long leaf) {
        OS.memory().writeLong(address, leaf);
    }

    long get() {
        return OS.memory().readLong(address);
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
        return Long.BYTES;
    }
}
