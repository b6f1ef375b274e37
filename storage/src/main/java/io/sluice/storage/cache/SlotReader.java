package io.sluice.storage.cache;

import io.sluice.storage.crypto.LocalCipher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads blocks out of slots, on the reader's own thread.
 *
 * <p>A slot may be given to another frame while it is read. So a reader leases (slot, version) under the lock, reads
 * without it, and believes the bytes only when (1) the version is still the same, so that no other frame was written
 * there before the read had ended, and (2) each block's CRC32C is the one of the slot's header, which was itself checked
 * for the frame's key. After an unclean stop (3) the first reader of a slot checks all its blocks and the CRC-32 over
 * them: a slot torn by a power loss has to pass 64 bits of checks, not 32. Thread-safe.
 */
final class SlotReader {
    /** AES block: what is decrypted starts at a multiple of it. */
    private static final int CIPHER_UNIT_BYTES = 16;

    private final CacheCore core;
    private final SlotFiller filler;
    private final ThreadLocal<Scratch> scratches = ThreadLocal.withInitial(Scratch::new);

    SlotReader(CacheCore core, SlotFiller filler) {
        this.core = core;
        this.filler = filler;
    }

    /** Buffers of one reading thread. */
    private static final class Scratch {
        private final SlotLease lease = new SlotLease();
        private final ByteBuffer stored = ByteBuffer.allocateDirect(CacheFormat.SLOT_BLOCKS * CacheFormat.BLOCK_BYTES);
        private final ByteBuffer checked = stored.duplicate();
        private final CRC32C crc = new CRC32C();
        /** For a read that begins within an AES block. */
        private final ByteBuffer first = ByteBuffer.allocate(CIPHER_UNIT_BYTES);

        private @Nullable SlotImage image;

        /** As {@link CacheFormat#checkOf}, of the {@code i}-th block of what was read. */
        int check(int i) {
            int start = i * CacheFormat.BLOCK_BYTES;
            crc.reset();
            crc.update(checked.limit(start + CacheFormat.BLOCK_BYTES).position(start));
            return (int) crc.getValue();
        }

        private SlotImage image(SlotHeaderCodec codec) {
            SlotImage made = image;
            if (made == null) {
                made = new SlotImage(codec);
                image = made;
            }
            return made;
        }
    }

    /** As {@link ReadCache#read}. */
    boolean read(long frameKey, int block, int from, ByteBuffer destination) {
        Scratch scratch = scratches.get();
        int count = (from + destination.remaining() + CacheFormat.BLOCK_BYTES - 1) / CacheFormat.BLOCK_BYTES;
        core.lock.lock();
        try {
            if (core.closed || core.faults.disabled()) {
                return false;
            }
            if (core.pending.read(frameKey, block, from, destination)) {
                return true;
            }
            if (!core.slots.lease(frameKey, block, count, scratch.lease)) {
                return false;
            }
        } finally {
            core.lock.unlock();
        }
        if (!readStored(frameKey, block, count, scratch)) {
            return false;
        }
        decrypt(block, from, destination, scratch);
        return true;
    }

    /** Reads and checks blocks of the leased slot. */
    private boolean readStored(long frameKey, int block, int count, Scratch scratch) {
        SlotLease lease = scratch.lease;
        try {
            if (!isReady(frameKey, scratch)) {
                spoil(lease);
                return false;
            }
            if (block + count > lease.blockCount) {
                return false;
            }
            core.file.readBlocks(lease.slot, block, count, scratch.stored);
        } catch (IOException error) {
            failed(lease, error);
            return false;
        }
        if (!isStillHere(lease)) {
            return false;
        }
        if (!areGood(block, count, scratch)) {
            spoil(lease);
            return false;
        }
        return true;
    }

    private static boolean areGood(int block, int count, Scratch scratch) {
        for (int i = 0; i < count; i++) {
            if (scratch.check(i) != scratch.lease.blockChecks[block + i]) {
                return false;
            }
        }
        return true;
    }

    /** False when the slot does not hold what the index says. */
    private boolean isReady(long frameKey, Scratch scratch) throws IOException {
        SlotLease lease = scratch.lease;
        if (lease.described && !lease.unproven) {
            return true;
        }
        SlotHeader header = core.file.readHeader(lease.slot, scratch.stored);
        if (header == null || header.frameKey() != frameKey) {
            return false;
        }
        if (lease.unproven && !isWhole(header, scratch)) {
            return false;
        }
        remember(lease, header);
        lease.cipher = core.ciphers.of(header.salt());
        lease.nonceBase = header.nonceBase();
        lease.blockCount = header.blockCount();
        System.arraycopy(header.blockChecks(), 0, lease.blockChecks, 0, header.blockCount());
        return true;
    }

    private boolean isWhole(SlotHeader header, Scratch scratch) throws IOException {
        SlotImage image = scratch.image(core.codec);
        core.file.readImage(header.slot(), image.room(header.blockCount()));
        return image.matches(header);
    }

    private void remember(SlotLease lease, SlotHeader header) {
        core.lock.lock();
        try {
            core.slots.describe(lease, core.ciphers, header);
            core.slots.prove(lease);
        } finally {
            core.lock.unlock();
        }
    }

    private boolean isStillHere(SlotLease lease) {
        core.lock.lock();
        try {
            return core.slots.holds(lease);
        } finally {
            core.lock.unlock();
        }
    }

    private static void decrypt(int block, int from, ByteBuffer destination, Scratch scratch) {
        LocalCipher cipher = Objects.requireNonNull(scratch.lease.cipher);
        long nonce = scratch.lease.nonceBase + block;
        ByteBuffer stored = scratch.stored;
        int end = from + destination.remaining();
        int skipped = from % CIPHER_UNIT_BYTES;
        if (skipped > 0) {
            ByteBuffer first = scratch.first.clear();
            int start = from - skipped;
            cipher.apply(nonce, start, stored.limit(start + CIPHER_UNIT_BYTES).position(start), first);
            first.flip().position(skipped);
            destination.put(first.limit(Math.min(CIPHER_UNIT_BYTES, end - start)));
        }
        if (destination.hasRemaining()) {
            int start = end - destination.remaining();
            cipher.apply(
                    nonce + start / CacheFormat.BLOCK_BYTES,
                    start % CacheFormat.BLOCK_BYTES,
                    stored.limit(end).position(start),
                    destination);
        }
    }

    /** The slot changed under the reader (nothing to do), or its content is damaged: then it is emptied. */
    private void spoil(SlotLease lease) {
        core.lock.lock();
        try {
            if (!core.slots.holds(lease)) {
                return;
            }
            core.slots.withdraw(lease.slot);
        } finally {
            core.lock.unlock();
        }
        core.faults.corrupted(lease.slot);
        filler.empty(new int[] {lease.slot});
    }

    /** The disk failed: the slot is never used again. */
    private void failed(SlotLease lease, IOException error) {
        core.lock.lock();
        try {
            if (core.closed || !core.slots.holds(lease)) {
                return;
            }
            core.slots.withdraw(lease.slot);
        } finally {
            core.lock.unlock();
        }
        core.faults.failed("reading failed", error);
    }
}
