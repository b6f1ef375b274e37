package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.MappedRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole engine against a model: random writes, unmaps, fills, copies, flushes and drains; kills, power losses, lost disks, clean
 * closes. After each the volume must be a state that it really had, and one not older than was promised.
 */
@SuppressForbidden("seeded generators, printed seeds")
final class VolumeModelTest {
    private static final int SECTORS = 8 * 1024;
    private static final int ROUNDS = 6;
    private static final int OPERATIONS = 40;

    /** Seeds that once failed: a journal that was the volume's own was set aside, and its writes with it. */
    private static final long[] FOUND = {216, 249, 366};

    /** What a host may do to sectors. */
    private enum Kind {
        WRITE,
        UNMAP,
        FILL,
        COPY
    }

    /** One change of sectors from, count: to a stamp (a write: each to its own), or to what the sectors from source on hold. */
    private record Change(Kind kind, int from, int count, long stamp, int source) {
        void apply(long[] sectors) {
            if (kind == Kind.COPY) {
                System.arraycopy(sectors, source, sectors, from, count);
            } else {
                for (int i = from; i < from + count; i++) {
                    sectors[i] = valueAt(i, sectors);
                }
            }
        }

        /** What it puts into sector {@code i} of a volume in {@code state}. */
        long valueAt(int i, long[] state) {
            return switch (kind) {
                case COPY -> state[source + i - from];
                case WRITE -> stamp + i - from;
                case UNMAP, FILL -> stamp;
            };
        }
    }

    private final List<Change> history = new ArrayList<>();
    private long stamps;

    /** More with {@code -Dsluice.seeds=from-to}. */
    static LongStream seeds() {
        String asked = System.getProperty("sluice.seeds");
        if (asked == null) {
            return LongStream.concat(LongStream.rangeClosed(1, 15), LongStream.of(FOUND));
        }
        String[] bounds = asked.split("-", 2);
        return LongStream.rangeClosed(Long.parseLong(bounds[0]), Long.parseLong(bounds[1]));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void keepsItsPromisesInEveryRound(long seed) throws IOException {
        try {
            run(
                    seed,
                    seed % 10 == 0,
                    seed % 3 == 0
                            ? FaultPlan.none()
                            : FaultPlan.each(seed % 3 == 1 ? 0.03 : 0.06, java.time.Duration.ofMillis(300)));
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    private void run(long seed, boolean encrypted, FaultPlan faults) throws IOException {
        Random random = new Random(seed);
        MemoryObjectStore bucket = new MemoryObjectStore();
        VolumeSettings.Durability durability =
                seed % 4 == 0 ? VolumeSettings.Durability.S3 : VolumeSettings.Durability.LOCAL;
        SimulatedSettings settings = SimulatedSettings.plain().durability(durability);
        if (encrypted) {
            settings = settings.encrypted(SimulatedSettings.PASSPHRASE);
        }
        SimulatedGateway gateway = new SimulatedGateway(bucket, seed, settings.settings(), faults);
        gateway.largeTransfersFrom(32 << 10);
        gateway.create(new ByteSize((long) SECTORS * SimulatedGateway.SECTOR));
        for (int round = 0; round < ROUNDS; round++) {
            gateway.open();
            int flushed = history.size();
            int drained = history.size();
            for (int i = random.nextInt(OPERATIONS); i > 0; i--) {
                switch (random.nextInt(10)) {
                    case 0 -> {
                        expectOk(gateway.run((port, done) -> port.flush(done)));
                        flushed = history.size();
                        if (durability == VolumeSettings.Durability.S3) {
                            drained = flushed;
                        }
                    }
                    case 1 -> {
                        gateway.runtime().await(gateway.opened().volume().drain());
                        drained = history.size();
                        flushed = Math.max(flushed, durability == VolumeSettings.Durability.S3 ? drained : 0);
                    }
                    case 2 -> gateway.runtime().runFor(java.time.Duration.ofMillis(random.nextInt(6000)));
                    case 3 -> {
                        readSomething(gateway, random);
                        mapSomething(gateway, random);
                    }
                    default -> {
                        Change change = change(random);
                        expectOk(gateway.runtime().await(begin(gateway, change)));
                        history.add(change);
                    }
                }
            }
            end(gateway, random, flushed, drained);
        }
    }

    private void end(SimulatedGateway gateway, Random random, int flushed, int drained) throws IOException {
        Change inFlight = null;
        int floor = history.size();
        int kind = random.nextInt(6);
        if (kind >= 2 && random.nextBoolean()) {
            inFlight = change(random);
            CompletableFuture<Optional<IoFailure>> result = begin(gateway, inFlight);
            for (int steps = random.nextInt(30); steps > 0 && !result.isDone(); steps--) {
                gateway.runtime().step();
            }
            if (result.isDone()) {
                history.add(inFlight);
                floor = history.size();
                inFlight = null;
            }
        }
        switch (kind) {
            case 0 -> {
                gateway.close();
                gateway.reopenDisk();
            }
            case 1 -> {
                gateway.close();
                gateway.deleteCache();
            }
            case 2, 3 -> gateway.crashProcess();
            case 4 -> {
                gateway.crashMachine();
                floor = Math.max(flushed, drained);
            }
            default -> {
                gateway.loseDisk();
                floor = drained;
            }
        }
        gateway.open();
        settle(gateway, floor, inFlight, "end " + kind);
        gateway.close();
        gateway.reopenDisk();
    }

    /** Finds which state the volume is in and makes it the history; fails when it is none that is allowed. */
    private void settle(SimulatedGateway gateway, int floor, @Nullable Change inFlight, String what) {
        long[] found = stamps(gateway.readAll(0, SECTORS * SimulatedGateway.SECTOR));
        for (int length = history.size(); length >= floor; length--) {
            // A change longer than a block may be cut anywhere between blocks, if it is the newest that came through.
            Change last = length == history.size() ? inFlight : history.get(length);
            long[] state = stateAfter(length);
            if (matches(found, state, last)) {
                history.subList(length, history.size()).clear();
                adopt(found, state);
                return;
            }
        }
        long[] newest = stateAfter(history.size());
        for (int i = 0; i < SECTORS; i++) {
            if (found[i] != newest[i]) {
                fail(what + ": the volume is in no state that it ever had since change " + floor + " of "
                        + history.size() + "; sector " + i + " holds " + found[i] + ", newest would be " + newest[i]
                        + ", in flight: "
                        + inFlight + "; its changes: " + changesOf(i));
            }
        }
    }

    private String changesOf(int sector) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < history.size(); i++) {
            Change change = history.get(i);
            if (sector >= change.from() && sector < change.from() + change.count()) {
                text.append(i).append(": ").append(change).append(' ');
            }
        }
        return text.toString();
    }

    /** What of the change that was cut came through counts from now on. */
    private void adopt(long[] found, long[] state) {
        for (int i = 0; i < SECTORS; i++) {
            if (found[i] != state[i]) {
                history.add(new Change(Kind.WRITE, i, 1, found[i], 0));
            }
        }
    }

    private static boolean matches(long[] found, long[] state, @Nullable Change inFlight) {
        for (int i = 0; i < SECTORS; i++) {
            boolean inside = inFlight != null && i >= inFlight.from() && i < inFlight.from() + inFlight.count();
            if (found[i] != state[i] && !(inside && inFlight != null && found[i] == inFlight.valueAt(i, state))) {
                return false;
            }
        }
        return true;
    }

    private long[] stateAfter(int changes) {
        long[] sectors = new long[SECTORS];
        for (Change change : history.subList(0, changes)) {
            change.apply(sectors);
        }
        return sectors;
    }

    private static long[] stamps(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long[] stamps = new long[bytes.length / SimulatedGateway.SECTOR];
        for (int i = 0; i < stamps.length; i++) {
            stamps[i] = buffer.getLong(i * SimulatedGateway.SECTOR);
            for (int j = 8; j < SimulatedGateway.SECTOR; j += 8) {
                long other = buffer.getLong(i * SimulatedGateway.SECTOR + j);
                assertEquals(stamps[i], other, "sector " + i + " is a mixture");
            }
        }
        return stamps;
    }

    private Change change(Random random) {
        int align = random.nextInt(3) == 0 ? 1 : 8;
        int count = Math.min(SECTORS, align * (1 + random.nextInt(random.nextInt(10) == 0 ? 600 : 24)));
        int from = random.nextInt((SECTORS - count) / align + 1) * align;
        return switch (random.nextInt(10)) {
            case 0, 1 -> new Change(Kind.UNMAP, from, count, 0, 0);
            case 2, 3 -> new Change(Kind.FILL, from, count, ++stamps, 0);
            case 4, 5, 6 -> copy(random, from, count);
            default -> {
                stamps += count;
                yield new Change(Kind.WRITE, from, count, stamps - count + 1, 0);
            }
        };
    }

    /** From somewhere that does not overlap; the source mostly lies to the blocks as the destination does. */
    private static Change copy(Random random, int from, int count) {
        int length = Math.min(count, SECTORS / 4);
        boolean before = from >= SECTORS / 2;
        int lowest = before ? 0 : from + length;
        int highest = (before ? from : SECTORS) - length;
        int source = lowest + random.nextInt(highest - lowest + 1);
        int alike = (source & ~7) + (from % 8);
        boolean fits = random.nextInt(4) > 0 && alike >= lowest && alike <= highest;
        return new Change(Kind.COPY, from, length, 0, fits ? alike : source);
    }

    private static CompletableFuture<Optional<IoFailure>> begin(SimulatedGateway gateway, Change change) {
        long offset = (long) change.from() * SimulatedGateway.SECTOR;
        int length = change.count() * SimulatedGateway.SECTOR;
        return switch (change.kind()) {
            case UNMAP -> gateway.begin((port, done) -> port.unmap(offset, length, false, done));
            case WRITE -> {
                ByteBuffer data = ByteBuffer.allocate(length);
                for (long i = 0; data.hasRemaining(); i++) {
                    data.put(stamped(change.stamp() + i, SimulatedGateway.SECTOR));
                }
                data.flip();
                yield gateway.begin((port, done) -> port.write(offset, data, false, done));
            }
            case FILL -> {
                boolean blocks = change.from() % 8 == 0 && change.count() % 8 == 0 && change.stamp() % 2 == 0;
                ByteBuffer pattern = stamped(change.stamp(), blocks ? 4096 : SimulatedGateway.SECTOR);
                yield gateway.begin((port, done) -> port.fill(offset, length, pattern, false, done));
            }
            case COPY -> {
                long source = (long) change.source() * SimulatedGateway.SECTOR;
                yield gateway.begin((port, done) -> port.copy(source, offset, length, false, done));
            }
        };
    }

    private static ByteBuffer stamped(long stamp, int length) {
        ByteBuffer data = ByteBuffer.allocate(length);
        while (data.hasRemaining()) {
            data.putLong(stamp);
        }
        return data.flip();
    }

    /** What is told as deallocated reads as zeros, what holds something is told as mapped. */
    private void mapSomething(SimulatedGateway gateway, Random random) {
        int count = 1 + random.nextInt(SECTORS);
        int from = random.nextInt(SECTORS - count + 1);
        int runsMax = 1 + random.nextInt(20);
        long[] state = stateAfter(history.size());
        long next = (long) from * SimulatedGateway.SECTOR;
        long end = next + (long) count * SimulatedGateway.SECTOR;
        List<MappedRun> runs = gateway.port().mapping(next, end - next, runsMax);
        assertTrue(!runs.isEmpty() && runs.size() <= runsMax, "at least one run: " + runs);
        for (int i = 0; i < runs.size(); i++) {
            MappedRun run = runs.get(i);
            assertEquals(next, run.offsetBytes(), "a gap in " + runs);
            assertTrue(
                    run.lengthBytes() > 0
                            && (i == 0 || run.mapped() != runs.get(i - 1).mapped()),
                    "runs alternate");
            next += run.lengthBytes();
            assertTrue(next == end || (next < end && next % 4096 == 0), "a run ends within a block: " + runs);
            for (long at = run.offsetBytes(); !run.mapped() && at < next; at += SimulatedGateway.SECTOR) {
                assertEquals(0, state[(int) (at / SimulatedGateway.SECTOR)], "deallocated at byte " + at);
            }
        }
    }

    private void readSomething(SimulatedGateway gateway, Random random) {
        int count = 1 + random.nextInt(64);
        int from = random.nextInt(SECTORS - count);
        long[] found = stamps(gateway.readAll((long) from * SimulatedGateway.SECTOR, count * SimulatedGateway.SECTOR));
        long[] state = stateAfter(history.size());
        for (int i = 0; i < count; i++) {
            assertEquals(state[from + i], found[i], "sector " + (from + i));
        }
    }

    private static void expectOk(Optional<IoFailure> failure) {
        failure.ifPresent(why -> fail("failed: " + why));
    }
}
