package io.sluice.storage.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class SegmentCodecTest {
    private record Written(long[] lbas, byte[] blocks) {}

    private static List<Written> fill(SegmentBuilder builder, Random random, int frames) {
        List<Written> written = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            int count = 1 + random.nextInt(Locator.FRAME_SLOTS);
            Written frame = new Written(SegmentSamples.lbas(random, count), SegmentSamples.blocks(random, count));
            ByteBuffer raw = random.nextBoolean()
                    ? ByteBuffer.wrap(frame.blocks())
                    : ByteBuffer.allocateDirect(frame.blocks().length)
                            .put(frame.blocks())
                            .flip();
            builder.addFrame(frame.lbas(), raw);
            assertFalse(raw.hasRemaining());
            written.add(frame);
        }
        return written;
    }

    private static void assertReadsBack(SegmentCodec codec, SealedSegment sealed, List<Written> written)
            throws Exception {
        long number = sealed.header().number();
        SegmentHeader header =
                codec.readHeader(number, sealed.bytes(), sealed.bytes().remaining());
        assertEquals(written.size(), header.frames().size());
        for (int i = 0; i < written.size(); i++) {
            SegmentHeader.Frame frame = header.frames().get(i);
            assertEquals(0, frame.offsetBytes() % 512);
            assertEquals(0, frame.storedBytes() % 512);
            assertEquals(frame.offsetBytes(), Locator.frameOffsetBytes(frame.locator(number, 0)));
            assertEquals(frame.storedBytes(), Locator.frameStoredBytes(frame.locator(number, 0)));
            assertArrayEquals(written.get(i).lbas(), frame.lbas());
            OpenedFrame opened = codec.openFrame(
                    number, frame.offsetBytes(), SegmentSamples.frame(sealed, i).asReadOnlyBuffer());
            assertArrayEquals(written.get(i).lbas(), opened.lbas());
            assertArrayEquals(written.get(i).blocks(), SegmentSamples.bytes(opened.blocks()));
        }
    }

    @Test
    void everythingWrittenIsReadBack() throws Exception {
        long seed = 20261121;
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            Sealing sealing = random.nextBoolean() ? SegmentSamples.gcm(round) : SegmentSamples.checksum(round);
            try (SegmentCodec codec =
                            SegmentSamples.codec(sealing, List.of(0, 1, 3, -5).get(round % 4));
                    SegmentCodec reader = SegmentSamples.codec(sealing, 1)) {
                SegmentBuilder builder = codec.builder(1 + round, 3, SegmentHeader.Kind.DATA);
                List<Written> written = fill(builder, random, random.nextInt(8));
                builder.addZeros(77, 4);
                SealedSegment sealed = builder.seal(100, 200, 300);
                assertReadsBack(reader, sealed, written);
                SegmentHeader whole = reader.verifyWhole(1 + round, sealed.bytes());
                assertEquals(List.of(new SegmentHeader.Extent(77, 4)), whole.zeros(), "seed " + seed);
            }
        }
    }

    /** The room holds some of the frames, and anything; afterwards somebody else uses it. */
    @Test
    void framesPackedIntoLentRoomReadBackOnceTheRoomServesSomebodyElse() throws Exception {
        long seed = 20261122;
        Random random = new Random(seed);
        for (int roomBytes : new int[] {0, 1, 100_000, 4 << 20}) {
            byte[] room = new byte[roomBytes];
            random.nextBytes(room);
            try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(roomBytes), 1)) {
                SegmentBuilder builder = codec.builder(5, 3, SegmentHeader.Kind.DATA);
                builder.packInto(room);
                List<Written> written = fill(builder, random, 6);
                SealedSegment sealed = builder.seal(100, 200, 300);
                random.nextBytes(room);
                assertReadsBack(codec, sealed, written);
            }
        }
    }

    @Test
    void headerSaysWhatTheBuilderWasTold() throws Exception {
        long asOf = Locator.SEGMENT_MAX - SegmentFormat.MOVE_WINDOW_SEGMENTS;
        List<OldPlace> old = List.of(
                new OldPlace(new LocatorRun(Locator.shared(Locator.segment(1, 512, 1024, 31)), 1, false), asOf),
                new OldPlace(
                        new LocatorRun(Locator.segment(Locator.SEGMENT_MAX - 1, 32 << 19, 511 * 512, 3), 1, false),
                        Locator.SEGMENT_MAX - 1));
        LocatorRun oldPattern = new LocatorRun(Locator.shared(Locator.segment(7, 1024, 512, 0)), 40, true);
        List<OldPlace> oldShared = List.of(new OldPlace(oldPattern, Locator.SEGMENT_MAX - 1));
        LocatorRun source = new LocatorRun(Locator.shared(Locator.segment(9, 1 << 20, 65536, 4)), 28, false);
        LocatorRun oldRun = new LocatorRun(Locator.segment(8, 1 << 20, 65536, 4), 28, false);
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 1)) {
            SegmentBuilder builder = codec.builder(Locator.SEGMENT_MAX, 12, SegmentHeader.Kind.MOVED);
            builder.addFrame(new long[] {1, SegmentFormat.LBA_MAX}, old, ByteBuffer.allocate(8192));
            builder.addShared(100, 40, 0, 1, oldShared);
            builder.addShared(200, source, List.of(new OldPlace(oldRun, asOf)));
            builder.addTombstone(5, 2, 1);
            builder.addTombstone(0, SegmentFormat.LBA_MAX + 1, Locator.SEGMENT_MAX - 1);
            builder.addSettled(Locator.SEGMENT_MAX - 1);
            builder.addSettled(1);
            assertEquals(8192, builder.rawBytes());
            SealedSegment sealed = builder.seal(40, 44, 123_456);
            SegmentHeader header = codec.readHeader(
                    Locator.SEGMENT_MAX, sealed.bytes(), sealed.bytes().remaining());
            assertEquals(SegmentSamples.VOLUME, header.volume());
            assertEquals(Locator.SEGMENT_MAX, header.number());
            assertEquals(old, header.frames().get(0).old());
            LocatorRun pattern =
                    new LocatorRun(Locator.shared(header.frames().get(0).locator(header.number(), 1)), 40, true);
            assertEquals(
                    List.of(
                            new SegmentHeader.SharedExtent(100, pattern, oldShared),
                            new SegmentHeader.SharedExtent(200, source, List.of(new OldPlace(oldRun, 8)))),
                    header.shared());
            assertEquals(sealed.header().shared(), header.shared());
            assertEquals(68, header.sharedBlocks());
            assertEquals(12, header.epoch());
            assertEquals(SegmentHeader.Kind.MOVED, header.kind());
            assertEquals(sealed.header().attemptTag(), header.attemptTag());
            assertEquals(40, header.firstSequence());
            assertEquals(44, header.endSequence());
            assertEquals(123_456, header.wallTimeMillis());
            assertEquals(sealed.bytes().remaining(), header.storedBytes());
            assertEquals(List.of(), header.zeros());
            assertEquals(
                    List.of(
                            new SegmentHeader.Tombstone(5, 2, 1),
                            new SegmentHeader.Tombstone(0, SegmentFormat.LBA_MAX + 1, Locator.SEGMENT_MAX - 1)),
                    header.tombstones());
            assertEquals(List.of(1L, Locator.SEGMENT_MAX - 1), header.settled());
            assertEquals(2, header.blockCount());
        }
    }

    @Test
    void fenceHoldsNothingAndIsSmall() throws Exception {
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 1)) {
            SealedSegment fence = codec.builder(4, 9, SegmentHeader.Kind.FENCE).seal(50, 50, 1);
            assertTrue(fence.bytes().remaining() < 600);
            SegmentHeader header = codec.verifyWhole(4, fence.bytes());
            assertEquals(SegmentHeader.Kind.FENCE, header.kind());
            assertEquals(0, header.blockCount());
        }
    }

    @Test
    void twoAttemptsAtTheSameSegmentHaveDifferentTags() {
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 1)) {
            assertFalse(SegmentSamples.small(codec, 1, 1).header().attemptTag()
                    == SegmentSamples.small(codec, 1, 1).header().attemptTag());
        }
    }

    @Test
    void incompressibleBlocksAreStoredRawAndOthersCompressed() {
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 1)) {
            Random random = new Random(6);
            SegmentBuilder builder = codec.builder(1, 1, SegmentHeader.Kind.DATA);
            int noise = builder.addFrame(
                    SegmentSamples.lbas(random, 32), ByteBuffer.wrap(SegmentSamples.noise(random, 32)));
            int same = builder.addFrame(SegmentSamples.lbas(random, 32), ByteBuffer.allocate(128 * 1024));
            assertTrue(noise >= 128 * 1024 && noise <= 130 * 1024, () -> "noise takes " + noise);
            assertTrue(same <= 1024, () -> "zeros take " + same);
            ByteBuffer bytes = builder.seal(1, 2, 3).bytes();
            assertEquals(0, bytes.get(512 + 6));
            assertEquals(SegmentFormat.FRAME_FLAG_ZSTD, bytes.get(512 + noise + 6));
        }
    }

    @Test
    void noPlainTextStandsInAnEncryptedSegment() {
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 0)) {
            SegmentBuilder builder = codec.builder(1, 1, SegmentHeader.Kind.DATA);
            byte[] noise = SegmentSamples.noise(new Random(7), 2);
            builder.addFrame(new long[] {1, 2}, ByteBuffer.wrap(noise));
            byte[] object = SegmentSamples.bytes(builder.seal(1, 2, 3).bytes());
            for (int i = 0; i + 8 <= noise.length; i += 64) {
                ByteBuffer part = ByteBuffer.wrap(noise, i, 8);
                for (int at = 0; at + 8 <= object.length; at++) {
                    assertFalse(ByteBuffer.wrap(object, at, 8).equals(part));
                }
            }
        }
    }

    @Test
    void aFullSegmentOfNoiseEndsBelowTheBound() throws Exception {
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 1)) {
            Random random = new Random(8);
            SegmentBuilder builder = codec.builder(1, 1, SegmentHeader.Kind.DATA);
            byte[] noise = SegmentSamples.noise(random, 32);
            int frames = 0;
            while (builder.hasRoomForFrame()) {
                builder.addFrame(SegmentSamples.lbas(random, 32), ByteBuffer.wrap(noise));
                frames++;
            }
            assertTrue(frames > 240, "only " + frames + " frames");
            assertThrows(Invariant.Broken.class, () -> builder.addFrame(new long[] {1}, ByteBuffer.allocate(4096)));
            SealedSegment sealed = builder.seal(1, 2, 3);
            assertTrue(sealed.bytes().remaining() <= Locator.SEGMENT_BYTES_MAX);
            SegmentHeader header = codec.verifyWhole(1, sealed.bytes());
            assertEquals(frames * 32, header.blockCount());
        }
    }

    @Test
    void aHeaderFullOfExtentsIsSealedInPiecesAndReadBack() throws Exception {
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 1)) {
            SegmentBuilder builder = codec.builder(1, 1, SegmentHeader.Kind.DATA);
            int extents = 0;
            while (builder.hasRoomForZeros()) {
                builder.addZeros(SegmentFormat.LBA_MAX - (2L * extents), 1);
                extents++;
            }
            assertTrue(extents > 100_000, "only " + extents + " extents");
            assertThrows(Invariant.Broken.class, () -> builder.addZeros(0, 1));
            SealedSegment sealed = builder.seal(1, 2, 3);
            SegmentHeader header = codec.verifyWhole(1, sealed.bytes());
            assertEquals(sealed.header().zeros(), header.zeros());
        }
    }

    @Test
    void saysHowManyBytesItNeedsAndIsContentWithThem() throws Exception {
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 1)) {
            SegmentBuilder builder = codec.builder(1, 1, SegmentHeader.Kind.DATA);
            for (int i = 0; i < 1000; i++) {
                builder.addZeros(10L * i, 2);
            }
            SealedSegment sealed = builder.seal(1, 2, 3);
            long size = sealed.bytes().remaining();
            NeedMoreBytesException first =
                    assertThrows(NeedMoreBytesException.class, () -> codec.readHeader(1, ByteBuffer.allocate(0), size));
            ByteBuffer prologue = sealed.bytes().slice(0, first.bytesNeeded());
            NeedMoreBytesException second =
                    assertThrows(NeedMoreBytesException.class, () -> codec.readHeader(1, prologue, size));
            ByteBuffer enough = sealed.bytes().slice(0, second.bytesNeeded());
            assertEquals(1000, codec.readHeader(1, enough, size).zeros().size());
        }
    }

    @Test
    void builderRefusesWhatIsNotAFrame() {
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 1)) {
            SegmentBuilder builder = codec.builder(1, 1, SegmentHeader.Kind.DATA);
            int block = BlockGeometry.BLOCK_BYTES;
            ByteBuffer two = ByteBuffer.allocate(2 * block);
            assertThrows(Invariant.Broken.class, () -> builder.addFrame(new long[] {2, 1}, two));
            assertThrows(Invariant.Broken.class, () -> builder.addFrame(new long[] {2, 2}, two));
            assertThrows(Invariant.Broken.class, () -> builder.addFrame(new long[] {2}, two));
            assertThrows(Invariant.Broken.class, () -> builder.addFrame(new long[0], ByteBuffer.allocate(0)));
            assertThrows(Invariant.Broken.class, () -> builder.addFrame(new long[] {-1, 2}, two));
            assertThrows(Invariant.Broken.class, () -> builder.addFrame(new long[33], ByteBuffer.allocate(33 * block)));
            assertThrows(Invariant.Broken.class, () -> builder.addZeros(1, 0));
            assertThrows(Invariant.Broken.class, () -> builder.addZeros(1, Long.MAX_VALUE));
            assertTrue(builder.isEmpty());
            assertEquals(1, builder.seal(1, 2, 3).header().number());
            assertThrows(Invariant.Broken.class, () -> builder.seal(1, 2, 3));
            assertThrows(Invariant.Broken.class, () -> builder.addZeros(1, 1));
        }
    }

    @Test
    void severalSegmentsAreBuiltAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (SegmentCodec codec = SegmentSamples.codec(SegmentSamples.gcm(1), 3)) {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 1; i <= 12; i++) {
                int number = i;
                tasks.add(() -> {
                    SegmentBuilder builder = codec.builder(number, 1, SegmentHeader.Kind.DATA);
                    List<Written> written = fill(builder, new Random(number), 6);
                    assertReadsBack(codec, builder.seal(1, 2, 3), written);
                    return true;
                });
            }
            for (Future<Boolean> result : threads.invokeAll(tasks)) {
                assertTrue(result.get());
            }
        } finally {
            List<Runnable> unused = threads.shutdownNow();
        }
    }
}
