package io.sluice.storage.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.volume.VolumePort;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A simulation that finds nothing is worth something only if it finds what was put there, by the checker of the promise that was
 * broken, and if nothing is found where nothing was put. What else fails first hides what the checker would have to find.
 */
@ExtendWith(QuietLogs.class)
final class SimulationCanaryTest {
    private static final int SEEDS_MAX = 150;
    private static final Duration TIME = Duration.ofMinutes(4);

    /** Hosts see, after a loss, what certainly had been replaced by something safe. */
    private static final String LOST_WITH_POWER = "after POWER: .* which was replaced by .*";

    private static final String LOST_WITH_THE_PROCESS = "after PROCESS: .* which was replaced by .*";
    private static final String LOST_WITH_THE_DISK = "after DISK: .* which was replaced by .*";
    private static final String NO_PREFIX = "the bucket alone is no prefix: .* which was replaced by .*";
    private static final String LOST_BEHIND_A_SUCCESSOR = "drained by a gateway that was superseded: .*";
    private static final String NEEDED = "segment \\d+ is needed, and was deleted|something reachable was deleted";
    private static final String STAYS = "nobody reaches, and nobody removes: .*";
    /** What was safe in the bucket when the model forgot everything older is lost, and something older is there again. */
    private static final String OLDER_THAN_THE_MODEL = "after (POWER|PROCESS|DISK): .*, which nobody wrote.*";

    private static final String MISSING = ".*no object 'sim/segment/.*";
    /** A host reads with what another gateway has deleted: two have won, and neither knows. */
    private static final String MISSING_PAGE = "sectors .* cannot be read: .*no object 'sim/checkpoint/.*";

    /** The engine itself notices that segments are gone which it was told were there, and does not start with what is left. */
    private static final String REFUSED =
            ".*RollbackRefusedException: the bucket of volume \"sim\" is older than this cache directory has seen it: .*";

    @Test
    void findsAJournalWhoseSyncDoesNothing() throws InterruptedException {
        assertFound(disk(Saboteurs::unsynced), LOST_WITH_POWER);
    }

    /** The engine itself notices most of it: then the volume stops, and nothing on this disk had failed. */
    @Test
    void findsAJournalThatDropsWrites() throws InterruptedException {
        assertFound(
                disk(Saboteurs::dropping),
                LOST_WITH_THE_PROCESS,
                "the volume stopped without a reason: it is failed",
                ".* failed without a reason: .*the journal cannot be read for flushing.*");
    }

    @Test
    void findsABucketInWhichTwoConditionalPutsCanWin() throws InterruptedException {
        assertFound(
                bucket(Saboteurs::withoutConditions),
                LOST_BEHIND_A_SUCCESSOR,
                NEEDED,
                STAYS,
                OLDER_THAN_THE_MODEL,
                MISSING_PAGE);
    }

    @Test
    void findsABucketThatLosesSegments() throws InterruptedException {
        assertFound(bucket(Saboteurs::forgetful), NEEDED, MISSING, NO_PREFIX, LOST_WITH_THE_DISK);
    }

    @Test
    void findsThatALiveSegmentWasDeleted() throws InterruptedException {
        assertFound(bucket(Saboteurs::deletingTooMuch), NEEDED);
    }

    @Test
    void findsASegmentThatCountsBeforeItIsThere() throws InterruptedException {
        Sabotage early = new Sabotage() {
            @Override
            public ObjectStore client(ObjectStore client) {
                return Saboteurs.tellingTooEarly(client);
            }
        };
        assertFound(
                early,
                LOST_WITH_POWER,
                LOST_WITH_THE_PROCESS,
                LOST_WITH_THE_DISK,
                NO_PREFIX,
                OLDER_THAN_THE_MODEL,
                REFUSED);
    }

    @Test
    void findsAFlushThatDoesNothing() throws InterruptedException {
        assertFound(
                port(Saboteurs::flushingNothing),
                LOST_WITH_POWER,
                LOST_WITH_THE_DISK,
                NO_PREFIX,
                LOST_BEHIND_A_SUCCESSOR);
    }

    @Test
    void findsACacheThatGivesOldBlocks() throws InterruptedException {
        assertFound(port(Saboteurs::stale), "a read is wrong: .* which was replaced by .*");
    }

    private static Sabotage disk(UnaryOperator<LocalDisk> wrapper) {
        return new Sabotage() {
            @Override
            public LocalDisk disk(LocalDisk disk) {
                return wrapper.apply(disk);
            }
        };
    }

    private static Sabotage bucket(UnaryOperator<ObjectStore> wrapper) {
        return new Sabotage() {
            @Override
            public ObjectStore bucket(ObjectStore bucket) {
                return wrapper.apply(bucket);
            }
        };
    }

    private static Sabotage port(UnaryOperator<VolumePort> wrapper) {
        return new Sabotage() {
            @Override
            public VolumePort port(VolumePort port) {
                return wrapper.apply(port);
            }
        };
    }

    /** One of {@code promises}, patterns of what checkers say, must be the first thing that is found broken. */
    private static void assertFound(Sabotage sabotage, String... promises) throws InterruptedException {
        SimulationCampaign campaign = new SimulationCampaign(() -> sabotage);
        SimulationCampaign.Failure found = campaign.run(1, SEEDS_MAX, TIME)
                .orElseThrow(() -> new AssertionError("not found: " + campaign.summary()));
        String said = checkerOf(found.cause());
        Pattern expected = Pattern.compile(String.join("|", promises), Pattern.DOTALL);
        assertTrue(
                expected.matcher(said).matches(),
                () -> "seed " + found.seed() + " should have broken one of " + List.of(promises) + ", but: " + said);
        assertPassesAlone(found.seed());
    }

    /** What the checker said; a failure that no checker has found says so. */
    private static String checkerOf(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof SimulationFailure found) {
                return String.valueOf(found.getMessage());
            }
        }
        return "not a checker's: " + failure;
    }

    /** Without what was planted, nothing is wrong with the seed. */
    private static void assertPassesAlone(long seed) throws InterruptedException {
        Optional<SimulationCampaign.Failure> alone = new SimulationCampaign(() -> Sabotage.NONE).run(seed, seed, TIME);
        assertTrue(alone.isEmpty(), () -> "without any sabotage " + alone);
    }
}
