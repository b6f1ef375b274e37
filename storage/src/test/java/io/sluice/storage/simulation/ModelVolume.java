package io.sluice.storage.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the volume may hold: for each block the changes that were begun, and what is known about when they took effect.
 * Checks every read, and what is found after a crash or in the bucket alone.
 *
 * <p>What is found is a <em>prefix</em> of the write history when some moment T exists such that everything that had taken
 * effect before T is there. T is taken as late as what is found allows: when the latest change of which anything is there
 * began, or the time up to which everything was promised, if that is later.
 */
final class ModelVolume {
    static final int SECTOR_BYTES = 512;
    static final int BLOCK_SECTORS = BlockHistory.SECTORS;

    private final List<BlockHistory> blocks = new ArrayList<>();
    private final int sectorsMax;
    private long now;
    private long stamps;
    private long lastResolvedAt;
    /** Everything acknowledged before is on the local disk for certain. */
    private long onDiskBefore;
    /** Everything acknowledged before is in the bucket for certain. */
    private long inBucketBefore;

    /** All zeros; can grow to {@code sectorsMax}. */
    ModelVolume(int sectorsMax) {
        this(sectorsMax, new long[sectorsMax], 0, 0);
    }

    private ModelVolume(int sectorsMax, long[] content, long now, long stamps) {
        this.sectorsMax = sectorsMax;
        this.now = now;
        this.stamps = stamps;
        for (int block = 0; block < sectorsMax / BLOCK_SECTORS; block++) {
            blocks.add(new BlockHistory(this, block));
        }
        settle(content);
    }

    /**
     * Another volume that holds {@code found} now, in bucket and on disk: what a second gateway goes on with. Their stamps are
     * told apart.
     */
    ModelVolume fork(long[] found) {
        long[] content = new long[sectorsMax];
        System.arraycopy(found, 0, content, 0, found.length);
        return new ModelVolume(sectorsMax, content, ++now, stamps + (1L << 32));
    }

    /** The time of an event. */
    long tick() {
        return ++now;
    }

    /** So many stamps that nobody used; the first of them. */
    long freshStamps(int count) {
        stamps += count;
        return stamps - count + 1;
    }

    Change begin(Change.Kind kind, int from, int count, long stamp, int source) {
        Change change = new Change(kind, from, count, stamp, source, ++now);
        for (int block = from / BLOCK_SECTORS; block * BLOCK_SECTORS < from + count; block++) {
            blocks.get(block).began(change);
        }
        return change;
    }

    void succeeded(Change change, Change.Safety how) {
        change.succeed(++now, how);
    }

    void failed(Change change) {
        change.over(++now);
    }

    boolean mayHaveHeld(Change copy, int sector, long value) {
        boolean exact = copy.beganAt() >= lastResolvedAt;
        return blocks.get(sector / BLOCK_SECTORS).mayHaveHeld(sector, value, copy.beganAt(), copy.endedAt(), exact);
    }

    /** A flush that began at {@code beganAt} was acknowledged. */
    void onDisk(long beganAt) {
        onDiskBefore = Math.max(onDiskBefore, beganAt);
    }

    /** A drain, or a flush to the bucket, that began at {@code beganAt} was acknowledged. */
    void inBucket(long beganAt) {
        inBucketBefore = Math.max(inBucketBefore, beganAt);
        onDisk(beganAt);
    }

    /** A read from {@code beganAt} on gave {@code found}: why that is wrong, or null. */
    @Nullable
    String read(long[] found, int from, long beganAt) {
        return look(found, from, beganAt, ++now, null, true);
    }

    /** Whether a read from {@code beganAt} on may give {@code values}: why not, or null. Proves nothing. */
    @Nullable
    String mayRead(long[] values, int from, long beganAt) {
        return look(values, from, beganAt, ++now, null, false);
    }

    /** The process died: why what is found is wrong, or null. What is right counts from now on. */
    @Nullable
    String foundAfterProcessDeath(long[] found) {
        long at = ++now;
        String wrong = look(found, 0, at, at, null, false);
        if (wrong == null) {
            resolve(found, at);
        }
        return wrong;
    }

    /** The machine lost power. */
    @Nullable
    String foundAfterPowerLoss(long[] found) {
        String wrong = prefix(found, onDiskBefore, Change.Safety.ON_DISK);
        if (wrong == null) {
            resolve(found, horizon(found, onDiskBefore, now));
            onDiskBefore = now;
        }
        return wrong;
    }

    /** The disk is gone: the bucket is all there is. */
    @Nullable
    String foundAfterLossOfTheDisk(long[] found) {
        String wrong = foundInBucket(found);
        if (wrong == null) {
            settle(found);
        }
        return wrong;
    }

    /** What the bucket alone holds, at this moment: why it is wrong, or null. Changes nothing. */
    @Nullable
    String foundInBucket(long[] found) {
        return prefix(found, inBucketBefore, Change.Safety.IN_BUCKET);
    }

    private @Nullable String prefix(long[] found, long floor, Change.Safety kept) {
        long at = ++now;
        return look(found, 0, horizon(found, floor, at), at, kept, false);
    }

    private long horizon(long[] found, long floor, long at) {
        long horizon = floor;
        for (int sector = 0; sector < found.length; sector++) {
            long began = blocks.get(sector / BLOCK_SECTORS).earliestBegin(sector, found[sector], at);
            if (began != Change.NEVER) {
                horizon = Math.max(horizon, began);
            }
        }
        return horizon;
    }

    private @Nullable String look(
            long[] found, int from, long beganAt, long at, Change.@Nullable Safety kept, boolean seen) {
        int end = from + found.length;
        for (int sector = from; sector < end; ) {
            int block = sector / BLOCK_SECTORS;
            int blockEnd = Math.min(end, (block + 1) * BLOCK_SECTORS);
            String wrong = blocks.get(block).look(sector, blockEnd, found, sector - from, beganAt, at, kept, seen);
            if (wrong != null) {
                return wrong + " (the look counts from " + beganAt + " on)\n    history of block " + block + ":"
                        + blocks.get(block).history() + sources(block);
            }
            sector = blockEnd;
        }
        return null;
    }

    /** The histories of what was copied into {@code block}. */
    private String sources(int block) {
        StringBuilder text = new StringBuilder();
        for (Change copy : blocks.get(block).copies()) {
            int from = Math.max(copy.from(), block * BLOCK_SECTORS);
            int source = (copy.source() + from - copy.from()) / BLOCK_SECTORS;
            for (int i = source; i <= source + 1 && i < blocks.size(); i++) {
                text.append("\n    source block ")
                        .append(i)
                        .append(":")
                        .append(blocks.get(i).history());
            }
        }
        return text.toString();
    }

    private void resolve(long[] found, long surviving) {
        long at = ++now;
        for (int block = 0; block * BLOCK_SECTORS < found.length; block++) {
            blocks.get(block).resolve(found, block * BLOCK_SECTORS, surviving, at);
        }
        lastResolvedAt = at;
    }

    /** Holds {@code found} now, and all of that is in the bucket and on disk. */
    void settle(long[] found) {
        long[] content = found;
        if (found.length < sectorsMax) {
            content = new long[sectorsMax];
            System.arraycopy(found, 0, content, 0, found.length);
        }
        Change initial = new Change(Change.Kind.INITIAL, 0, sectorsMax, 0, 0, 0);
        initial.succeed(0, Change.Safety.IN_BUCKET);
        for (int block = 0; block < blocks.size(); block++) {
            blocks.get(block).settle(content, block * BLOCK_SECTORS, initial);
        }
        inBucket(++now);
        lastResolvedAt = now;
    }
}
