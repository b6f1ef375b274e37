package net.openhft.chronicle.hash;

import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.values.Copyable;

/**
 * The mutable state in the head of a Chronicle Map's file, as its library would otherwise generate it in source, and
 * compile it with the JDK's compiler, once in the life of every process: about one second of processor time. The library
 * looks for a class of this name, in this package, before it generates one; so it stands here, in a package that is not ours.
 *
 * <pre>
 *    0  allocated bulks of extra tiers (u24)
 *    3  index of the first free tier (u40)
 *    8  extra tiers in use (u40)
 *   13  offset of the segment headers (u32)
 *   17  size of the data store (u63)
 *   25
 * </pre>
 *
 * <p>Little-endian. {@code GlobalStateTest} compares it with what the library generates, so that a new version of the
 * library with another layout does not pass. Not thread-safe: the library holds its own lock.
 */
@SuppressWarnings({"rawtypes", "checkstyle:TypeName", "java:S101"
}) // Byteable's own signature is raw; the name is given.
public final class VanillaGlobalMutableState$$Native
        implements VanillaGlobalMutableState, Copyable<VanillaGlobalMutableState> {
    private static final int BYTES = 25;
    private static final long U24_MAX = (1L << 24) - 1;
    private static final long U32_MAX = (1L << 32) - 1;
    private static final long U40_MAX = (1L << 40) - 1;

    private static final int EXTRA_TIER_BULKS = 0;
    private static final int FIRST_FREE_TIER = 3;
    private static final int EXTRA_TIERS = 8;
    private static final int SEGMENT_HEADERS = 13;
    private static final int DATA_STORE_SIZE = 17;

    private BytesStore store;
    private long offset;

    @Override
    public int getAllocatedExtraTierBulks() {
        return (int) (store.readInt(offset + EXTRA_TIER_BULKS) & U24_MAX);
    }

    @Override
    public void setAllocatedExtraTierBulks(int bulks) {
        requireWithin(bulks, U24_MAX);
        int others = store.readInt(offset + EXTRA_TIER_BULKS) & (int) ~U24_MAX;
        store.writeInt(offset + EXTRA_TIER_BULKS, others | bulks);
    }

    @Override
    public long getFirstFreeTierIndex() {
        return readU40(FIRST_FREE_TIER);
    }

    @Override
    public void setFirstFreeTierIndex(long index) {
        writeU40(FIRST_FREE_TIER, index);
    }

    @Override
    public long getExtraTiersInUse() {
        return readU40(EXTRA_TIERS);
    }

    @Override
    public void setExtraTiersInUse(long tiers) {
        writeU40(EXTRA_TIERS, tiers);
    }

    @Override
    public long getSegmentHeadersOffset() {
        return store.readInt(offset + SEGMENT_HEADERS) & U32_MAX;
    }

    @Override
    public void setSegmentHeadersOffset(long headersOffset) {
        requireWithin(headersOffset, U32_MAX);
        store.writeInt(offset + SEGMENT_HEADERS, (int) headersOffset);
    }

    @Override
    public long getDataStoreSize() {
        return store.readLong(offset + DATA_STORE_SIZE);
    }

    @Override
    public void setDataStoreSize(long bytes) {
        requireWithin(bytes, Long.MAX_VALUE);
        store.writeLong(offset + DATA_STORE_SIZE, bytes);
    }

    @Override
    public long addDataStoreSize(long addition) {
        long sum = getDataStoreSize() + addition;
        if (sum < 0) {
            throw new IllegalStateException(getDataStoreSize() + " + " + addition + " is out of range");
        }
        store.writeLong(offset + DATA_STORE_SIZE, sum);
        return sum;
    }

    private long readU40(int at) {
        return store.readLong(offset + at) & U40_MAX;
    }

    /** The three bytes behind belong to the next field. */
    private void writeU40(int at, long value) {
        requireWithin(value, U40_MAX);
        store.writeLong(offset + at, (store.readLong(offset + at) & ~U40_MAX) | value);
    }

    private static void requireWithin(long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(value + " is not between 0 and " + max);
        }
    }

    @Override
    public void copyFrom(VanillaGlobalMutableState from) {
        setAllocatedExtraTierBulks(from.getAllocatedExtraTierBulks());
        setFirstFreeTierIndex(from.getFirstFreeTierIndex());
        setExtraTiersInUse(from.getExtraTiersInUse());
        setSegmentHeadersOffset(from.getSegmentHeadersOffset());
        setDataStoreSize(from.getDataStoreSize());
    }

    @Override
    public void bytesStore(BytesStore bytesStore, long at, long length) {
        if (length != BYTES) {
            throw new IllegalArgumentException("the state has " + BYTES + " bytes, not " + length);
        }
        store = bytesStore;
        offset = at;
    }

    @Override
    public BytesStore bytesStore() {
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
