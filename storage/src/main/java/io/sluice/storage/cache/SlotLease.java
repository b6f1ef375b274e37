package io.sluice.storage.cache;

import io.sluice.storage.crypto.LocalCipher;
import org.jspecify.annotations.Nullable;

/**
 * What a reader takes along when it leaves the lock: which slot, which version of it, and what is needed to check and
 * decrypt some of its blocks. One per thread, reused.
 */
final class SlotLease {
    int slot;
    int version;
    /** Not yet checked as a whole since an unclean stop. */
    boolean unproven;
    /** False when the header of the slot must be read first. */
    boolean described;

    int blockCount;
    /** Of block i of the slot at i, for the blocks that the lease is for. */
    final int[] blockChecks = new int[CacheFormat.SLOT_BLOCKS];

    long nonceBase;

    @Nullable
    LocalCipher cipher;
}
