package io.sluice.storage.inspection;

import io.sluice.storage.format.Locator;
import io.sluice.storage.segment.SegmentHeader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Walks the newest mapping once, for a batch of segments: which blocks stand in segments that are missing or damaged, and
 * whether the locators of the others name frames and slots that exist and hold these blocks.
 *
 * <p>Confined to the view's lane.
 */
final class MappingCheck {
    private final BucketVolume view;
    private final MappingReader reader;
    private final CheckProgress progress;
    /** Frames of the batch's segments. */
    private final Map<Long, List<SegmentHeader.Frame>> frames = new HashMap<>();

    private final Map<Long, CheckFinding.Blocks> suspects = new TreeMap<>();
    private final Map<Long, CheckFinding.Blocks> wrong = new TreeMap<>();
    private long framesBlocks;
    private long mappedBlocks;
    private long knownSegment = -1;
    private @Nullable List<SegmentHeader.Frame> knownFrames;

    MappingCheck(BucketVolume view, CheckProgress progress) {
        this.view = view;
        this.reader = new MappingReader(view);
        this.progress = progress;
    }

    /** The locators that name this segment are to be compared with its frames. */
    void compareWith(SegmentHeader header) {
        frames.put(header.number(), header.frames());
        framesBlocks += header.blockCount();
    }

    /** The blocks that stand in this segment are to be gathered. */
    void gather(long segment) {
        CheckFinding.Blocks unused = suspects.computeIfAbsent(segment, number -> new CheckFinding.Blocks());
    }

    /** Blocks of the segments to compare with. */
    long framesBlocks() {
        return framesBlocks;
    }

    /** Blocks of the volume that stand in segments. */
    long mappedBlocks() {
        return mappedBlocks;
    }

    /** Blocks that stand in segments that were gathered, by segment. */
    Map<Long, CheckFinding.Blocks> suspects() {
        return suspects;
    }

    /** Blocks whose locators name no place that holds them, by segment. */
    Map<Long, CheckFinding.Blocks> wrong() {
        return wrong;
    }

    CompletableFuture<Void> run() {
        return from(0);
    }

    private CompletableFuture<Void> from(long block) {
        if (block >= view.blocks()) {
            return CompletableFuture.completedFuture(null);
        }
        return reader.read(block, MappingReader.SECTION_BLOCKS)
                .thenComposeAsync(
                        section -> {
                            take(section);
                            progress.at("mapping", section.endBlock(), view.blocks());
                            return from(section.endBlock());
                        },
                        view.lane());
    }

    private void take(MappedSection section) {
        long[] locators = section.locators();
        for (int i = 0; i < locators.length; i++) {
            if (Locator.isSegment(locators[i])) {
                mappedBlocks++;
                takeBlock(section.firstBlock() + i, locators[i]);
            }
        }
    }

    private void takeBlock(long block, long locator) {
        long segment = Locator.segmentNumber(locator);
        if (segment != knownSegment) {
            knownSegment = segment;
            knownFrames = frames.get(segment);
        }
        CheckFinding.Blocks suspect = knownFrames == null ? suspects.get(segment) : null;
        if (suspect != null) {
            suspect.add(block, 1);
        } else if (segment > view.lastSegment() || (knownFrames != null && !holds(knownFrames, block, locator))) {
            wrong.computeIfAbsent(segment, number -> new CheckFinding.Blocks()).add(block, 1);
        }
    }

    private static boolean holds(List<SegmentHeader.Frame> frames, long block, long locator) {
        int low = 0;
        int high = frames.size() - 1;
        int offset = Locator.frameOffsetBytes(locator);
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (frames.get(middle).offsetBytes() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        if (frames.isEmpty()) {
            return false;
        }
        SegmentHeader.Frame frame = frames.get(low);
        int slot = Locator.slot(locator);
        return frame.offsetBytes() == offset
                && frame.storedBytes() == Locator.frameStoredBytes(locator)
                && slot < frame.lbas().length
                && (Locator.isShared(locator) || frame.lbas()[slot] == block);
    }
}
