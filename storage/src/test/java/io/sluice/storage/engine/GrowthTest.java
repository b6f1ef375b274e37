package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.format.Failures;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumeDescription;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An open volume gets larger. */
@SuppressForbidden("seeded generators, printed seeds")
final class GrowthTest {
    private static final int BLOCK = 4096;
    private static final long MIB = 1 << 20;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain();

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 7, SETTINGS);

    private void open(long sizeBytes) {
        gateway.create(new ByteSize(sizeBytes));
        gateway.open();
    }

    private CompletableFuture<VolumeDescription> beginGrowth(long sizeBytes) {
        return gateway.opened().volume().grow(sizeBytes);
    }

    private void grow(long sizeBytes) {
        assertEquals(sizeBytes, gateway.runtime().await(beginGrowth(sizeBytes)).sizeBytes());
        assertEquals(sizeBytes, size());
    }

    private long size() {
        return gateway.opened().volume().description().sizeBytes();
    }

    private String refusal(CompletableFuture<?> future) {
        CompletionException failure =
                assertThrows(CompletionException.class, () -> gateway.runtime().await(future));
        return String.valueOf(Failures.unwrap(failure).getMessage());
    }

    private Optional<IoFailure.Kind> writeFailure(long offset) {
        CompletableFuture<Optional<IoFailure>> write = gateway.port().beginWrite(offset, new byte[BLOCK], false);
        return gateway.runtime().await(write).map(IoFailure::kind);
    }

    @Test
    void whatIsNewReadsAsZerosTakesWritesAndOutlivesEverything() throws IOException {
        open(4 * MIB);
        gateway.port().fill(4 * MIB - BLOCK, BLOCK, 1);
        SimulatedPort older = gateway.openPort();
        assertEquals(Optional.of(IoFailure.Kind.BAD_RANGE), writeFailure(4 * MIB));
        grow(8 * MIB);
        assertTrue(older.holds(4 * MIB, (int) (4 * MIB), 0));
        older.fill(8 * MIB - BLOCK, BLOCK, 2);
        assertTrue(gateway.port().holds(8 * MIB - BLOCK, BLOCK, 2));
        assertEquals(Optional.of(IoFailure.Kind.BAD_RANGE), writeFailure(8 * MIB));
        gateway.crashProcess();
        gateway.open();
        checkBothEnds();
        gateway.close();
        gateway.deleteCache();
        gateway.open();
        checkBothEnds();
    }

    private void checkBothEnds() {
        assertEquals(8 * MIB, size());
        assertTrue(gateway.port().holds(4 * MIB - BLOCK, BLOCK, 1));
        assertTrue(gateway.port().holds(4 * MIB, (int) (4 * MIB - BLOCK), 0));
        assertTrue(gateway.port().holds(8 * MIB - BLOCK, BLOCK, 2));
    }

    @Test
    void whatCannotBeIsRefusedAndTheSameSizeCostsNothing() {
        open(4 * MIB);
        gateway.runtime().runFor(Duration.ofMinutes(1));
        gateway.requests().forget();
        assertTrue(refusal(beginGrowth(3 * MIB)).contains("cannot become smaller"));
        assertTrue(refusal(beginGrowth(-BLOCK)).contains("cannot become smaller"));
        assertTrue(refusal(beginGrowth(4 * MIB + 512)).contains("a multiple of 4 KiB"));
        assertTrue(refusal(beginGrowth(Volumes.SIZE_BYTES_MAX + BLOCK)).contains("up to 1 PiB"));
        grow(4 * MIB);
        assertEquals(0, gateway.requests().requests().size());
        var volume = gateway.opened().volume();
        gateway.close();
        assertTrue(refusal(volume.grow(8 * MIB)).contains("cannot grow: the volume is closed"));
    }

    @Test
    void nothingBehindTheOldEndIsTakenBeforeTheBucketKnowsTheSize() throws IOException {
        open(4 * MIB);
        gateway.faults().setOutage(true);
        CompletableFuture<VolumeDescription> growth = beginGrowth(8 * MIB);
        gateway.runtime().runFor(Duration.ofMinutes(5));
        assertFalse(growth.isDone());
        assertEquals(4 * MIB, size());
        assertEquals(Optional.of(IoFailure.Kind.BAD_RANGE), writeFailure(4 * MIB));
        assertEquals(Optional.empty(), writeFailure(0));
        gateway.faults().setOutage(false);
        assertEquals(8 * MIB, gateway.runtime().await(growth).sizeBytes());
        assertEquals(Optional.empty(), writeFailure(4 * MIB));
        gateway.faults().setOutage(true);
        var unused = beginGrowth(16 * MIB);
        gateway.runtime().runFor(Duration.ofMinutes(1));
        gateway.crashProcess();
        gateway.open();
        assertEquals(8 * MIB, size());
    }

    @Test
    void aCrashBehindTheManifestLeavesTheNewSize() throws IOException {
        open(4 * MIB);
        gateway.port().fill(0, BLOCK, 1);
        gateway.faults().loseReplies(1);
        CompletableFuture<VolumeDescription> growth = beginGrowth(8 * MIB);
        gateway.runtime().runFor(Duration.ofMillis(1));
        assertFalse(growth.isDone());
        gateway.crashProcess();
        gateway.open();
        assertEquals(8 * MIB, size());
        assertTrue(gateway.port().holds(0, BLOCK, 1));
        assertTrue(gateway.port().holds(4 * MIB, (int) (4 * MIB), 0));
    }

    @Test
    void sizesAreGrantedInOrderAndNeverGoDown() {
        open(4 * MIB);
        CompletableFuture<VolumeDescription> first = beginGrowth(8 * MIB);
        CompletableFuture<VolumeDescription> smaller = beginGrowth(6 * MIB);
        CompletableFuture<VolumeDescription> again = beginGrowth(8 * MIB);
        CompletableFuture<VolumeDescription> last = beginGrowth(16 * MIB);
        assertEquals(8 * MIB, gateway.runtime().await(first).sizeBytes());
        assertTrue(refusal(smaller).contains("cannot become smaller"));
        assertTrue(gateway.runtime().await(again).sizeBytes() >= 8 * MIB);
        assertEquals(16 * MIB, gateway.runtime().await(last).sizeBytes());
        assertEquals(16 * MIB, size());
    }

    @Test
    void aGatewayThatWasSupersededCannotGrowTheVolume() {
        open(4 * MIB);
        SimulatedGateway second = new SimulatedGateway(bucket, 8, SETTINGS);
        second.open();
        assertTrue(refusal(beginGrowth(8 * MIB)).contains("manifest"));
        assertEquals("fenced", gateway.opened().volume().status().state());
        assertEquals(4 * MIB, second.opened().volume().description().sizeBytes());
    }

    @Test
    void growsToSixtyFourTebibytes() {
        long end = 64L << 40;
        open(4 * MIB);
        gateway.port().fill(0, BLOCK, 1);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(1));
        grow(end);
        gateway.port().fill(end - BLOCK, BLOCK, 2);
        gateway.port().fill(end / 2, BLOCK, 3);
        assertEquals(Optional.of(IoFailure.Kind.BAD_RANGE), writeFailure(end));
        gateway.close();
        gateway.deleteCache();
        gateway.open();
        assertEquals(0, gateway.opened().report().segmentsReplayed(), "all of it is in the checkpoint");
        assertTrue(gateway.port().holds(0, BLOCK, 1));
        assertTrue(gateway.port().holds(end - BLOCK, BLOCK, 2));
        assertTrue(gateway.port().holds(end / 2 - BLOCK, BLOCK, 0));
        assertTrue(gateway.port().holds(end / 2, BLOCK, 3));
        gateway.port().unmap(0, end);
        assertTrue(gateway.port().holds(end - BLOCK, BLOCK, 0));
    }

    /** The last page of the mapping ends behind the volume: unmapping "all of it" is another thing after growing. */
    @Test
    void anUnmapUpToTheOldEndSparesWhatCameBehindIt() {
        open(4 * MIB);
        gateway.port().fill(0, (int) MIB, 1);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(1));
        gateway.port().unmap(0, 4 * MIB);
        grow(8 * MIB);
        gateway.port().fill(4 * MIB, BLOCK, 2);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(1));
        gateway.port().unmap(0, 4 * MIB);
        gateway.close();
        gateway.deleteCache();
        gateway.open();
        assertTrue(gateway.port().holds(0, (int) (4 * MIB), 0));
        assertTrue(gateway.port().holds(4 * MIB, BLOCK, 2));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void growsBesideFaultsKillsAndWrites(long seed) throws IOException {
        try {
            growAtRandom(seed);
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    private static void growAtRandom(long seed) throws IOException {
        Random random = new Random(seed);
        SimulatedGateway busy = new SimulatedGateway(
                new MemoryObjectStore(), seed, SETTINGS.settings(), FaultPlan.each(0.05, Duration.ofMillis(300)));
        long size = 4 * MIB;
        busy.create(new ByteSize(size));
        Map<Long, Integer> written = new TreeMap<>();
        for (int round = 0; round < 5; round++) {
            busy.open();
            long found = busy.opened().volume().description().sizeBytes();
            assertTrue(found == size || found == size + MIB, "size " + found + " after " + size);
            size = found;
            for (var block : written.entrySet()) {
                assertTrue(busy.port().holds(block.getKey(), BLOCK, block.getValue()), "block " + block);
            }
            for (int i = random.nextInt(5); i >= 0; i--) {
                size += MIB;
                CompletableFuture<VolumeDescription> growth =
                        busy.opened().volume().grow(size);
                writeSomewhere(busy, random, size - MIB, written);
                assertEquals(size, busy.runtime().await(growth).sizeBytes());
                writeSomewhere(busy, random, size, written);
                writeAt(busy, size - BLOCK, random, written);
            }
            var unused = busy.opened().volume().grow(size + MIB);
            busy.runtime().runFor(Duration.ofMillis(random.nextInt(400)));
            if (random.nextBoolean()) {
                busy.crashProcess();
            } else {
                busy.close();
                busy.reopenDisk();
            }
        }
    }

    private static void writeSomewhere(SimulatedGateway busy, Random random, long below, Map<Long, Integer> written) {
        writeAt(busy, random.nextLong(below / BLOCK) * BLOCK, random, written);
    }

    private static void writeAt(SimulatedGateway busy, long offset, Random random, Map<Long, Integer> written) {
        int value = 1 + random.nextInt(100);
        busy.port().fill(offset, BLOCK, value);
        written.put(offset, value);
    }
}
