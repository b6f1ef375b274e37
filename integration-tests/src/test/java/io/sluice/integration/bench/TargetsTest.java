package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.bench.Target.Measured;
import io.sluice.integration.bench.Target.Reading;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TargetsTest {
    private static final Reading OURS = Reading.of("w", "sluice", Figure.IOPS);
    private static final Reading THEIRS = Reading.of("w", "tgt-file", Figure.IOPS);

    /** A name that is mistyped would never be measured. */
    @Test
    void everyTargetIsMeasuredByAWorkload() {
        for (Target target : Targets.all()) {
            Stream.concat(Stream.of(target.value()), target.base().stream())
                    .flatMap(Reading::measured)
                    .forEach(TargetsTest::assertMeasured);
        }
    }

    private static void assertMeasured(Measured reading) {
        assertTrue(
                Workloads.all().stream()
                        .anyMatch(workload -> workload.name().equals(reading.workload())
                                && workload.peers().contains(reading.peer())),
                reading::toString);
    }

    @Test
    void namesAreTheirOwn() {
        List<String> names = Workloads.all().stream().map(Workload::name).toList();
        assertEquals(names.size(), new HashSet<>(names).size());
    }

    @Test
    void everyPeerOfAWorkloadExists() {
        List<String> known = Peers.all().stream().map(Peer::name).toList();
        Workloads.all().forEach(workload -> assertTrue(known.containsAll(workload.peers()), workload::toString));
    }

    @Test
    void aRatioOfMediansIsJudged() {
        Results results =
                SampleResults.of("w", Map.of("sluice", List.of(900.0, 200.0, 250.0), "tgt-file", List.of(100.0)));
        Target.Verdict verdict = Target.ratio("x", OURS, THEIRS, 2.5).judge(results);
        assertEquals(2.5, verdict.figure());
        assertTrue(verdict.isReached());
        assertFalse(Target.ratio("x", OURS, THEIRS, 2.6).judge(results).isReached());
        assertFalse(Target.ratioAtMost("x", OURS, THEIRS, 2.4).judge(results).isReached());
        assertTrue(Target.atMost("x", THEIRS, 100).judge(results).isReached());
    }

    @Test
    void aPartIsTakenOut() {
        Results results = SampleResults.of("w", Map.of("sluice", List.of(100.0), "tgt-file", List.of(30.0)));
        Reading rest = Reading.without(OURS, THEIRS, Reading.noted(SampleResults.NOTED));
        assertEquals(100 - 30 * 7, rest.in(results));
        assertEquals(2, rest.measured().count());
        Reading unknown = Reading.without(OURS, THEIRS, Reading.noted("nobody measured it"));
        assertFalse(Target.atMost("x", unknown, 1000).judge(results).isMeasured());
    }

    @Test
    void whatTheCollectorMovedIsThatOfTheWholeRound() {
        Measurement measured = SampleResults.of("w", Map.of("sluice", List.of(100.0)))
                .measurements()
                .get(0);
        assertEquals(SampleResults.MOVED_BYTES / 4096.0 / 1000, Figure.MOVED_PER_BYTE.of(measured));
    }

    @Test
    void whatWasNotMeasuredIsNotReached() {
        Results results = SampleResults.of("w", Map.of("sluice", List.of(100.0)));
        Target.Verdict verdict = Target.ratioAtMost("x", OURS, THEIRS, 2).judge(results);
        assertFalse(verdict.isMeasured());
        assertFalse(verdict.isReached());
        assertEquals("not measured", verdict.word());
    }
}
