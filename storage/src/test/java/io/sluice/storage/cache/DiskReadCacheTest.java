package io.sluice.storage.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.cache.ReadCache.Origin;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class DiskReadCacheTest {
    private static final int SLOTS = 16;

    private final CacheFixture fixture = new CacheFixture(SLOTS, 7);

    private void insert(ReadCache cache, long key) {
        cache.insert(key, CacheFixture.content(key), Origin.READ);
    }

    private DiskReadCache filled(int frames) {
        DiskReadCache cache = fixture.open();
        fixture.settle();
        for (int frame = 0; frame < frames; frame++) {
            insert(cache, CacheFixture.key(1, frame));
            fixture.settle();
        }
        return cache;
    }

    @Test
    void givesBackAnyPartOfAnyBlock() {
        DiskReadCache cache = filled(3);
        Random random = new Random(5);
        for (int round = 0; round < 500; round++) {
            int from = random.nextInt(4096);
            int length = random.nextInt(4096 - from + 1);
            long key = CacheFixture.key(1, random.nextInt(3));
            assertTrue(CacheFixture.readAndVerify(cache, key, random.nextInt(32), from, length));
        }
        assertEquals(500, cache.hits());
        assertEquals(0, cache.misses());
        assertEquals(3L * CacheFormat.SLOT_BYTES, cache.usedBytes());
    }

    @Test
    void readsAFrameThatIsStillWaitingToBeWritten() {
        DiskReadCache cache = fixture.open();
        long key = CacheFixture.key(1, 0);
        insert(cache, key);
        assertTrue(cache.contains(key));
        assertTrue(CacheFixture.readAndVerify(cache, key, 31, 17, 99));
        fixture.settle();
        assertTrue(CacheFixture.readAndVerify(cache, key, 31, 17, 99));
    }

    @Test
    void doesNotConsumeOrKeepWhatIsInserted() {
        DiskReadCache cache = fixture.open();
        long key = CacheFixture.key(1, 0);
        ByteBuffer blocks = CacheFixture.content(key);
        cache.insert(key, blocks, Origin.READ);
        assertEquals(CacheFixture.FRAME_BYTES, blocks.remaining());
        blocks.put(0, new byte[CacheFixture.FRAME_BYTES]);
        fixture.settle();
        assertTrue(CacheFixture.readAndVerify(cache, key));
    }

    @Test
    void missesBlocksBehindTheEndOfAShortFrame() {
        DiskReadCache cache = fixture.open();
        long key = CacheFixture.key(1, 0);
        cache.insert(key, CacheFixture.content(key, 2), Origin.FLUSHED);
        for (int round = 0; round < 2; round++) {
            assertTrue(CacheFixture.readAndVerify(cache, key, 1, 0, 4096));
            assertFalse(CacheFixture.readAndVerify(cache, key, 2, 0, 4096));
            fixture.settle();
        }
    }

    @Test
    void refusesRangesOutsideAFrame() {
        DiskReadCache cache = fixture.open();
        assertThrows(Invariant.Broken.class, () -> cache.read(1, 32, 0, ByteBuffer.allocate(1)));
        assertThrows(Invariant.Broken.class, () -> cache.read(1, 31, 4000, ByteBuffer.allocate(97)));
        assertThrows(Invariant.Broken.class, () -> cache.insert(1, ByteBuffer.allocate(4095), Origin.READ));
    }

    @Test
    void readsRunsOfBlocksAlsoFromWithinAnAesBlock() {
        DiskReadCache cache = fixture.open();
        long key = CacheFixture.key(1, 0);
        cache.insert(key, CacheFixture.content(key, 20), Origin.FLUSHED);
        for (int round = 0; round < 2; round++) {
            for (int[] range : new int[][] {{0, 0, 20 * 4096}, {3, 7, 5}, {3, 7, 9}, {3, 4090, 30}, {5, 100, 40_000}}) {
                assertTrue(CacheFixture.readAndVerify(cache, key, range[0], range[1], range[2]));
            }
            assertFalse(CacheFixture.readAndVerify(cache, key, 19, 1, 4096), "the frame ends before");
            fixture.settle();
        }
    }

    @Test
    void oneDamagedBlockOfARunIsAMissOfAll() {
        DiskReadCache cache = fixture.open();
        long key = CacheFixture.key(1, 0);
        insert(cache, key);
        fixture.settle();
        assertTrue(CacheFixture.readAndVerify(cache, key, 0, 0, 4 * 4096));
        fixture.disk.damage(CacheFormat.SLOTS_NAME, CacheFormat.blockPosition(0, 3) + 5);
        assertTrue(CacheFixture.readAndVerify(cache, key, 0, 0, 3 * 4096));
        assertFalse(CacheFixture.readAndVerify(cache, key, 0, 0, 4 * 4096));
        assertEquals(1, cache.corruptedSlots());
    }

    @Test
    void staysWithinItsCapacity() {
        DiskReadCache cache = filled(5 * SLOTS);
        assertEquals((long) SLOTS * CacheFormat.SLOT_BYTES, cache.usedBytes());
        assertTrue(fixture.disk.sizeOf(CacheFormat.SLOTS_NAME) <= cache.capacityBytes());
    }

    @Test
    void lentFramesWaitHoweverManyDoAndAreLetGoOnce() {
        CacheFixture large = new CacheFixture(2 * PendingFrames.FRAMES_MAX, 8);
        DiskReadCache cache = large.open();
        int frames = PendingFrames.FRAMES_MAX + 20;
        int[] letGo = new int[frames];
        for (int i = 0; i < frames; i++) {
            int frame = i;
            long key = lentKey(frame);
            cache.lend(key, CacheFixture.content(key), Origin.FLUSHED, () -> letGo[frame]++);
        }
        assertArrayEquals(new int[frames], letGo, "nothing is written yet");
        assertTrue(CacheFixture.readAndVerify(cache, lentKey(frames - 1)));
        large.settle();
        int[] once = new int[frames];
        Arrays.fill(once, 1);
        assertArrayEquals(once, letGo);
        assertEquals(0, cache.droppedFrames());
        for (int frame = 0; frame < frames; frame++) {
            assertTrue(CacheFixture.readAndVerify(cache, lentKey(frame)));
        }
    }

    /** A segment has room for so many only. */
    private static long lentKey(int frame) {
        return CacheFixture.key(1 + frame / 128, frame % 128);
    }

    @Test
    void lentFramesLeaveTheQueueToThoseThatAreCopied() {
        DiskReadCache cache = fixture.open();
        for (int frame = 0; frame < PendingFrames.FRAMES_MAX; frame++) {
            long key = lentKey(frame);
            cache.lend(key, CacheFixture.content(key), Origin.FLUSHED, () -> {});
        }
        insert(cache, CacheFixture.key(9, 0));
        assertEquals(0, cache.droppedFrames());
        assertTrue(cache.contains(CacheFixture.key(9, 0)));
    }

    @Test
    void whatIsLentAndNotWantedIsLetGoAtOnceOrInItsTurn() {
        DiskReadCache cache = filled(1);
        List<String> letGo = new ArrayList<>();
        ByteBuffer content = CacheFixture.content(CacheFixture.key(1, 0));
        cache.lend(CacheFixture.key(1, 0), content, Origin.FLUSHED, () -> letGo.add("known"));
        assertEquals(List.of("known"), letGo);
        cache.lend(CacheFixture.key(2, 0), content, Origin.FLUSHED, () -> letGo.add("deleted"));
        cache.dropSegments(Set.of(2L));
        assertFalse(cache.contains(CacheFixture.key(2, 0)));
        fixture.settle();
        assertEquals(List.of("known", "deleted"), letGo);
        cache.lend(CacheFixture.key(3, 0), content, Origin.FLUSHED, () -> letGo.add("closed"));
        cache.close();
        assertEquals(List.of("known", "deleted", "closed"), letGo);
        cache.lend(CacheFixture.key(4, 0), content, Origin.FLUSHED, () -> letGo.add("late"));
        assertEquals(List.of("known", "deleted", "closed", "late"), letGo);
    }

    @Test
    void dropsFramesWhenTooManyWaitAndKeepsPlacesForThoseAskedFor() {
        DiskReadCache cache = fixture.open();
        for (int frame = 0; frame < PendingFrames.FRAMES_NOT_ASKED_FOR_MAX + 5; frame++) {
            cache.insert(CacheFixture.key(1, frame), CacheFixture.content(1), Origin.FLUSHED);
        }
        assertEquals(5, cache.droppedFrames());
        for (int frame = 0; frame < PendingFrames.FRAMES_MAX - PendingFrames.FRAMES_NOT_ASKED_FOR_MAX + 2; frame++) {
            insert(cache, CacheFixture.key(2, frame));
        }
        assertEquals(7, cache.droppedFrames());
        fixture.settle();
        assertEquals((long) SLOTS * CacheFormat.SLOT_BYTES, cache.usedBytes());
        insert(cache, CacheFixture.key(3, 0));
        assertEquals(7, cache.droppedFrames(), "places are free again");
    }

    @Test
    void isWarmAfterACleanStop() {
        filled(10).close();
        assertTrue(fixture.disk.sizeOf(CacheFormat.DIRECTORY_NAME) > 0);
        DiskReadCache cache = fixture.open();
        assertTrue(fixture.tasks.isEmpty(), "nothing to scan");
        for (int frame = 0; frame < 10; frame++) {
            assertTrue(CacheFixture.readAndVerify(cache, CacheFixture.key(1, frame)));
        }
        assertEquals(0, fixture.disk.sizeOf(CacheFormat.DIRECTORY_NAME), "a directory must not outlive its state");
    }

    @Test
    void isWarmAfterProcessDeathOnceScanned() {
        filled(10);
        DiskReadCache cache = fixture.open();
        assertFalse(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 0)), "not scanned yet");
        fixture.settle();
        for (int frame = 0; frame < 10; frame++) {
            assertTrue(CacheFixture.readAndVerify(cache, CacheFixture.key(1, frame)));
        }
    }

    @Test
    void writesWaitingFramesBeforeItCloses() {
        DiskReadCache cache = fixture.open();
        fixture.settle();
        insert(cache, CacheFixture.key(1, 0));
        cache.close();
        cache.close();
        assertFalse(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 0)));
        assertTrue(CacheFixture.readAndVerify(fixture.open(), CacheFixture.key(1, 0)));
    }

    @Test
    void keepsScanningAtTheNextStartWhenClosedTooEarly() {
        filled(10);
        fixture.open().close();
        DiskReadCache cache = fixture.open();
        fixture.settle();
        assertTrue(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 9)));
    }

    @Test
    void beginsAnewForAnotherVolume() {
        filled(10).close();
        DiskReadCache cache = DiskReadCache.open(
                fixture.disk,
                new UUID(1, 2),
                CacheFixture.capacityOf(SLOTS),
                salt -> (nonce, offset, source, destination) -> destination.put(source),
                fixture.new TaskRuntime(fixture.tasks::add));
        fixture.settle();
        assertEquals(0, cache.usedBytes());
        assertFalse(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 1)));
    }

    @Test
    void shrinksWithItsCapacity() {
        filled(SLOTS).close();
        CacheFixture smaller = fixture;
        DiskReadCache cache = DiskReadCache.open(
                smaller.disk,
                CacheFixture.VOLUME,
                CacheFixture.capacityOf(4),
                salt -> (nonce, offset, source, destination) -> destination.put(source),
                smaller.new TaskRuntime(smaller.tasks::add));
        smaller.settle();
        assertTrue(cache.usedBytes() <= 4L * CacheFormat.SLOT_BYTES);
        assertTrue(smaller.disk.sizeOf(CacheFormat.SLOTS_NAME) <= cache.capacityBytes());
    }

    @Test
    void forgetsDroppedSegmentsForGood() {
        DiskReadCache cache = filled(4);
        insert(cache, CacheFixture.key(2, 0));
        fixture.settle();
        insert(cache, CacheFixture.key(1, 9));
        cache.dropSegments(Set.of(1L));
        assertFalse(cache.contains(CacheFixture.key(1, 0)));
        assertFalse(cache.contains(CacheFixture.key(1, 9)), "also the one on its way to the disk");
        fixture.settle();
        DiskReadCache again = fixture.open();
        fixture.settle();
        assertFalse(again.contains(CacheFixture.key(1, 0)));
        assertFalse(again.contains(CacheFixture.key(1, 9)));
        assertTrue(CacheFixture.readAndVerify(again, CacheFixture.key(2, 0)));
        assertEquals(CacheFormat.SLOT_BYTES, again.usedBytes());
    }

    @Test
    void doesNotBringBackSegmentsDroppedDuringTheScan() {
        filled(4);
        DiskReadCache cache = fixture.open();
        cache.dropSegments(Set.of(1L));
        fixture.settle();
        assertEquals(0, cache.usedBytes());
    }

    @Test
    void takesADamagedBlockForAMissAndEmptiesTheSlot() {
        DiskReadCache cache = filled(4);
        fixture.disk.damage(CacheFormat.SLOTS_NAME, CacheFormat.blockPosition(2, 3) + 1234);
        assertFalse(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 2), 3, 0, 8), "the whole block counts");
        assertFalse(cache.contains(CacheFixture.key(1, 2)));
        assertEquals(1, cache.corruptedSlots());
        fixture.settle();
        insert(cache, CacheFixture.key(1, 2));
        fixture.settle();
        assertTrue(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 2)));
    }

    @Test
    void checksAWholeSlotAtItsFirstUseAfterProcessDeath() {
        filled(4);
        fixture.disk.damage(CacheFormat.SLOTS_NAME, CacheFormat.blockPosition(2, 30));
        DiskReadCache cache = fixture.open();
        fixture.settle();
        assertFalse(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 2), 3, 0, 4096));
        assertTrue(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 1), 3, 0, 4096));
    }

    @Test
    void takesADamagedHeaderForAnEmptySlot() {
        filled(4);
        fixture.disk.damage(CacheFormat.SLOTS_NAME, CacheFormat.slotPosition(2) + 40);
        DiskReadCache cache = fixture.open();
        fixture.settle();
        assertFalse(cache.contains(CacheFixture.key(1, 2)));
        assertEquals(3L * CacheFormat.SLOT_BYTES, cache.usedBytes());
    }

    @Test
    void scansWhenTheDirectoryIsDamaged() {
        filled(4).close();
        fixture.disk.damage(CacheFormat.DIRECTORY_NAME, 50);
        DiskReadCache cache = fixture.open();
        fixture.settle();
        assertEquals(4L * CacheFormat.SLOT_BYTES, cache.usedBytes());
    }

    @Test
    void storesNothingWithoutCapacity() {
        filled(4).close();
        DiskReadCache cache = DiskReadCache.open(
                fixture.disk,
                CacheFixture.VOLUME,
                CacheFixture.capacityOf(0),
                salt -> {
                    throw new AssertionError();
                },
                fixture.new TaskRuntime(fixture.tasks::add));
        insert(cache, CacheFixture.key(1, 0));
        assertFalse(cache.contains(CacheFixture.key(1, 0)));
        assertEquals(0, fixture.disk.list().size(), "nor does it keep the disk space");
        cache.dropSegments(Set.of(1L));
        cache.close();
    }

    @Test
    void staysAtItsSizeWhenTheDiskIsFull() {
        CacheFixture large = new CacheFixture(4 * SlotFile.GROWTH_SLOTS, 1);
        large.disk.setCapacity(SlotFile.RESERVED_BYTES + CacheFormat.slotPosition(SlotFile.GROWTH_SLOTS));
        DiskReadCache cache = large.open();
        for (int frame = 0; frame < SlotFile.GROWTH_SLOTS + 20; frame++) {
            insert(cache, CacheFixture.key(frame / 200, frame % 200));
            large.settle();
        }
        assertEquals((long) SlotFile.GROWTH_SLOTS * CacheFormat.SLOT_BYTES, cache.usedBytes());
        assertTrue(CacheFixture.readAndVerify(cache, CacheFixture.key(1, SlotFile.GROWTH_SLOTS + 19 - 200)));
    }

    @Test
    void usesTheSlotsItHasWhenAWriteFindsTheDiskFull() {
        fixture.disk.setFullFrom(CacheFormat.slotPosition(5));
        DiskReadCache cache = filled(40);
        assertEquals(5L * CacheFormat.SLOT_BYTES, cache.usedBytes());
        assertEquals(1, cache.droppedFrames());
        assertEquals(0, cache.diskErrors(), "it may pass");
        assertTrue(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 39)));
        cache.close();
        DiskReadCache again = fixture.open();
        assertEquals(5L * CacheFormat.SLOT_BYTES, again.usedBytes());
        assertTrue(CacheFixture.readAndVerify(again, CacheFixture.key(1, 39)));
    }

    @Test
    void swallowsDiskErrorsAndGivesUpAfterSome() {
        DiskReadCache cache = filled(4);
        fixture.disk.setFailing(true);
        for (int frame = 0; frame < 40; frame++) {
            assertFalse(CacheFixture.readAndVerify(cache, CacheFixture.key(1, frame)));
            insert(cache, CacheFixture.key(2, frame));
            fixture.settle();
        }
        assertEquals(CacheFaults.ERRORS_MAX, cache.diskErrors());
        assertEquals(0, fixture.open().usedBytes(), "a disk that fails at the start gives an empty cache");
    }

    @Test
    void readsOtherFramesAfterOneDiskError() {
        DiskReadCache cache = filled(4);
        fixture.disk.setFailing(true);
        assertFalse(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 0)));
        fixture.disk.setFailing(false);
        assertFalse(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 0)));
        assertTrue(CacheFixture.readAndVerify(cache, CacheFixture.key(1, 1)));
    }
}
