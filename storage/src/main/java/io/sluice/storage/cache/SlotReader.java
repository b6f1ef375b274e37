package io.sluice.storage.cache;

import io.sluice.storage.crypto.LocalCipher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads blocks out of slots, on the reader's own thread.
 *
 * <p>A slot may be given to another frame while it is read. So a reader leases (slot, version) under the lock, reads
 * without it, and believes the bytes only when (1) the version is still the same, so that no other frame was written
 * there before the read had ended, and (2) the block's CRC32C is the one of the slot's header, which was itself checked
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
        private final ByteBuffer stored = ByteBuffer.allocateDirect(CacheFormat.BLOCK_BYTES);
        private final ByteBuffer plain = ByteBuffer.allocateDirect(CacheFormat.BLOCK_BYTES);
        private @Nullable SlotImage image;

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
        core.lock.lock();
        try {
            if (core.closed || core.faults.disabled()) {
                return false;
            }
            if (core.pending.read(frameKey, block, from, destination)) {
                return true;
            }
            if (!core.slots.lease(frameKey, block, scratch.lease)) {
                return false;
            }
        } finally {
            core.lock.unlock();
        }
        return readSlot(frameKey, block, from, destination, scratch);
    }

    private boolean readSlot(long frameKey, int block, int from, ByteBuffer destination, Scratch scratch) {
        SlotLease lease = scratch.lease;
        try {
            if (!isReady(frameKey, block, scratch)) {
                spoil(lease);
                return false;
            }
            if (block >= lease.blockCount) {
                return false;
            }
            core.file.readBlock(lease.slot, block, scratch.stored);
        } catch (IOException error) {
            failed(lease, error);
            return false;
        }
        if (!isStillHere(lease)) {
            return false;
        }
        if (CacheFormat.checkOf(scratch.stored, 0, CacheFormat.BLOCK_BYTES) != lease.blockCheck) {
            spoil(lease);
            return false;
        }
        decrypt(block, from, destination, scratch);
        return true;
    }

    /** False when the slot does not hold what the index says. */
    private boolean isReady(long frameKey, int block, Scratch scratch) throws IOException {
        SlotLease lease = scratch.lease;
        if (lease.described && !lease.unproven) {
            return true;
        }
        SlotHeader header = core.file.readHeader(lease.slot, scratch.plain);
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
        lease.blockCheck = block < header.blockCount() ? header.blockChecks()[block] : 0;
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
        int length = destination.remaining();
        int start = from - from % CIPHER_UNIT_BYTES;
        ByteBuffer stored = scratch.stored.duplicate();
        stored.limit(from + length).position(start);
        ByteBuffer plain = scratch.plain.clear();
        cipher.apply(scratch.lease.nonceBase + block, start, stored, plain);
        plain.flip().position(from - start);
        destination.put(plain);
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
