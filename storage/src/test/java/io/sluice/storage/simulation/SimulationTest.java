package io.sluice.storage.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sluice.storage.runtime.SuppressForbidden;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/**
 * Seed after seed: hosts at work, trouble of every kind, crashes; after each the volume is what was promised (SIMULATION.md).
 *
 * <p>Seeds 1 to 2000, as far as {@code sluice.simulation.seconds} allows (300 where the environment variable CI is set,
 * otherwise 45); or exactly those of {@code -Dsluice.simulation.seeds=from-to}, however long that takes. One seed alone also
 * writes all its steps to a file below {@code target/simulation}.
 */
@ExtendWith(QuietLogs.class)
@SuppressForbidden("the length of a run comes from outside")
final class SimulationTest {
    private static final int SECONDS = System.getenv("CI") == null ? 45 : 300;
    private static final long SEEDS = 2_000;

    @Test
    void everyPromiseHoldsForEverySeed() throws IOException, InterruptedException {
        String asked = System.getProperty("sluice.simulation.seeds");
        Duration time = Duration.ofSeconds(Integer.getInteger("sluice.simulation.seconds", SECONDS));
        long from = 1;
        long to = SEEDS;
        if (asked != null) {
            String[] bounds = asked.split("-", 2);
            from = Long.parseLong(bounds[0]);
            to = Long.parseLong(bounds[bounds.length - 1]);
            time = Duration.ofDays(365);
        }
        if (asked != null && from == to) {
            SimulationCampaign.writeTrace(from);
        }
        SimulationCampaign campaign = new SimulationCampaign(() -> Sabotage.NONE);
        Optional<SimulationCampaign.Failure> failure = campaign.run(from, to, time);
        LoggerFactory.getLogger("simulation").warn("{}", campaign.summary());
        failure.ifPresent(one -> fail(one.explain(), one.cause()));
        assertTrue(campaign.done() > 0, "no seed was run");
    }
}
