package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumeStatus;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The journal fills up because the bucket takes nothing, or less than hosts write: nobody waits too long, nothing jumps. */
final class PressureTest {
    private static final int PIECE = 64 << 10;
    private static final int REGION_PIECES = 512;
    private static final long SECOND = 1_000_000_000;
    private static final Duration FULL_TIMEOUT = Duration.ofSeconds(20);
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .journal(ByteSize.ofMiB(32), ByteSize.ofMiB(1), FULL_TIMEOUT)
            .segmentSize(ByteSize.ofKiB(256))
            .readCache(ByteSize.ofMiB(64), ByteSize.ofKiB(0))
            .checkpoint(Duration.ofHours(10), 1000);

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 11, SETTINGS);

    private void openVolume() {
        gateway.create(ByteSize.ofMiB(64));
        gateway.open();
    }

    private VolumeStatus status() {
        return gateway.opened().volume().status();
    }

    private long now() {
        return gateway.runtime().clock().monotonicNanos();
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }

    @Test
    void inAnOutageOfHoursDelaysGrowSmoothlyNobodyWaitsTooLongAndAllComesBack() {
        openVolume();
        gateway.runtime().runFor(Duration.ofSeconds(10));
        gateway.faults().setOutage(true);
        SimulatedLoad load = new SimulatedLoad(gateway, 4, PIECE / 4, REGION_PIECES, Duration.ofMillis(20));
        gateway.runtime().runFor(Duration.ofHours(3));
        List<SimulatedLoad.Done> outage = List.copyOf(load.done());
        long longest =
                outage.stream().mapToLong(SimulatedLoad.Done::nanos).max().orElseThrow();
        assertTrue(longest <= FULL_TIMEOUT.toNanos(), "a write took " + seconds(longest) + " s");
        assertTrue(outage.stream()
                .allMatch(one -> one.failure().isEmpty() || one.failure().get().kind() == IoFailure.Kind.BUSY));
        List<SimulatedLoad.Done> served =
                outage.stream().filter(one -> one.failure().isEmpty()).toList();
        assertDelaysDoNotJump(served);
        long full = served.get(served.size() - 1).endNanos() - served.get(0).beginNanos();
        assertTrue(full > 5 * 60 * SECOND, "the journal was full after " + seconds(full) + " s");
        assertEquals("degraded", status().state());
        gateway.faults().setOutage(false);
        long back = now();
        gateway.runtime().runFor(Duration.ofMinutes(2));
        List<SimulatedLoad.Done> after = load.doneBetween(back + 60 * SECOND, back + 120 * SECOND);
        assertTrue(after.stream().allMatch(one -> one.failure().isEmpty()));
        assertTrue(after.size() > 60 * 4 * 1000 / 20 * 9 / 10, after.size() + " writes in a minute");
        load.stop();
        gateway.runtime().runFor(Duration.ofSeconds(30));
        assertEquals(0, load.underWay());
        assertEquals(0, status().dirtyBytes());
    }

    /** From one write to the next, the delay grows by a small part of itself, or by what nobody notices. */
    private static void assertDelaysDoNotJump(List<SimulatedLoad.Done> served) {
        long before = 0;
        long largest = 0;
        for (SimulatedLoad.Done one : served) {
            largest = Math.max(largest, one.nanos());
            assertTrue(
                    one.nanos() - before <= SECOND / 2 + before / 2,
                    "from " + seconds(before) + " s to " + seconds(one.nanos()) + " s");
            before = one.nanos();
        }
        assertTrue(largest > SECOND, "nobody was slowed down: " + seconds(largest) + " s at most");
    }

    @Test
    void aStoreSlowerThanItsWritersGivesThemASteadyRate() {
        openVolume();
        gateway.faults().setPlan(new FaultPlan(0, 0, 0, 0, 1, Duration.ofSeconds(1)));
        SimulatedLoad load = new SimulatedLoad(gateway, 8, PIECE, REGION_PIECES, Duration.ofMillis(5));
        gateway.runtime().runFor(Duration.ofMinutes(1));
        long from = now();
        gateway.runtime().runFor(Duration.ofMinutes(2));
        List<SimulatedLoad.Done> steady = load.doneBetween(from, now());
        assertTrue(steady.stream().allMatch(one -> one.failure().isEmpty()));
        double perWindow = steady.size() / 24.0;
        for (int window = 0; window < 24; window++) {
            long start = from + window * 5L * SECOND;
            int count = load.doneBetween(start, start + 5 * SECOND).size();
            assertTrue(
                    count > perWindow / 2 && count < perWindow * 2, count + " writes in 5 s, on average " + perWindow);
        }
        long stall = 0;
        for (int i = 1; i < steady.size(); i++) {
            stall = Math.max(stall, steady.get(i).endNanos() - steady.get(i - 1).endNanos());
        }
        assertTrue(stall < SECOND, "nothing went on for " + seconds(stall) + " s");
        assertTrue(perWindow > 5, "only " + perWindow + " writes in 5 s");
    }

    @Test
    void readsAndFlushesAreNotHeldBack() {
        openVolume();
        gateway.faults().setOutage(true);
        SimulatedLoad load = new SimulatedLoad(gateway, 4, PIECE, REGION_PIECES, Duration.ofMillis(20));
        gateway.runtime().runFor(Duration.ofMinutes(30));
        assertTrue(load.underWay() > 0, "writes are held back");
        long begin = now();
        assertEquals(Optional.empty(), gateway.port().tryRead(0, PIECE));
        assertEquals(Optional.empty(), gateway.port().flush());
        assertTrue(now() - begin < SECOND / 100, "they took " + seconds(now() - begin) + " s");
    }

    @Test
    void aWriteThatWaitsAtTheGateGetsBusyInTimeToo() {
        openVolume();
        gateway.faults().setOutage(true);
        SimulatedLoad load = new SimulatedLoad(gateway, 4, PIECE, REGION_PIECES, Duration.ofMillis(20));
        gateway.runtime().runFor(Duration.ofHours(2));
        load.stop();
        List<CompletableFuture<Optional<IoFailure>>> sectors = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            sectors.add(gateway.port().beginWrite(512L * i, new byte[512], false));
            gateway.runtime().runFor(Duration.ofMillis(500));
        }
        gateway.runtime().runFor(FULL_TIMEOUT.plusMillis(1));
        assertTrue(sectors.stream().allMatch(CompletableFuture::isDone), "somebody still waits");
    }

    @Test
    void timeToFullIsEstimatedAndAnOperatorIsWarnedOnceAndRelieved() {
        openVolume();
        gateway.faults().setOutage(true);
        assertEquals(-1, status().secondsToFull());
        SimulatedLoad load = new SimulatedLoad(gateway, 1, 4096, 4096, Duration.ofMillis(500));
        gateway.runtime().runFor(Duration.ofMinutes(5));
        long slow = status().secondsToFull();
        // 8 KiB and a header of 4 KiB for each: 16 KiB/s into 32 MiB.
        assertTrue(Math.abs(slow - (32 * 1024 / 16 - 300)) < 100, slow + " s");
        gateway.runtime().runFor(Duration.ofMinutes(5));
        long later = status().secondsToFull();
        assertTrue(Math.abs(slow - 300 - later) < 60, later + " s after " + slow + " s");
        assertFalse(pressure().isWarned());
        SimulatedLoad more = new SimulatedLoad(gateway, 1, PIECE, REGION_PIECES, Duration.ofMillis(500));
        gateway.runtime().runFor(Duration.ofMinutes(1));
        assertTrue(status().secondsToFull() < JournalPressure.WARN_SECONDS, status().toString());
        assertTrue(pressure().isWarned());
        load.stop();
        more.stop();
        gateway.faults().setOutage(false);
        gateway.runtime().runFor(Duration.ofMinutes(2));
        assertEquals(-1, status().secondsToFull());
        assertFalse(pressure().isWarned());
        assertTrue(
                gateway.runtime().timers() < 5,
                "an idle volume ticks: " + gateway.runtime().timers());
    }

    private JournalPressure pressure() {
        return ((SplitPort) gateway.port().port()).near().pressure();
    }

    @Test
    void flushMaxBytesBoundsWhatMayBeDirty() {
        gateway.settings(SETTINGS.flush(new VolumeSettings.Flush(
                Duration.ofSeconds(2), ByteSize.ofMiB(4), ByteSize.ofKiB(256), 3, Duration.ofSeconds(60))));
        openVolume();
        gateway.faults().setOutage(true);
        SimulatedLoad load = new SimulatedLoad(gateway, 8, PIECE, REGION_PIECES, Duration.ofMillis(20));
        for (int minute = 0; minute < 60; minute++) {
            gateway.runtime().runFor(Duration.ofMinutes(1));
            assertTrue(status().journalUsedBytes() <= 4 << 20, status().toString());
            assertTrue(status().dirtyBytes() <= 4 << 20, status().toString());
        }
        assertTrue(status().dirtyBytes() > 3 << 20, status().toString());
        load.stop();
    }

    @Test
    void belowTheThresholdPacingAllocatesNothing() {
        openVolume();
        gateway.port().fill(0, PIECE, 1);
        gateway.runtime().runReady();
        EnginePort port = ((SplitPort) gateway.port().port()).near();
        WriteOperation operation = new WriteOperation(port, 0, 1, ByteBuffer.allocate(4096), false, failure -> {});
        for (int i = 0; i < 20_000; i++) {
            assertTrue(port.admits(operation));
        }
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        boolean all = true;
        for (int i = 0; i < 1_000_000; i++) {
            all &= port.admits(operation);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(all);
        assertTrue(allocated < 10_000, allocated + " bytes for a million writes");
    }

    @Test
    void whatIsNotInTheBucketIsNeverOlderThanMaxAgeAndTheUpload() {
        Duration maxAge = Duration.ofSeconds(2);
        Duration upload = Duration.ofSeconds(1);
        openVolume();
        gateway.faults().setPlan(new FaultPlan(0, 0, 0, 0, 1, upload));
        EnginePort port = ((SplitPort) gateway.port().port()).near();
        List<long[]> acknowledged = new ArrayList<>();
        java.util.Random random = new java.util.Random(5);
        long worst = 0;
        for (int i = 0; i < 2000; i++) {
            if (random.nextInt(4) == 0) {
                gateway.port().fill(random.nextInt(REGION_PIECES) * (long) PIECE, 4096 << random.nextInt(4), i);
                acknowledged.add(new long[] {port.journal().appliedEnd(), now()});
            }
            gateway.runtime().runFor(Duration.ofMillis(1 + random.nextInt(random.nextInt(10) == 0 ? 8000 : 200)));
            long inBucket = status().lastCommittedSequence();
            acknowledged.removeIf(write -> write[0] <= inBucket);
            long age = acknowledged.isEmpty() ? 0 : now() - acknowledged.get(0)[1];
            worst = Math.max(worst, age);
            assertTrue(age <= maxAge.plus(upload).plusMillis(10).toNanos(), "age " + seconds(age) + " s");
            long gauge = status().dirtyAgeMillis();
            assertTrue(gauge >= age / 1_000_000 - 1, "the gauge says " + gauge + " ms, it is " + seconds(age) + " s");
            assertTrue(!acknowledged.isEmpty() || gauge == 0, "all is in the bucket, the gauge says " + gauge + " ms");
        }
        assertTrue(worst > maxAge.toNanos(), "nothing ever waited for its age: " + seconds(worst) + " s");
    }

    @Test
    void drainTellsTheSequenceNumberThatTheBucketHolds() {
        openVolume();
        gateway.port().fill(0, PIECE, 1);
        long end = ((SplitPort) gateway.port().port()).near().journal().appliedEnd();
        long drained = gateway.runtime().await(gateway.opened().volume().drain());
        assertEquals(end, drained);
        assertEquals(end, status().lastCommittedSequence());
        assertEquals(0, status().dirtyBytes());
        gateway.loseDisk();
        gateway.open();
        assertTrue(gateway.opened().report().bucketSequence() >= end);
        assertTrue(gateway.port().holds(0, PIECE, 1));
    }
}
