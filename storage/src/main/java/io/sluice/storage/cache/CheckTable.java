package io.sluice.storage.cache;

import io.sluice.storage.crypto.LocalCipher;
import org.jspecify.annotations.Nullable;

/**
 * Block checks and nonces of slots in memory, so that a hit costs one read of the disk and not two. All checks of all
 * slots would be 1 GiB for a cache of 1 TiB; so this is a direct-mapped table of at most {@link #ENTRIES_MAX} entries of
 * about 150 bytes (40 MB, enough for 33 GiB of cache), in pages that are made when they are needed; for what is not here
 * the header of the slot on disk is read. Not thread-safe.
 *
 * <p>Invariant: an entry speaks for one version of one slot; with another version it is as good as absent.
 */
final class CheckTable {
    static final int ENTRIES_MAX = 1 << 18;

    private static final int PAGE_SHIFT = 8;
    private static final int PAGE_ENTRIES = 1 << PAGE_SHIFT;

    private final @Nullable Page[] pages = new Page[ENTRIES_MAX >> PAGE_SHIFT];

    /** Fills in what {@code lease} needs for {@code count} blocks from {@code block} on; false when it is not known. */
    boolean describe(SlotLease lease, int block, int count) {
        Page page = pages[(lease.slot & (ENTRIES_MAX - 1)) >> PAGE_SHIFT];
        int entry = lease.slot & (PAGE_ENTRIES - 1);
        if (page == null || page.slots[entry] != lease.slot + 1 || page.versions[entry] != lease.version) {
            return false;
        }
        lease.blockCount = page.blockCounts[entry];
        lease.nonceBase = page.nonceBases[entry];
        lease.cipher = page.ciphers[entry];
        System.arraycopy(page.checks, entry * CacheFormat.SLOT_BLOCKS + block, lease.blockChecks, block, count);
        return true;
    }

    /** Remembers the header of {@code version} of its slot. */
    void put(SlotHeader header, int version, LocalCipher cipher) {
        int pageNumber = (header.slot() & (ENTRIES_MAX - 1)) >> PAGE_SHIFT;
        Page page = pages[pageNumber];
        if (page == null) {
            page = new Page();
            pages[pageNumber] = page;
        }
        int entry = header.slot() & (PAGE_ENTRIES - 1);
        page.slots[entry] = header.slot() + 1;
        page.versions[entry] = version;
        page.blockCounts[entry] = (byte) header.blockCount();
        page.nonceBases[entry] = header.nonceBase();
        page.ciphers[entry] = cipher;
        System.arraycopy(header.blockChecks(), 0, page.checks, entry * CacheFormat.SLOT_BLOCKS, header.blockCount());
    }

    /** Entries of 256 slots. */
    private static final class Page {
        private final int[] slots = new int[PAGE_ENTRIES];
        private final int[] versions = new int[PAGE_ENTRIES];
        private final byte[] blockCounts = new byte[PAGE_ENTRIES];
        private final long[] nonceBases = new long[PAGE_ENTRIES];
        private final @Nullable LocalCipher[] ciphers = new LocalCipher[PAGE_ENTRIES];
        private final int[] checks = new int[PAGE_ENTRIES * CacheFormat.SLOT_BLOCKS];
    }
}
