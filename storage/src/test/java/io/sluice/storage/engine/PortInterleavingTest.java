package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The promise of {@link io.sluice.storage.volume.VolumePort} about operations under way at the same time: some order, the
 * same for every reader and after recovery.
 */
@SuppressForbidden("seeded generators, printed seeds")
final class PortInterleavingTest {
    private static final int SECTOR = SimulatedGateway.SECTOR;
    private static final int SECTORS = 40 * 8;
    private static final int PORTS = 3;
    private static final int IN_FLIGHT_MAX = 12;

    private final SectorHistory[] sectors = new SectorHistory[SECTORS];
    private final List<SimulatedPort> ports = new ArrayList<>();
    private final List<CompletableFuture<?>> inFlight = new ArrayList<>();
    private long now;
    private long stamps;

    @BeforeEach
    void startWithZeros() {
        for (int i = 0; i < SECTORS; i++) {
            sectors[i] = new SectorHistory();
        }
    }

    static LongStream seeds() {
        return VolumeModelTest.seeds();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyReaderSeesOneOrderAndACrashKeepsIt(long seed) throws IOException {
        Random random = new Random(seed);
        FaultPlan faults = seed % 2 == 0 ? FaultPlan.none() : FaultPlan.each(0.05, Duration.ofMillis(50));
        // A small journal and cache: writers wait, reads go to the bucket.
        SimulatedSettings settings = SimulatedSettings.plain()
                .readCache(ByteSize.ofKiB(256), ByteSize.ofKiB(seed % 3 == 0 ? 0 : 64))
                .maxAge(Duration.ofMillis(20));
        SimulatedGateway gateway = new SimulatedGateway(new MemoryObjectStore(), seed, settings.settings(), faults);
        try {
            gateway.largeTransfersFrom(32 << 10);
            gateway.create(new ByteSize((long) SECTORS * SECTOR));
            for (int round = 0; round < 3; round++) {
                gateway.open();
                openPorts(gateway);
                for (int i = 0; i < 150; i++) {
                    turn(gateway, random);
                }
                inFlight.clear();
                if (round % 2 == 0) {
                    gateway.crashProcess();
                } else {
                    awaitAll(gateway);
                    gateway.close();
                    gateway.reopenDisk();
                }
                settle(gateway);
            }
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    private void openPorts(SimulatedGateway gateway) {
        ports.clear();
        for (int i = 0; i < PORTS; i++) {
            ports.add(gateway.openPort());
        }
    }

    private void turn(SimulatedGateway gateway, Random random) {
        inFlight.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
        inFlight.removeIf(CompletableFuture::isDone);
        if (inFlight.size() < IN_FLIGHT_MAX) {
            SimulatedPort port = ports.get(random.nextInt(PORTS));
            int from = random.nextInt(SECTORS);
            int count = 1 + random.nextInt(Math.min(SECTORS - from, random.nextBoolean() ? 24 : 4));
            if (random.nextBoolean()) {
                from &= ~7;
                count = Math.max(8, count & ~7);
            }
            count = Math.min(count, SECTORS - from);
            inFlight.add(
                    switch (random.nextInt(9)) {
                        case 0, 1 -> read(port, from, count);
                        case 2 -> change(port, from, count, 0);
                        case 3 -> fill(port, from, count, ++stamps);
                        case 4, 5 -> copy(port, random, from, count);
                        default -> change(port, from, count, ++stamps);
                    });
        }
        for (int steps = random.nextInt(12); steps > 0; steps--) {
            gateway.runtime().step();
        }
    }

    private CompletableFuture<?> change(SimulatedPort port, int from, int count, long stamp) {
        long offset = (long) from * SECTOR;
        int length = count * SECTOR;
        List<SectorHistory.Version> versions = began(from, count, stamp);
        CompletableFuture<Optional<IoFailure>> result;
        if (stamp == 0) {
            result = port.begin((on, done) -> on.unmap(offset, length, false, done));
        } else {
            result = port.beginWrite(offset, stamped(stamp, length).array(), false);
        }
        return ended(result, versions);
    }

    private List<SectorHistory.Version> began(int from, int count, long stamp) {
        long began = ++now;
        List<SectorHistory.Version> versions = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            versions.add(sectors[i].began(stamp, began));
        }
        return versions;
    }

    private static ByteBuffer stamped(long stamp, int length) {
        ByteBuffer data = ByteBuffer.allocate(length);
        while (data.hasRemaining()) {
            data.putLong(stamp);
        }
        return data.flip();
    }

    private CompletableFuture<?> fill(SimulatedPort port, int from, int count, long stamp) {
        ByteBuffer pattern = stamped(stamp, SECTOR);
        List<SectorHistory.Version> versions = began(from, count, stamp);
        return ended(
                port.begin((on, done) -> on.fill((long) from * SECTOR, (long) count * SECTOR, pattern, false, done)),
                versions);
    }

    /** Copies from the first half to the second alone, so that what a source may hold does not depend on itself. */
    private CompletableFuture<?> copy(SimulatedPort port, Random random, int from, int count) {
        int to = SECTORS / 2 + (from % (SECTORS / 2));
        int length = Math.min(count, SECTORS - to);
        int skew = random.nextInt(4) == 0 ? random.nextInt(8) : to % 8;
        int source = Math.min(SECTORS / 2 - length, (random.nextInt(SECTORS / 2) & ~7) + skew);
        long began = ++now;
        List<SectorHistory.Version> versions = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            versions.add(sectors[to + i].beganCopy(sectors[source + i], began));
        }
        return ended(
                port.begin((on, done) ->
                        on.copy((long) source * SECTOR, (long) to * SECTOR, (long) length * SECTOR, false, done)),
                versions);
    }

    private CompletableFuture<?> ended(
            CompletableFuture<Optional<IoFailure>> result, List<SectorHistory.Version> versions) {
        return result.thenAccept(failure -> {
            failure.ifPresent(why -> fail("a change failed: " + why));
            long ended = ++now;
            versions.forEach(version -> version.ended(ended));
        });
    }

    private CompletableFuture<?> read(SimulatedPort port, int from, int count) {
        ByteBuffer destination = ByteBuffer.allocate(count * SECTOR);
        long began = ++now;
        return port.begin((on, done) -> on.read((long) from * SECTOR, destination, done))
                .thenAccept(failure -> {
                    failure.ifPresent(why -> fail("a read failed: " + why));
                    check(destination, from, count, began);
                });
    }

    private void check(ByteBuffer found, int from, int count, long began) {
        long ended = ++now;
        for (int i = 0; i < count; i++) {
            long stamp = found.getLong(i * SECTOR);
            for (int j = 8; j < SECTOR; j += 8) {
                assertEquals(stamp, found.getLong(i * SECTOR + j), "sector " + (from + i) + " is a mixture");
            }
            String wrong = sectors[from + i].read(stamp, began, ended);
            if (wrong != null) {
                fail("sector " + (from + i) + " " + wrong);
            }
        }
    }

    private void awaitAll(SimulatedGateway gateway) {
        inFlight.forEach(one -> gateway.runtime().await(one));
    }

    /** After a crash: what is there counts from now on. */
    private void settle(SimulatedGateway gateway) throws IOException {
        gateway.open();
        ByteBuffer found = ByteBuffer.wrap(gateway.readAll(0, SECTORS * SECTOR));
        check(found, 0, SECTORS, ++now);
        for (int i = 0; i < SECTORS; i++) {
            sectors[i].settle(found.getLong(i * SECTOR));
        }
        gateway.close();
        gateway.reopenDisk();
    }
}
