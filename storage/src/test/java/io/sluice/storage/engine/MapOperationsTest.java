package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.MappedRun;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Filling, copying and telling what is mapped change the map and move no data. */
@SuppressForbidden("seeded generators")
final class MapOperationsTest {
    private static final int BLOCK = 4096;
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(
            bucket, 21, SimulatedSettings.plain().segmentSize(ByteSize.ofMiB(4)).maxAge(Duration.ofMinutes(10)));

    private void openVolume(ByteSize size) {
        gateway.create(size);
        gateway.open();
    }

    private static byte[] noise(long seed, int bytes) {
        byte[] data = new byte[bytes];
        new Random(seed).nextBytes(data);
        return data;
    }

    private List<String> segments() {
        return bucket.keys().stream().filter(key -> key.contains("/segment/")).toList();
    }

    private long segmentBytes() {
        return segments().stream()
                .mapToLong(key -> Objects.requireNonNull(bucket.bytes(key)).length)
                .sum();
    }

    private long frameReads() {
        return gateway.requests()
                .count(request -> request.operation() == ObjectOperation.GET_RANGE
                        && request.subject().contains("/segment/"));
    }

    private IoFailure.Kind refused(BiConsumer<VolumePort, io.sluice.storage.volume.IoCompletion> operation) {
        return gateway.run(operation).orElseThrow().kind();
    }

    @Test
    void fillingAGibibyteUploadsAboutOneBlockPerRecord() {
        openVolume(ByteSize.ofGiB(2));
        byte[] pattern = noise(1, BLOCK);
        long before = segmentBytes();
        for (int i = 0; i < 4; i++) {
            gateway.port().fillPattern(i * 256L * MIB, 256 * MIB, pattern);
        }
        assertEquals(4 * BLOCK, gateway.opened().volume().status().dirtyBytes());
        gateway.drain();
        long uploaded = segmentBytes() - before;
        assertTrue(uploaded < 4 * BLOCK + 4096, uploaded + " bytes for four blocks");
        assertEquals(0, gateway.opened().volume().status().dirtyBytes());
        assertEquals(GIB, gateway.opened().volume().status().mappedBytes());
        for (long at : new long[] {0, 100 * MIB + BLOCK, 256 * MIB - BLOCK, GIB - BLOCK}) {
            assertArrayEquals(pattern, gateway.port().read(at, BLOCK), "byte " + at);
        }
        assertTrue(gateway.port().holds(GIB, BLOCK, 0));
    }

    @Test
    void aFillOf256MebibytesDoesNotHoldItsLoopUp() {
        openVolume(ByteSize.ofGiB(4));
        byte[] pattern = noise(2, BLOCK);
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            gateway.port().fill(i * 256L * MIB, (int) (16 * MIB), 7); // some of the leaves are resident
            long start = System.nanoTime();
            gateway.port().fillPattern(i * 256L * MIB, 256 * MIB, pattern);
            best = Math.min(best, System.nanoTime() - start);
        }
        assertTrue(best < 50_000_000, best + " ns");
    }

    @Test
    void copyingAGibibyteReadsNothingAndUploadsHeadersOnly() {
        openVolume(ByteSize.ofGiB(3));
        byte[] data = noise(3, (int) (16 * MIB));
        gateway.port().write(0, data);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofSeconds(30));
        long before = segmentBytes();
        gateway.requests().forget();
        for (int i = 0; i < 64; i++) {
            gateway.port().copy(0, GIB + i * 16L * MIB, 16 * MIB);
        }
        gateway.drain();
        assertEquals(0, frameReads());
        long uploaded = segmentBytes() - before;
        assertTrue(uploaded < 64 * 128 * 24 + 64 * 1024, uploaded + " bytes of headers");
        gateway.loseDisk();
        gateway.open();
        for (int i = 0; i < 64; i += 21) {
            assertArrayEquals(data, gateway.port().read(GIB + i * 16L * MIB, data.length), "copy " + i);
        }
    }

    @Test
    void aCopyOfACopyAndOfAFillThatAreStillInTheJournalIsTheSame() throws IOException {
        openVolume(ByteSize.ofMiB(64));
        byte[] data = noise(4, (int) MIB);
        byte[] pattern = noise(5, BLOCK);
        gateway.port().write(0, data);
        gateway.drain();
        gateway.port().fillPattern(8 * MIB, MIB, pattern);
        gateway.port().copy(0, 2 * MIB, MIB);
        long dirty = gateway.opened().volume().status().dirtyBytes();
        gateway.port().copy(2 * MIB, 4 * MIB, MIB);
        gateway.port().copy(8 * MIB, 10 * MIB, MIB);
        assertEquals(dirty + 2 * BLOCK, gateway.opened().volume().status().dirtyBytes(), "one record each");
        gateway.crashProcess();
        gateway.open();
        assertArrayEquals(data, gateway.port().read(4 * MIB, data.length));
        assertArrayEquals(pattern, gateway.port().read(11 * MIB - BLOCK, BLOCK));
        gateway.drain();
        gateway.loseDisk();
        gateway.open();
        assertArrayEquals(data, gateway.port().read(4 * MIB, data.length));
        assertArrayEquals(pattern, gateway.port().read(11 * MIB - BLOCK, BLOCK));
    }

    @Test
    void aSegmentStaysWhileTheJournalAloneRefersToIt() throws IOException {
        openVolume(ByteSize.ofMiB(64));
        byte[] data = noise(6, (int) MIB);
        gateway.port().write(0, data);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofSeconds(30));
        List<String> full = segments();
        // The only blocks of the segment are unmapped and that is in the bucket; what refers to it is not.
        gateway.port().unmap(0, MIB);
        SimulatedPort other = gateway.openPort();
        gateway.drain();
        assertFalse(full.isEmpty());
        gateway.port().write(0, data);
        gateway.drain();
        List<String> second = segments();
        gateway.port().unmap(0, MIB / 2);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofSeconds(30));
        other.copy(MIB / 2, 32 * MIB, MIB / 2);
        gateway.port().unmap(MIB / 2, MIB / 2);
        gateway.crashProcess();
        gateway.open();
        gateway.runtime().runFor(Duration.ofMinutes(1));
        assertArrayEquals(
                Arrays.copyOfRange(data, (int) MIB / 2, (int) MIB),
                gateway.port().read(32 * MIB, (int) MIB / 2));
        for (int i = 0; i < 8; i++) {
            gateway.port().fill(40 * MIB, BLOCK, i);
            gateway.drain();
            gateway.runtime().runFor(Duration.ofSeconds(15));
        }
        assertTrue(segments().stream().anyMatch(second::contains));
        gateway.loseDisk();
        gateway.open();
        assertArrayEquals(
                Arrays.copyOfRange(data, (int) MIB / 2, (int) MIB),
                gateway.port().read(32 * MIB, (int) MIB / 2));
        gateway.port().unmap(32 * MIB, MIB);
        for (int i = 0; i < 4; i++) {
            gateway.port().fill(40 * MIB, BLOCK, 100 + i);
            gateway.drain();
            gateway.runtime().runFor(Duration.ofSeconds(15));
        }
        long left = segmentBytes();
        assertTrue(left < MIB / 2, left + " bytes: nothing refers to the segments any more, they are deleted");
    }

    @Test
    void aDamagedFrameIsAMediumErrorForEveryBlockThatSharesIt() {
        openVolume(ByteSize.ofMiB(64));
        gateway.port().write(0, noise(7, 64 * BLOCK));
        gateway.drain();
        gateway.port().copy(0, 16 * MIB, 64 * BLOCK);
        gateway.drain();
        gateway.loseDisk();
        String data = segments().stream()
                .filter(key -> Objects.requireNonNull(bucket.bytes(key)).length > 64 * BLOCK)
                .findFirst()
                .orElseThrow();
        byte[] bytes = Objects.requireNonNull(bucket.bytes(data)).clone();
        bytes[bytes.length - 4 * BLOCK] ^= 1;
        bucket.replace(data, bytes);
        gateway.open();
        assertEquals(
                IoFailure.Kind.UNREADABLE,
                gateway.port()
                        .tryRead(16 * MIB + 60 * BLOCK, BLOCK)
                        .orElseThrow()
                        .kind());
        assertTrue(gateway.port().tryRead(16 * MIB, BLOCK).isEmpty());
    }

    @Test
    void whatIsDeallocatedInALargeVolumeIsFoundInAFewSteps() {
        openVolume(new ByteSize(16L << 40));
        long size = 16L << 40;
        gateway.port().fill(5L << 40, BLOCK, 1);
        gateway.port().fillPattern(9L << 40, 256 * MIB, noise(8, BLOCK));
        gateway.port().unmap(12L << 40, 1L << 40);
        List<MappedRun> expected = List.of(
                new MappedRun(0, 5L << 40, false),
                new MappedRun(5L << 40, BLOCK, true),
                new MappedRun((5L << 40) + BLOCK, (4L << 40) - BLOCK, false),
                new MappedRun(9L << 40, 256 * MIB, true),
                new MappedRun((9L << 40) + 256 * MIB, (7L << 40) - 256 * MIB, false));
        assertEquals(expected, gateway.port().mapping(0, size, 100));
        gateway.drain();
        assertEquals(expected, gateway.port().mapping(0, size, 100));
        gateway.loseDisk();
        gateway.open();
        gateway.requests().forget();
        assertEquals(expected, gateway.port().mapping(0, size, 100));
        assertEquals(expected.subList(0, 2), gateway.port().mapping(0, size, 2));
        assertEquals(
                List.of(new MappedRun((5L << 40) + 512, 1024, true)),
                gateway.port().mapping((5L << 40) + 512, 1024, 9));
        gateway.close();
        gateway.deleteCache();
        gateway.open();
        gateway.requests().forget();
        assertEquals(expected, gateway.port().mapping(0, size, 100));
        assertEquals(0, frameReads());
        assertTrue(
                gateway.requests().requests().size() <= 24, gateway.requests().kinds()::toString);
    }

    @Test
    void aFillOfZerosIsAnUnmap() {
        openVolume(ByteSize.ofMiB(64));
        gateway.port().fill(0, (int) MIB, 1);
        gateway.port().fillPattern(512, MIB, new byte[512]);
        assertTrue(gateway.port().holds(0, 512, 1));
        assertTrue(gateway.port().holds(512, (int) MIB, 0));
        assertEquals(
                List.of(new MappedRun(0, BLOCK, true), new MappedRun(BLOCK, MIB - BLOCK, false)),
                gateway.port().mapping(0, MIB, 5));
    }

    @Test
    void whatCannotBeIsRefused() {
        openVolume(ByteSize.ofMiB(64));
        ByteBuffer block = ByteBuffer.wrap(noise(9, BLOCK));
        assertEquals(IoFailure.Kind.BAD_RANGE, refused((port, done) -> port.fill(512, BLOCK, block, false, done)));
        assertEquals(
                IoFailure.Kind.BAD_RANGE,
                refused((port, done) -> port.fill(0, BLOCK, ByteBuffer.allocate(1024), false, done)));
        assertEquals(
                IoFailure.Kind.BAD_RANGE,
                refused((port, done) -> port.copy(0, 32 * MIB, VolumePort.COPY_BYTES_MAX + BLOCK, false, done)));
        assertEquals(IoFailure.Kind.BAD_RANGE, refused((port, done) -> port.copy(0, MIB, 2 * MIB, false, done)));
        assertEquals(IoFailure.Kind.BAD_RANGE, refused((port, done) -> port.copy(MIB, 0, 2 * MIB, false, done)));
        assertEquals(IoFailure.Kind.BAD_RANGE, refused((port, done) -> port.copy(63 * MIB, 0, 2 * MIB, false, done)));
        assertEquals(
                IoFailure.Kind.BAD_RANGE,
                refused((port, done) -> port.mapping(0, MIB, 0, (runs, why) -> done.complete(why))));
        assertEquals(Optional.empty(), gateway.run((port, done) -> port.copy(0, MIB, 0, true, done)));
        assertEquals(Optional.empty(), gateway.run((port, done) -> port.copy(0, 32 * MIB, 16 * MIB, true, done)));
    }
}
