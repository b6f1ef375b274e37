package io.sluice.storage.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same seed gives the same run, step by step: otherwise no failure could be looked at twice. */
@ExtendWith(QuietLogs.class)
final class SimulationTraceTest {
    private static List<String> trace(long seed) throws IOException {
        List<String> lines = new ArrayList<>();
        Simulation simulation = new Simulation(Setup.of(seed), Sabotage.NONE);
        simulation.trace().writeTo(lines::add);
        simulation.run();
        return lines;
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 3, 5, 7, 16, 20, 21, 25, 31, 32})
    void theSameSeedGivesTheSameTrace(long seed) throws IOException {
        List<String> first = trace(seed);
        List<String> second = trace(seed);
        for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
            assertEquals(first.get(i), second.get(i), "step " + i + " of " + first.size());
        }
        assertEquals(first.size(), second.size());
        assertTrue(first.size() > 300, first.size() + " steps only");
    }

    @Test
    void theHashStandsForTheTraceAndOtherSeedsHaveOthers() throws IOException {
        long first = new Simulation(Setup.of(20), Sabotage.NONE).run().traceHash();
        long again = new Simulation(Setup.of(20), Sabotage.NONE).run().traceHash();
        long other = new Simulation(Setup.of(21), Sabotage.NONE).run().traceHash();
        assertEquals(first, again);
        assertNotEquals(first, other);
    }
}
