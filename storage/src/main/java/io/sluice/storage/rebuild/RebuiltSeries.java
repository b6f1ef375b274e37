package io.sluice.storage.rebuild;

import io.sluice.storage.checkpoint.SeriesFold;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The segments that count, for the fold, which asks for their headers once per window of the address space. They are kept in
 * memory while they are few, and read again when they are many. Confined to the survey's lane.
 */
final class RebuiltSeries implements SeriesFold.Series {
    /** Blocks whose numbers are kept in headers: about 16 bytes each with what is around them. */
    private static final long BLOCKS_KEPT_MAX = 16L << 20;

    private final SegmentSurvey survey;
    private final SeriesJudge judge;
    private final List<SegmentSurvey.Listed> counted = new ArrayList<>();
    private final List<SegmentReading> cut = new ArrayList<>();
    private final List<SegmentHeader> kept = new ArrayList<>();
    private final Set<Long> ofJudge = new HashSet<>();
    private long keptBlocks;
    private long listed;
    private long endBlock;
    private @Nullable SegmentHeader lastReadable;

    private RebuiltSeries(
            SegmentSurvey survey, long greatest, long committed, boolean gapsEnd, RebuildOptions.Tail tail) {
        this.survey = survey;
        this.judge = new SeriesJudge(greatest, committed, gapsEnd, tail, this::count);
    }

    /** Reads all headers once and judges them. */
    static CompletableFuture<RebuiltSeries> judge(
            SegmentSurvey survey,
            List<SegmentSurvey.Listed> listed,
            long committed,
            boolean gapsEnd,
            RebuildOptions.Tail tail) {
        long greatest = listed.isEmpty() ? 0 : listed.get(listed.size() - 1).number();
        RebuiltSeries series = new RebuiltSeries(survey, greatest, committed, gapsEnd, tail);
        series.listed = listed.size();
        return survey.readAll(listed, series.judge::offer).thenApply(done -> {
            series.judge.finish();
            return series;
        });
    }

    private void count(SegmentReading reading) {
        SegmentHeader header = reading.header();
        if (header == null) {
            return;
        }
        counted.add(new SegmentSurvey.Listed(reading.number(), reading.sizeBytes()));
        ofJudge.add(reading.number());
        lastReadable = header;
        if (reading.problem() != null) {
            cut.add(reading);
        }
        header.zeros().forEach(extent -> reach(extent.lba() + extent.count()));
        header.shared().forEach(extent -> reach(extent.lba() + extent.run().count()));
        header.frames().forEach(frame -> reach(frame.lbas()[frame.lbas().length - 1] + 1));
        keptBlocks +=
                header.blockCount() + header.zeros().size() + header.shared().size() + 1L;
        if (keptBlocks <= BLOCKS_KEPT_MAX) {
            kept.add(header);
        }
    }

    private void reach(long end) {
        endBlock = Math.max(endBlock, end);
    }

    @Override
    public CompletableFuture<Void> forEach(Consumer<SegmentHeader> consumer) {
        if (kept.size() == counted.size()) {
            kept.forEach(consumer);
            tellEnd(consumer);
            return CompletableFuture.completedFuture(null);
        }
        return survey.readAll(counted, reading -> {
                    SegmentHeader header = reading.header();
                    if (header == null) {
                        throw new IllegalStateException("segment " + reading.number()
                                + " could be read a moment ago and cannot any more: " + reading.problem());
                    }
                    consumer.accept(header);
                })
                .thenAccept(done -> tellEnd(consumer));
    }

    /** The checkpoint has to cover unreadable segments at the very end, or an opening would stumble over them. */
    private void tellEnd(Consumer<SegmentHeader> consumer) {
        SegmentHeader before = lastReadable;
        if (before != null && judge.last() > before.number()) {
            consumer.accept(new SegmentHeader(
                    before.volume(),
                    judge.last(),
                    judge.newestEpoch(),
                    SegmentHeader.Kind.FENCE,
                    0,
                    judge.endSequence(),
                    judge.endSequence(),
                    before.wallTimeMillis(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    0));
        }
    }

    SeriesJudge judge() {
        return judge;
    }

    /** How many count. */
    long counted() {
        return counted.size();
    }

    /** Objects there are. */
    long listed() {
        return listed;
    }

    /** Those that count, whose header can be read, but that are not as they were written. */
    List<SegmentReading> cut() {
        return List.copyOf(cut);
    }

    boolean counts(long number) {
        return ofJudge.contains(number);
    }

    /** The end of the greatest block that is named, bytes. */
    long endBytes() {
        return endBlock << BlockGeometry.BLOCK_SHIFT;
    }
}
