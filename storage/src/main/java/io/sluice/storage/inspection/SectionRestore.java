package io.sluice.storage.inspection;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.segment.OpenedFrame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Fills one section of an image: blocks that the target holds already are left alone, the others are read frame by frame
 * and put as runs. Confined to the view's lane.
 */
final class SectionRestore {
    private final BucketVolume view;
    private final MappedSection section;
    private final RestoreTarget.Section target;
    private final long[] ended;
    /** Blocks of the section that wait for a frame, by its key, ascending. */
    private final Map<Long, List<Integer>> waiting = new HashMap<>();

    private final List<BlockDamage> damaged = new ArrayList<>();
    private @Nullable Throwable failure;
    private boolean filled;
    private long bytesWritten;
    private long bytesThere;

    SectionRestore(BucketVolume view, MappedSection section, RestoreTarget.Section target) {
        this.view = view;
        this.section = section;
        this.target = target;
        this.ended = section.locators().clone();
    }

    long firstBlock() {
        return section.firstBlock();
    }

    long endBlock() {
        return section.endBlock();
    }

    boolean isFilled() {
        return filled;
    }

    /** Blocks that could not be read, in order. */
    List<BlockDamage> damaged() {
        return damaged;
    }

    long bytesWritten() {
        return bytesWritten;
    }

    long bytesThere() {
        return bytesThere;
    }

    /** Puts everything that can be read; fails when the store cannot be asked. */
    CompletableFuture<Void> fill(FrameReader frames) throws IOException {
        plan();
        damaged.addAll(section.unreadable());
        long[] keys = waiting.keySet().stream().mapToLong(Long::longValue).toArray();
        return frames.read(keys, this::take).thenCompose(done -> {
            filled = true;
            sortDamaged();
            return failure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.<Void>failedFuture(failure);
        });
    }

    private void plan() throws IOException {
        long[] locators = section.locators();
        long[] standing = target.standing();
        int zerosFrom = -1;
        for (int at = 0; at < locators.length; at++) {
            boolean isThere = standing[at] == locators[at] && locators[at] != Locator.UNKNOWN;
            boolean zero = Locator.isZero(locators[at]) && !isThere;
            if (zero && zerosFrom < 0) {
                zerosFrom = at;
            } else if (!zero && zerosFrom >= 0) {
                target.zero(zerosFrom, at - zerosFrom);
                zerosFrom = -1;
            }
            if (Locator.isSegment(locators[at])) {
                if (isThere) {
                    bytesThere += BlockGeometry.BLOCK_BYTES;
                } else {
                    waiting.computeIfAbsent(Locator.frameKey(locators[at]), key -> new ArrayList<>())
                            .add(at);
                }
            }
        }
        if (zerosFrom >= 0) {
            target.zero(zerosFrom, locators.length - zerosFrom);
        }
    }

    private void take(long key, @Nullable OpenedFrame frame, @Nullable Throwable why) {
        List<Integer> blocks = waiting.getOrDefault(key, List.of());
        if (frame == null) {
            Throwable cause = Failures.unwrap(why == null ? new IllegalStateException("no frame") : why);
            if (MappingReader.isDamage(cause)) {
                blocks.forEach(at -> damage(at, cause));
            } else {
                failure = cause;
            }
            return;
        }
        try {
            put(frame, blocks);
        } catch (IOException targetFailed) {
            throw new UncheckedIOException(targetFailed);
        }
    }

    /** Neighbouring blocks in neighbouring slots are put as one. */
    private void put(OpenedFrame frame, List<Integer> blocks) throws IOException {
        int i = 0;
        while (i < blocks.size()) {
            int first = blocks.get(i);
            if (!holds(frame, first)) {
                damage(
                        first,
                        new IOException("the mapping says " + Locator.describe(section.locators()[first])
                                + ", the frame there does not hold the block"));
                i++;
                continue;
            }
            int count = 1;
            while (i + count < blocks.size()
                    && blocks.get(i + count) == first + count
                    && slot(first + count) == slot(first) + count
                    && holds(frame, first + count)) {
                count++;
            }
            target.write(
                    first,
                    frame.blocks().slice(slot(first) * BlockGeometry.BLOCK_BYTES, count * BlockGeometry.BLOCK_BYTES));
            bytesWritten += (long) count * BlockGeometry.BLOCK_BYTES;
            i += count;
        }
    }

    private int slot(int at) {
        return Locator.slot(section.locators()[at]);
    }

    private boolean holds(OpenedFrame frame, int at) {
        int slot = slot(at);
        return slot < frame.lbas().length
                && (Locator.isShared(section.locators()[at]) || frame.lbas()[slot] == section.firstBlock() + at);
    }

    private void damage(int at, Throwable why) {
        damaged.add(new BlockDamage(
                section.firstBlock() + at,
                1,
                view.names().segment(Locator.segmentNumber(section.locators()[at])),
                MappingReader.reason(why),
                why));
    }

    private void sortDamaged() {
        damaged.sort(java.util.Comparator.comparingLong(BlockDamage::firstBlock));
        List<BlockDamage> merged = new ArrayList<>();
        for (BlockDamage next : damaged) {
            int last = merged.size() - 1;
            if (last >= 0 && merged.get(last).isContinuedBy(next)) {
                merged.set(last, merged.get(last).with(next));
            } else {
                merged.add(next);
            }
        }
        damaged.clear();
        damaged.addAll(merged);
    }

    /** Zeros where nothing could be read; a later pass asks for these blocks again. */
    void zeroDamaged() throws IOException {
        for (BlockDamage damage : damaged) {
            int at = Math.toIntExact(damage.firstBlock() - section.firstBlock());
            int count = Math.toIntExact(damage.count());
            target.zero(at, count);
            Arrays.fill(ended, at, at + count, Locator.UNKNOWN);
        }
    }

    void end() throws IOException {
        target.end(ended);
    }
}
