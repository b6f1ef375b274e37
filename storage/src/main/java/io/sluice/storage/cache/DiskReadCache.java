package io.sluice.storage.cache;

import io.sluice.config.ByteSize;
import io.sluice.storage.crypto.LocalCipher;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The read cache in one file of equal slots, a frame in each; FORMAT.md beside this class has the bytes.
 *
 * <pre>
 *  open --directory read--> READY --close--> CLOSED (directory written)
 *    |                        ^
 *    +--unclean stop--> SCANNING --close--> CLOSED (no directory: the next start scans again)
 *    +--no space, no file, capacity 0--> EMPTY for ever
 *  SCANNING, READY --16 disk errors, a full disk not counted--> SWITCHED OFF: everything misses
 * </pre>
 *
 * <p>Invariants:
 * <ol>
 *   <li>A read returns bytes of the frame asked for or nothing ({@link SlotReader} says how).
 *   <li>Nothing here throws because of the disk.
 *   <li>A nonce is used for one content only ({@link RunCiphers} says how).
 *   <li>The directory exists only while no cache is open: it can never be older than the slots.
 *   <li>Memory: about 45 bytes per slot of 132 KiB, at most 40 MB of block checks, 32 MiB of frames being written, besides those that were lent.
 * </ol>
 */
public final class DiskReadCache implements ReadCache {
    private static final Logger LOG = LoggerFactory.getLogger(DiskReadCache.class);

    /** Slots looked at under one hold of the lock. */
    private static final int DROP_STEP_SLOTS = 1 << 16;

    private final CacheFaults faults;
    private final long capacityBytes;
    private final @Nullable Parts parts;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    private DiskReadCache(CacheFaults faults, long capacityBytes, @Nullable Parts parts) {
        this.faults = faults;
        this.capacityBytes = capacityBytes;
        this.parts = parts;
    }

    /** What works together while the cache has a file. */
    private record Parts(
            CacheCore core, SlotFiller filler, SlotReader reader, SlotScan scan, CacheDirectory directory) {}

    /**
     * Opens the cache of {@code volume} on {@code disk}, or begins one. Never fails: with a disk that does not work, or
     * with {@code capacity} below one frame, the cache stores nothing. {@code ciphers} gives the cipher for a salt of 16
     * bytes.
     */
    public static DiskReadCache open(
            LocalDisk disk,
            UUID volume,
            ByteSize capacity,
            Function<byte[], LocalCipher> ciphers,
            EngineRuntime runtime) {
        CacheFaults faults = new CacheFaults(disk.describe());
        int capacitySlots = CacheFormat.slotsIn(capacity.bytes());
        try {
            if (capacitySlots == 0) {
                deleteFiles(disk);
                return new DiskReadCache(faults, capacity.bytes(), null);
            }
            Parts parts = openParts(disk, volume, capacitySlots, new RunCiphers(ciphers), faults, runtime);
            return new DiskReadCache(faults, capacity.bytes(), parts);
        } catch (IOException error) {
            faults.disable(error.toString());
            return new DiskReadCache(faults, capacity.bytes(), null);
        }
    }

    private static Parts openParts(
            LocalDisk disk,
            UUID volume,
            int capacitySlots,
            RunCiphers ciphers,
            CacheFaults faults,
            EngineRuntime runtime)
            throws IOException {
        SlotHeaderCodec codec = new SlotHeaderCodec(volume);
        SlotFile file = SlotFile.open(disk, volume, codec, capacitySlots);
        CacheCore core = new CacheCore(file, codec, ciphers, faults);
        CacheDirectory directory = new CacheDirectory(disk, volume);
        Lane lane = runtime.blockingLane("read-cache");
        Lane background = runtime.backgroundLane("read-cache-background");
        int slots = file.slotCount();
        core.slots.grow(slots);
        boolean clean = directory.load(core.slots);
        SlotScan scan = new SlotScan(core, background, clean ? 0 : slots);
        LOG.info(
                "read cache in {}: {}, {} of {} frames",
                disk.describe(),
                clean ? "warm" : "scanning " + slots + " slots beside the work",
                core.slots.usedCount(),
                capacitySlots);
        SlotFiller filler =
                new SlotFiller(core, lane, background, runtime.entropy().bytes(CacheFormat.SALT_BYTES));
        scan.start();
        return new Parts(core, filler, new SlotReader(core, filler), scan, directory);
    }

    private static void deleteFiles(LocalDisk disk) throws IOException {
        for (String name : new String[] {CacheFormat.DIRECTORY_NAME, CacheFormat.SLOTS_NAME}) {
            if (disk.exists(name)) {
                disk.delete(name);
            }
        }
    }

    @Override
    public boolean read(long frameKey, int slot, int from, ByteBuffer destination) {
        Invariant.check(slot >= 0 && slot < CacheFormat.SLOT_BLOCKS, "slot of a frame", slot, frameKey);
        Invariant.check(
                from >= 0
                        && from < CacheFormat.BLOCK_BYTES
                        && from + destination.remaining() <= (CacheFormat.SLOT_BLOCKS - slot) * CacheFormat.BLOCK_BYTES,
                "range within a frame",
                from,
                destination.remaining());
        boolean hit = parts != null && parts.reader().read(frameKey, slot, from, destination);
        (hit ? hits : misses).increment();
        return hit;
    }

    @Override
    public boolean contains(long frameKey) {
        if (parts == null || faults.disabled()) {
            return false;
        }
        CacheCore core = parts.core();
        core.lock.lock();
        try {
            return !core.closed && (core.pending.contains(frameKey) || core.slots.contains(frameKey));
        } finally {
            core.lock.unlock();
        }
    }

    @Override
    public void insert(long frameKey, ByteBuffer blocks, Origin priority) {
        requireFrame(frameKey, blocks);
        if (parts != null) {
            parts.filler().insert(frameKey, blocks, priority);
        }
    }

    @Override
    public void lend(long frameKey, ByteBuffer blocks, Origin priority, Runnable letGo) {
        requireFrame(frameKey, blocks);
        if (parts != null) {
            parts.filler().lend(frameKey, blocks, priority, letGo);
        } else {
            letGo.run();
        }
    }

    private static void requireFrame(long frameKey, ByteBuffer blocks) {
        int bytes = blocks.remaining();
        Invariant.check(
                bytes > 0
                        && bytes % CacheFormat.BLOCK_BYTES == 0
                        && bytes <= CacheFormat.SLOT_BLOCKS * CacheFormat.BLOCK_BYTES,
                "length of a frame",
                bytes,
                frameKey);
        Invariant.check(frameKey != 0, "frame key 0");
    }

    @Override
    public void dropSegments(Set<Long> segments) {
        if (parts == null || segments.isEmpty()) {
            return;
        }
        CacheCore core = parts.core();
        int from = 0;
        int[] withdrawn = new int[0];
        boolean more = true;
        while (more) {
            int start = from;
            SlotCollector collector = new SlotCollector(withdrawn);
            core.lock.lock();
            try {
                core.pending.cancel(segments);
                parts.scan().drop(segments);
                core.slots.withdraw(segments, start, start + DROP_STEP_SLOTS, collector::add);
                from = start + DROP_STEP_SLOTS;
                more = from < core.slots.slotCount();
            } finally {
                core.lock.unlock();
            }
            withdrawn = collector.slots();
        }
        parts.filler().empty(withdrawn);
    }

    @Override
    public long usedBytes() {
        if (parts == null) {
            return 0;
        }
        CacheCore core = parts.core();
        core.lock.lock();
        try {
            return (long) core.slots.usedCount() * CacheFormat.SLOT_BYTES;
        } finally {
            core.lock.unlock();
        }
    }

    @Override
    public long capacityBytes() {
        return capacityBytes;
    }

    @Override
    public long hits() {
        return hits.sum();
    }

    @Override
    public long misses() {
        return misses.sum();
    }

    /** Frames that were offered and found no place: the queue was full, or the disk. */
    public long droppedFrames() {
        return parts == null ? 0 : parts.filler().droppedFrames();
    }

    /** Slots whose content did not pass its checks. */
    public long corruptedSlots() {
        return faults.corruptedSlots();
    }

    /** Errors of the disk; that it is full is none. */
    public long diskErrors() {
        return faults.errors();
    }

    @Override
    public void close() {
        if (parts == null) {
            return;
        }
        CacheCore core = parts.core();
        core.writing.lock();
        try {
            if (!core.closed) {
                parts.filler().drain();
                markClosed(core);
                finish(parts);
            }
        } finally {
            core.writing.unlock();
        }
    }

    private static void markClosed(CacheCore core) {
        core.lock.lock();
        try {
            core.closed = true;
        } finally {
            core.lock.unlock();
        }
    }

    private void finish(Parts open) {
        try (SlotFile file = open.core().file) {
            if (open.scan().isFinished() && !faults.disabled()) {
                file.sync();
                open.directory().write(open.core().slots);
            }
        } catch (IOException error) {
            LOG.warn("read cache: its directory could not be stored, the next start scans: {}", error.toString());
        }
    }

    /** A growing list of slot numbers. */
    private static final class SlotCollector {
        private int[] slots;
        private int count;

        private SlotCollector(int[] start) {
            slots = start;
            count = start.length;
        }

        private void add(int slot) {
            if (count == slots.length) {
                slots = Arrays.copyOf(slots, Math.max(16, count * 2));
            }
            slots[count++] = slot;
        }

        private int[] slots() {
            return Arrays.copyOf(slots, count);
        }
    }
}
