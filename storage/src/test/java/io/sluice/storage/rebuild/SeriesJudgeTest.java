package io.sluice.storage.rebuild;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which segments of a series with gaps count. */
final class SeriesJudgeTest {
    private static final UUID VOLUME = new UUID(1, 2);

    private final List<SegmentReading> series = new ArrayList<>();
    private final List<Long> counted = new ArrayList<>();

    private SeriesJudgeTest data(long number, long epoch) {
        return add(number, epoch, SegmentHeader.Kind.DATA, List.of());
    }

    private SeriesJudgeTest fence(long number, long epoch) {
        return add(number, epoch, SegmentHeader.Kind.FENCE, List.of());
    }

    private SeriesJudgeTest copyOf(long number, long epoch, long source) {
        LocatorRun run = new LocatorRun(Locator.shared(Locator.segment(source, 512, 512, 0)), 1, false);
        return add(number, epoch, SegmentHeader.Kind.DATA, List.of(new SegmentHeader.SharedExtent(5, run)));
    }

    private SeriesJudgeTest add(
            long number, long epoch, SegmentHeader.Kind kind, List<SegmentHeader.SharedExtent> shared) {
        SegmentHeader header = new SegmentHeader(
                VOLUME, number, epoch, kind, 0, number, number, 0, List.of(), List.of(), shared, List.of(), List.of(),
                1024);
        series.add(new SegmentReading(number, 1024, header, null));
        return this;
    }

    private SeriesJudge judge(long committed, boolean gapsEnd, RebuildOptions.Tail tail) {
        counted.clear();
        SeriesJudge judge = new SeriesJudge(
                series.get(series.size() - 1).number(),
                committed,
                gapsEnd,
                tail,
                reading -> counted.add(reading.number()));
        series.forEach(judge::offer);
        judge.finish();
        return judge;
    }

    private List<Long> counted(long committed, boolean gapsEnd, RebuildOptions.Tail tail) {
        assertEquals(0, judge(committed, gapsEnd, tail).unexplainedGap());
        return List.copyOf(counted);
    }

    @Test
    void epochsNeverGoDown() {
        fence(1, 1).data(2, 1).fence(3, 2).data(4, 1).data(5, 2).data(6, 1);
        assertEquals(List.of(1L, 2L, 3L, 5L), counted(0, false, RebuildOptions.Tail.ASK));
        assertEquals(List.of(4L, 6L), judge(0, false, RebuildOptions.Tail.ASK).orphans());
    }

    @Test
    void gapsBelowAFenceWereDeleted() {
        fence(1, 1).data(4, 1).data(9, 1).fence(12, 2).data(13, 2);
        assertEquals(List.of(1L, 4L, 9L, 12L, 13L), counted(0, false, RebuildOptions.Tail.ASK));
    }

    @Test
    void gapsBelowWhatACheckpointCoversWereDeleted() {
        fence(1, 1).data(4, 1).data(5, 1);
        assertEquals(3, judge(2, false, RebuildOptions.Tail.ASK).unexplainedGap());
        assertEquals(List.of(1L, 4L, 5L), counted(3, false, RebuildOptions.Tail.ASK));
        assertEquals(List.of(1L, 4L, 5L), counted(4, true, RebuildOptions.Tail.ASK));
    }

    @Test
    void gapsBelowWhatIsReferredToWereDeleted() {
        fence(1, 1).data(4, 1).copyOf(5, 1, 4);
        assertEquals(List.of(1L, 4L, 5L), counted(0, false, RebuildOptions.Tail.ASK));
        series.clear();
        fence(1, 1).data(4, 1).copyOf(6, 1, 4);
        assertEquals(5, judge(0, false, RebuildOptions.Tail.ASK).unexplainedGap());
    }

    @Test
    void aGapAmongTheNewestEndsTheVolumeOrIsAskedAbout() {
        fence(1, 1).data(2, 1).data(4, 1).data(5, 1);
        assertEquals(List.of(1L, 2L), counted(0, true, RebuildOptions.Tail.ASK));
        assertEquals(List.of(1L, 2L), counted(0, false, RebuildOptions.Tail.CUT));
        assertEquals(List.of(4L, 5L), judge(0, false, RebuildOptions.Tail.CUT).orphans());
        assertEquals(List.of(1L, 2L, 4L, 5L), counted(0, false, RebuildOptions.Tail.KEEP));
        assertEquals(3, judge(0, false, RebuildOptions.Tail.ASK).unexplainedGap());
    }

    @Test
    void aGapFurtherBelowThanAnyGatewaySendsAheadWasDeleted() {
        fence(1, 1).data(2, 1);
        for (long number = 4; number <= 4 + SeriesJudge.WINDOW; number++) {
            data(number, 1);
        }
        assertEquals(series.size(), counted(0, false, RebuildOptions.Tail.ASK).size());
        series.remove(series.size() - 1);
        series.remove(series.size() - 1);
        assertEquals(3, judge(0, false, RebuildOptions.Tail.ASK).unexplainedGap());
    }

    @Test
    void aLongSeriesIsPassedOnWhileItIsRead() {
        fence(1, 1);
        for (long number = 2; number <= 1000; number++) {
            if (number % 7 != 0 || number > 800) {
                data(number, 1);
            }
        }
        SeriesJudge judge =
                new SeriesJudge(1000, 0, false, RebuildOptions.Tail.ASK, reading -> counted.add(reading.number()));
        series.forEach(judge::offer);
        assertTrue(counted.size() > 600, "only the newest wait: " + counted.size());
        judge.finish();
        assertEquals(series.size(), counted.size());
        assertEquals(1000, judge.last());
    }

    @Test
    void anUnreadableOneIsToldAndEndsNothing() {
        fence(1, 1).data(2, 1);
        series.add(new SegmentReading(3, 1024, null, "damaged"));
        data(4, 1);
        SeriesJudge judge = judge(0, false, RebuildOptions.Tail.ASK);
        assertEquals(List.of(1L, 2L, 4L), counted);
        assertEquals(3, judge.unreadable().get(0).number());
        assertEquals(0, judge.unexplainedGap());
        series.add(new SegmentReading(5, 1024, null, "damaged"));
        assertEquals(5, judge(0, false, RebuildOptions.Tail.ASK).last(), "the checkpoint has to cover it");
    }
}
