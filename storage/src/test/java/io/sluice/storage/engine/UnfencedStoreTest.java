package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.UnconditionalStore;
import io.sluice.storage.object.UnconditionalStore.Habit;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stores that do not know conditional puts: refused, unless the LUN says {@code fencing = none}. */
final class UnfencedStoreTest {
    private static final int BLOCK = 4096;
    private static final SimulatedSettings NONE = SimulatedSettings.plain().fencing(VolumeSettings.Fencing.NONE);

    private final MemoryObjectStore bucket = new MemoryObjectStore();

    private static UnaryOperator<ObjectStore> with(Habit habit) {
        return store -> new UnconditionalStore(store, habit);
    }

    @ParameterizedTest
    @EnumSource(Habit.class)
    void withFencingNoVolumeIsMadeThere(Habit habit) {
        SimulatedGateway gateway = new SimulatedGateway(bucket, 1, SimulatedSettings.plain());
        gateway.endpoint(with(habit));
        CompletionException refused =
                Assertions.assertThrows(CompletionException.class, () -> gateway.create(ByteSize.ofMiB(4)));
        assertTrue(refused.toString().contains("write fencing = none"), refused.toString());
    }

    @ParameterizedTest
    @EnumSource(Habit.class)
    void withFencingNoVolumeIsOpenedThere(Habit habit) {
        SimulatedGateway gateway = new SimulatedGateway(bucket, 1, SimulatedSettings.plain());
        gateway.create(ByteSize.ofMiB(4));
        gateway.endpoint(with(habit));
        Throwable refused = gateway.openingFailure();
        assertTrue(refused.toString().contains("conditional put"), refused.toString());
        assertEquals(
                1,
                bucket.keys().stream().filter(key -> key.contains("/manifest/")).count());
    }

    @ParameterizedTest
    @EnumSource(Habit.class)
    void withoutFencingItWorksAndSaysSo(Habit habit) throws Exception {
        SimulatedGateway gateway = new SimulatedGateway(bucket, 1, NONE);
        gateway.endpoint(with(habit));
        gateway.create(ByteSize.ofMiB(4));
        for (int round = 1; round < 6; round++) {
            gateway.open();
            String warnings =
                    gateway.opened().volume().status().condition().warnings().toString();
            assertTrue(warnings.contains("fencing = none"), warnings);
            assertTrue(gateway.opened().report().notes().toString().contains("fencing = none"));
            gateway.faults().loseReplies(3);
            gateway.port().fill(0, BLOCK, round);
            gateway.drain();
            gateway.port().fill((long) round * BLOCK, BLOCK, round);
            if (round % 2 == 0) {
                gateway.crashProcess();
            } else {
                assertTrue(gateway.close().clean());
                gateway.reopenDisk();
            }
        }
        gateway.open();
        assertTrue(gateway.port().holds(0, BLOCK, 5));
        for (int round = 1; round < 6; round++) {
            assertTrue(gateway.port().holds((long) round * BLOCK, BLOCK, round));
        }
    }

    @ParameterizedTest
    @EnumSource(Habit.class)
    void withoutFencingWhatStandsThereIsStillLookedAt(Habit habit) {
        SimulatedGateway first = new SimulatedGateway(bucket, 1, NONE);
        SimulatedGateway second = new SimulatedGateway(bucket, 2, NONE);
        first.endpoint(with(habit));
        second.endpoint(with(habit));
        first.create(ByteSize.ofMiB(4));
        first.open();
        second.open();
        second.port().fill(0, BLOCK, 2);
        second.drain();
        first.port().fill(0, BLOCK, 1);
        Assertions.assertThrows(CompletionException.class, first::drain);
        assertEquals("fenced", first.opened().volume().status().state());
        assertTrue(second.port().holds(0, BLOCK, 2));
    }
}
