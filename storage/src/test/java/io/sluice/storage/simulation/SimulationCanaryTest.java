package io.sluice.storage.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.volume.VolumePort;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A simulation that finds nothing is worth something only if it finds what was put there. */
@ExtendWith(QuietLogs.class)
final class SimulationCanaryTest {
    private static final int SEEDS_MAX = 150;
    private static final Duration TIME = Duration.ofMinutes(4);

    @Test
    void findsADiskWhoseSyncDoesNothing() throws InterruptedException {
        assertFound(disk(Saboteurs::unsynced));
    }

    @Test
    void findsAJournalThatDropsWrites() throws InterruptedException {
        assertFound(disk(Saboteurs::dropping));
    }

    @Test
    void findsABucketInWhichTwoConditionalPutsCanWin() throws InterruptedException {
        assertFound(bucket(Saboteurs::withoutConditions));
    }

    @Test
    void findsABucketThatLosesSegments() throws InterruptedException {
        assertFound(bucket(Saboteurs::forgetful));
    }

    @Test
    void findsThatALiveSegmentWasDeleted() throws InterruptedException {
        assertFound(bucket(Saboteurs::deletingTooMuch));
    }

    @Test
    void findsASegmentThatCountsBeforeItIsThere() throws InterruptedException {
        assertFound(new Sabotage() {
            @Override
            public ObjectStore client(ObjectStore client) {
                return Saboteurs.tellingTooEarly(client);
            }
        });
    }

    @Test
    void findsAFlushThatDoesNothing() throws InterruptedException {
        assertFound(port(Saboteurs::flushingNothing));
    }

    @Test
    void findsACacheThatGivesOldBlocks() throws InterruptedException {
        assertFound(port(Saboteurs::stale));
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

    private static void assertFound(Sabotage sabotage) throws InterruptedException {
        SimulationCampaign campaign = new SimulationCampaign(() -> sabotage);
        Optional<SimulationCampaign.Failure> found = campaign.run(1, SEEDS_MAX, TIME);
        assertTrue(found.isPresent(), "not found: " + campaign.summary());
    }
}
