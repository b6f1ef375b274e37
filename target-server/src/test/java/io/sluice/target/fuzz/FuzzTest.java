package io.sluice.target.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Attackers do everything they can think of while others work: no crash, no leak, no wrong data, memory within its bound.
 *
 * <p>{@code sluice.fuzz.seconds} says how long (300 where the environment variable CI is set, otherwise 30), {@code
 * sluice.test.seed}, {@code sluice.fuzz.first} and {@code sluice.fuzz.cases} which cases.
 */
final class FuzzTest {
    private static final int SECONDS = System.getenv("CI") == null ? 30 : 300;

    @Test
    void nothingThatAnAttackerSendsHarmsAnybodyElse() throws IOException, InterruptedException {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Duration time = Duration.ofSeconds(Integer.getInteger("sluice.fuzz.seconds", SECONDS));
        FuzzCampaign campaign = new FuzzCampaign(seed, UnaryOperator.identity());
        Optional<FuzzCampaign.Failure> failure = campaign.run(
                Long.getLong("sluice.fuzz.first", 0), time, Long.getLong("sluice.fuzz.cases", Long.MAX_VALUE / 2));
        String summary = "seed " + seed + ": " + campaign.cases() + " cases; " + campaign.summary();
        LoggerFactory.getLogger(FuzzTest.class).info(summary);
        Files.createDirectories(FuzzCampaign.FOLDER);
        Files.writeString(FuzzCampaign.FOLDER.resolve("summary.txt"), summary + "\n");
        failure.ifPresent(one -> fail(one.what() + "\n" + summary + "\n" + one.smallest()));
        assertTrue(campaign.cases() > 0, "seed " + seed);
    }
}
