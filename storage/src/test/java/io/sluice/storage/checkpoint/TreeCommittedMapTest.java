package io.sluice.storage.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** One promise of the committed map after another. */
final class TreeCommittedMapTest {
    private static final long FOUR_TEBIBYTES = 4L << 40;
    private static final long PAGE = 4096;

    private static CheckpointRig spreadVolume(int pages, long pageDistance) {
        CheckpointRig rig = new CheckpointRig(1, FOUR_TEBIBYTES);
        long[] lbas = new long[pages];
        for (int i = 0; i < pages; i++) {
            lbas[i] = i * pageDistance * PAGE;
        }
        rig.commitData(lbas);
        rig.checkpoint();
        return rig;
    }

    @Test
    void openingAFourTebibyteVolumeReadsOnlyTheRoot() {
        CheckpointRig rig = spreadVolume(1000, 250);
        rig.map = rig.open(rig.map.root());
        rig.await(rig.map.load());
        assertEquals(1, rig.map.pageFetches());
        assertEquals(1000, rig.map.usage().liveBlocks());
    }

    @Test
    void aLookupInAFourTebibyteVolumeReadsOnePathOfPages() {
        CheckpointRig rig = spreadVolume(1000, 250);
        rig.map = rig.open(rig.map.root());
        assertTrue(Locator.isSegment(rig.leaf(64 * 250 * 7)[0]));
        assertEquals(4, rig.map.pageFetches());
        assertNotNull(rig.map.leafNow((64 * 250 * 7) + 1));
    }

    @Test
    void oneChangedBlockCostsOnePathOfPages() {
        CheckpointRig rig = spreadVolume(1000, 250);
        long pages = rig.map.pagesWritten();
        long bytes = rig.bucketBytes();
        rig.commitData(250 * PAGE * 77);
        rig.checkpoint();
        // A leaf page and two inner pages of the map, a leaf and an inner page of the segment table, the root.
        assertEquals(6, rig.map.pagesWritten() - pages);
        assertTrue(rig.bucketBytes() - bytes < 40_000, "bytes " + (rig.bucketBytes() - bytes));
    }

    @Test
    void nothingChangedCostsOnlyTheRoot() {
        CheckpointRig rig = spreadVolume(10, 2);
        long pages = rig.map.pagesWritten();
        rig.checkpoint();
        assertEquals(1, rig.map.pagesWritten() - pages);
    }

    @Test
    void zeroingAVolumeOfSixteenTebibytesReadsNoPages() {
        CheckpointRig rig = new CheckpointRig(1, 16L << 40);
        rig.dropPagesMax = 0;
        rig.map = rig.open(CheckpointRoot.EMPTY);
        for (int i = 0; i < 20; i++) {
            rig.commitData(i * PAGE * 50_000, (i * PAGE * 50_000) + 1);
        }
        CheckpointRoot root = rig.checkpoint();
        rig.map = rig.open(root);
        rig.commitZeros(0, (16L << 40) / 4096);
        long before = rig.map.pageFetches();
        root = rig.checkpoint();
        assertEquals(3, rig.map.pageFetches() - before, "the root, and one path of the segment table");
        long[] zeroed = rig.map.leafNow(64 * 50_000);
        assertNotNull(zeroed);
        assertEquals(Locator.ZERO, zeroed[0]);
        assertEquals(40, rig.map.usage().liveBlocks());
        assertEquals(List.of(21L), rig.map.deadSegmentsWithZeros());
        rig.dropPagesMax = 9;
        rig.map = rig.open(root);
        rig.await(rig.map.load());
        int checkpoints = 0;
        while (rig.map.unfinishedDrops() > 0) {
            rig.checkpoint();
            checkpoints++;
        }
        assertTrue(checkpoints > 2, "walked in parts");
        assertEquals(0, rig.map.usage().liveBlocks());
        assertEquals(20, rig.map.deadSegments().size());
    }

    @Test
    void areasNeverWrittenAreKnownWithoutAFetch() {
        CheckpointRig rig = new CheckpointRig(1, FOUR_TEBIBYTES);
        long[] leaf = rig.map.leafNow(123_456);
        assertNotNull(leaf);
        assertTrue(Arrays.stream(leaf).allMatch(word -> word == Locator.ZERO));
        assertEquals(0, rig.map.pageFetches());
    }

    @Test
    void lookupsOfOnePageShareItsFetch() {
        CheckpointRig rig = spreadVolume(1, 1);
        rig.map = rig.open(rig.map.root());
        assertNull(rig.map.leafNow(0));
        List<CompletableFuture<long[]>> lookups = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            lookups.add(rig.map.leaf(i));
        }
        lookups.forEach(rig::await);
        assertEquals(3, rig.map.pageFetches(), "the root, an inner page, a leaf page");
    }

    @Test
    void aFailedFetchIsToldAndNotKept() {
        CheckpointRig rig = spreadVolume(1, 1);
        HookedStore store = new HookedStore(rig.objects);
        rig.store = store;
        rig.map = rig.open(rig.map.root());
        for (int i = 0; i < 3; i++) {
            store.getsToFail = 1;
            assertInstanceOf(ObjectStoreException.class, failureOf(rig, rig.map.leaf(0)));
        }
        assertTrue(Locator.isSegment(rig.leaf(0)[0]));
    }

    @Test
    void aFailedCheckpointLosesNothing() {
        CheckpointRig rig = spreadVolume(3, 3);
        HookedStore store = new HookedStore(rig.objects);
        rig.store = store;
        CheckpointRoot root = rig.map.root();
        rig.map = rig.open(root);
        rig.commitData(77);
        store.putsToFail = 1;
        CompletableFuture<CheckpointRoot> writing = rig.map.write();
        rig.commitData(78);
        assertInstanceOf(ObjectStoreException.class, failureOf(rig, writing));
        assertEquals(2, rig.map.pendingSegments());
        assertEquals(2, Locator.segmentNumber(rig.leaf(1)[13]));
        assertEquals(3, Locator.segmentNumber(rig.leaf(1)[14]));
        rig.checkpoint();
        assertEquals(0, rig.map.pendingSegments());
        assertEquals(5, rig.map.usage().liveBlocks());
    }

    @Test
    void aNumberThatIsTakenIsNeverOverwritten() {
        CheckpointRig rig = spreadVolume(3, 3);
        byte[] foreign = {1, 2, 3};
        rig.objects.replace(rig.names.checkpoint(2), foreign);
        rig.objects.replace(rig.names.checkpoint(3), foreign);
        rig.commitData(77);
        CheckpointRoot root = rig.checkpoint();
        assertTrue(root.object() > 3);
        assertArrayEquals(foreign, rig.objects.bytes(rig.names.checkpoint(2)));
        assertArrayEquals(foreign, rig.objects.bytes(rig.names.checkpoint(3)));
        rig.map = rig.open(root);
        assertTrue(Locator.isSegment(rig.leaf(1)[13]));
    }

    @Test
    void aPutWhoseReplyWasLostIsKnownAgain() {
        CheckpointRig rig = spreadVolume(3, 3);
        HookedStore store = new HookedStore(rig.objects);
        rig.store = store;
        rig.map = rig.open(rig.map.root());
        rig.commitData(77);
        store.repliesToLose = 1;
        CheckpointRoot root = rig.checkpoint();
        assertEquals(2, root.object());
    }

    @Test
    void everyFlippedBitIsNoticedOrDoesNotMatter() {
        CheckpointRig rig = spreadVolume(3, 600);
        CheckpointRoot root = rig.map.root();
        String key = rig.names.checkpoint(root.object());
        byte[] bytes = rig.objects.bytes(key);
        assertNotNull(bytes);
        int noticed = 0;
        for (int at = 0; at < bytes.length; at += 7) {
            rig.objects.corrupt(key, at, 1 << (at % 8));
            rig.map = rig.open(root);
            for (long page = 0; page < 3; page++) {
                CompletableFuture<long[]> lookup = rig.map.leaf(page * 64L * 600);
                if (isDamaged(rig, lookup)) {
                    noticed++;
                } else {
                    assertEquals(page, Locator.slot(rig.await(lookup)[0]));
                }
            }
            rig.objects.replace(key, bytes);
        }
        assertTrue(noticed > bytes.length / 7, "noticed " + noticed + " of " + bytes.length + " bytes");
    }

    @Test
    void aPageOfAnotherPlaceIsNotAccepted() {
        CheckpointRig rig = spreadVolume(3, 600);
        CheckpointRoot root = rig.map.root();
        byte[] first = rig.objects.bytes(rig.names.checkpoint(1));
        assertNotNull(first);
        rig.commitData(600 * PAGE);
        CheckpointRoot next = rig.checkpoint();
        rig.objects.replace(rig.names.checkpoint(next.object()), first);
        rig.map = rig.open(new CheckpointRoot(
                root.number(),
                next.object(),
                root.offsetBytes(),
                root.storedBytes(),
                root.coversSegment(),
                root.coversEpoch(),
                root.sequence()));
        assertInstanceOf(DamagedObjectException.class, failureOf(rig, rig.map.leaf(0)));
    }

    @Test
    void aFenceIsNeverReportedAsDead() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commit(Kind.FENCE, new long[0], List.of());
        rig.checkpoint();
        assertEquals(List.of(), rig.map.deadSegments());
        assertEquals(1, rig.map.root().coversEpoch());
        assertEquals(0, rig.map.usage().segments());
    }

    /** A copy looked it up while it was alive, and told of it only after the checkpoint in which it died. */
    @Test
    void aDeadSegmentIsNeededAgainFromTheMomentASegmentRefersToIt() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitData(1, 2, 3);
        rig.commitData(1, 2, 3);
        rig.checkpoint();
        assertEquals(List.of(1L), rig.map.deadSegments());
        rig.commitShared(new long[0], CheckpointRig.reference(1, 200, 3));
        assertEquals(List.of(), rig.map.deadSegments());
        CheckpointRoot written = rig.await(rig.map.write());
        assertEquals(List.of(), rig.map.deadSegments(), "the checkpoint under way is not adopted yet");
        rig.map.adopt(written);
        assertEquals(List.of(), rig.map.deadSegments());
    }

    @Test
    void aSegmentIsDeadFromTheCheckpointThatNoLongerNeedsIt() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitData(1, 2, 3);
        rig.checkpoint();
        rig.commitData(1, 2, 3);
        assertEquals(List.of(), rig.map.deadSegments());
        CheckpointRoot written = rig.await(rig.map.write());
        assertEquals(List.of(), rig.map.deadSegments(), "the adopted checkpoint still reaches it");
        rig.map.adopt(written);
        assertEquals(List.of(1L), rig.map.deadSegments());
        assertEquals(2, rig.map.deadSegmentsSince().get(1L));
        assertEquals(3, rig.map.usage().liveBlocks());
        assertEquals(6, rig.map.usage().storedBlocks());
    }

    @Test
    void aMovedBlockDoesNotComeBackAfterItWasUnmapped() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitData(1, 2, 3);
        rig.checkpoint();
        rig.commitZeros(2, 1);
        SegmentSketch moved = new SegmentSketch(3, Kind.MOVED, 1);
        for (int slot = 0; slot < 3; slot++) {
            moved.move(slot + 1, Locator.segment(1, 4096, 1024, slot));
        }
        rig.commit(moved);
        assertMoved(rig.leaf(0));
        rig.checkpoint();
        assertMoved(rig.leaf(0));
        rig.map = rig.open(rig.map.root());
        assertMoved(rig.leaf(0));
        assertEquals(List.of(1L), rig.map.deadSegments());
        assertEquals(List.of(2L), rig.map.deadSegmentsWithZeros());
    }

    private static void assertMoved(long[] leaf) {
        assertEquals(3, Locator.segmentNumber(leaf[1]));
        assertEquals(Locator.ZERO, leaf[2]);
        assertEquals(3, Locator.segmentNumber(leaf[3]));
    }

    private static long placed(long segment, int slot) {
        return Locator.segment(segment, 4096, 1024, slot);
    }

    @Test
    void aMoveThatCameTooLateIsDeadInTheCheckpointThatFollows() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitData(1, 2, 3);
        rig.checkpoint();
        rig.map = rig.open(rig.map.root());
        rig.commitData(1, 2, 3);
        rig.commit(new SegmentSketch(3, Kind.MOVED, 1).move(1, placed(1, 0)).move(2, placed(1, 1)));
        rig.checkpoint();
        assertEquals(2, Locator.segmentNumber(rig.leaf(0)[1]));
        assertEquals(List.of(1L, 3L), rig.map.deadSegments());
        assertEquals(3, rig.map.usage().liveBlocks());
    }

    @Test
    void aBlockMovedTwiceWithoutTheStateBelowGoesTheWholeWay() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitData(1, 2);
        CheckpointRoot root = rig.checkpoint();
        rig.map = rig.open(root);
        rig.commit(new SegmentSketch(2, Kind.MOVED, 1).move(1, placed(1, 0)).move(2, placed(1, 0)));
        rig.commit(new SegmentSketch(3, Kind.MOVED, 2).move(1, placed(2, 0)).move(2, placed(2, 1)));
        assertNull(rig.map.leafNow(0), "where they stand depends on what is not in memory");
        assertEquals(placed(3, 0), rig.leaf(0)[1]);
        assertEquals(
                placed(1, 1), rig.leaf(0)[2], "the first move took it from elsewhere, so the second one is stale too");
    }

    @Test
    void whatWasMovedDoesNotCountTwice() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitData(1, 2, 3);
        rig.checkpoint();
        rig.commit(new SegmentSketch(2, Kind.MOVED, 1).move(1, placed(1, 0)).move(2, placed(1, 1)));
        assertEquals(3, rig.map.usage().liveBlocks());
        assertEquals(5, rig.map.usage().storedBlocks());
    }

    @Test
    void aDeadSegmentThatSpeaksOfZerosStaysUntilItIsSettled() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitData(1, 2, 3);
        rig.commitZeros(1, 3);
        rig.checkpoint();
        assertEquals(List.of(1L), rig.map.deadSegments());
        assertEquals(List.of(2L), rig.map.deadSegmentsWithZeros());
        rig.commit(new SegmentSketch(3, Kind.MOVED, 2).tombstone(1, 3, 2).settle(2));
        assertEquals(List.of(), rig.map.deadSegmentsWithZeros(), "nobody is to settle it once more");
        assertEquals(List.of(1L), rig.map.deadSegments(), "nor may it go before a checkpoint says so");
        CheckpointRoot root = rig.checkpoint();
        assertEquals(List.of(1L, 2L), rig.map.deadSegments());
        assertEquals(List.of(3L), rig.map.deadSegmentsWithZeros(), "it says now what segment 2 said");
        rig.map = rig.open(root);
        rig.await(rig.map.load());
        assertEquals(List.of(1L, 2L), rig.map.deadSegments());
        assertEquals(List.of(3L), rig.map.deadSegmentsWithZeros());
    }

    @Test
    void aCheckpointThatWasNotStoredSettlesNothing() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitZeros(1, 3);
        rig.checkpoint();
        rig.commit(new SegmentSketch(2, Kind.MOVED, 1).tombstone(1, 3, 1).settle(1));
        rig.map.abandon(rig.await(rig.map.write()));
        assertEquals(List.of(), rig.map.deadSegments());
        rig.checkpoint();
        assertEquals(List.of(1L), rig.map.deadSegments());
    }

    @Test
    void aSegmentThatOnlyRefersToOthersStaysUntilItIsSettled() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitData(1, 2, 3);
        rig.commitShared(new long[0], CheckpointRig.reference(1, 100, 3));
        rig.checkpoint();
        assertEquals(List.of(), rig.map.deadSegments());
        assertEquals(List.of(2L), rig.map.deadSegmentsWithZeros());
        LocatorRun run = new LocatorRun(Locator.shared(placed(1, 0)), 3, false);
        rig.commit(new SegmentSketch(3, Kind.MOVED, 2).carryOn(100, run).settle(2));
        rig.checkpoint();
        assertEquals(List.of(2L), rig.map.deadSegments());
        assertEquals(Locator.shared(placed(1, 2)), rig.leaf(1)[102 % 64]);
        assertEquals(6, rig.map.usage().liveBlocks());
    }

    @Test
    void theLowestSegmentRisesWithWhatWasDeleted() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        assertEquals(1, rig.await(rig.map.lowestSegment()));
        for (int i = 0; i < 600; i++) {
            rig.commitData(7);
        }
        rig.checkpoint();
        assertEquals(1, rig.await(rig.map.lowestSegment()));
        rig.tidy();
        rig.checkpoint();
        assertEquals(600, rig.await(rig.map.lowestSegment()));
        assertEquals(601, rig.map.lastSegment() + 1);
    }

    @Test
    void aSearchReadsEachPageOnceAndDrivesNoneOut() {
        CheckpointRig rig = spreadVolume(100, 3);
        CheckpointRoot root = rig.map.root();
        rig.cachePages = 8;
        rig.map = rig.open(root);
        rig.leaf(0);
        long fetched = rig.map.pageFetches();
        List<Long> found = new ArrayList<>();
        rig.await(rig.map.findBlocks(new TreeSet<>(List.of(1L)), (lba, place, asOf) -> found.add(lba)));
        assertEquals(100, found.size());
        assertEquals(99 * 3 * PAGE, found.get(99));
        assertEquals(99, rig.map.pageFetches() - fetched, "the leaf pages but the one in memory");
        assertNotNull(rig.map.leafNow(0), "what hosts read is still in memory");
    }

    @Test
    void aSearchFindsWhatNoCheckpointKnowsYet() {
        CheckpointRig rig = new CheckpointRig(1, FOUR_TEBIBYTES);
        rig.commitData(5, 77 * PAGE, 5000 * PAGE);
        CompletableFuture<CheckpointRoot> writing = rig.map.write();
        rig.commitData(78 * PAGE);
        rig.commit(new SegmentSketch(3, Kind.MOVED, 2).move(77 * PAGE, placed(1, 1)));
        List<Long> found = new ArrayList<>();
        rig.await(
                rig.map.findBlocks(new TreeSet<>(List.of(1L, 2L)), (lba, place, asOf) -> found.add((lba * 10) + asOf)));
        assertEquals(List.of(53L, (780 * PAGE) + 3, (50_000 * PAGE) + 3), found);
        rig.map.abandon(rig.await(writing));
    }

    @Test
    void aSearchGoesOnInTheCheckpointThatIsAdoptedMeanwhile() {
        CheckpointRig rig = spreadVolume(10, 1);
        rig.map = rig.open(rig.map.root());
        rig.commitData(5 * PAGE);
        CheckpointRoot written = rig.await(rig.map.write());
        TreeMap<Long, Long> found = new TreeMap<>();
        CompletableFuture<Void> walk = rig.map.findBlocks(
                new TreeSet<>(List.of(1L, 2L)),
                (lba, place, asOf) -> found.put(lba / PAGE, Locator.segmentNumber(place)));
        while (found.isEmpty()) {
            rig.runtime.step();
        }
        rig.map.adopt(written);
        rig.await(walk);
        assertEquals(10, found.size());
        assertEquals(2, found.get(5L), "not what a page of the old checkpoint says, which was asked for ahead");
    }

    @Test
    void aSearchThatCannotReadAPageFails() {
        CheckpointRig rig = spreadVolume(100, 3);
        HookedStore store = new HookedStore(rig.objects);
        rig.store = store;
        rig.map = rig.open(rig.map.root());
        rig.await(rig.map.load());
        store.getsToFail = 1;
        CompletableFuture<Void> walk = rig.map.findBlocks(new TreeSet<>(List.of(1L)), (lba, place, asOf) -> {});
        assertInstanceOf(ObjectStoreException.class, failureOf(rig, walk));
    }

    @Test
    void aVolumeCanGrowByLevelsAndKeepsWhatItHas() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        rig.commitData(1, 2, 3);
        rig.checkpoint();
        rig.sizeBytes = 64L << 50;
        rig.map.grow(rig.sizeBytes);
        long last = (rig.sizeBytes / 4096) - 1;
        rig.commitData(last);
        CheckpointRoot root = rig.checkpoint();
        rig.map = rig.open(root);
        assertEquals(1, Locator.segmentNumber(rig.leaf(0)[1]));
        assertEquals(2, Locator.segmentNumber(rig.leaf(last / 64)[63]));
        rig.commitZeros(0, last + 1);
        rig.checkpoint();
        assertEquals(0, rig.map.usage().liveBlocks());
    }

    @Test
    void checkpointObjectsStayWithinTwiceWhatIsLive() {
        CheckpointRig rig = new CheckpointRig(5, 64L << 30);
        rig.slackBytes = 200_000;
        rig.map = rig.open(CheckpointRoot.EMPTY);
        Random random = new Random(5);
        long most = 0;
        for (int i = 0; i < 400; i++) {
            rig.commitData(random.ints(8, 0, 16 << 20)
                    .asLongStream()
                    .sorted()
                    .distinct()
                    .toArray());
            rig.checkpoint();
            rig.tidy();
            long live = rig.map.loaded().objects().values().stream()
                    .mapToLong(RootRecord.ObjectUse::liveBytes)
                    .sum();
            most = Math.max(most, rig.bucketBytes() - (2 * live));
        }
        assertTrue(most < 900_000, "bytes over twice the live ones: " + most);
        assertFalse(rig.map.loaded().objects().isEmpty());
    }

    @Test
    void segmentsComeInOrder() {
        CheckpointRig rig = new CheckpointRig(1, 1 << 30);
        SegmentHeader second = CheckpointRig.header(2, Kind.DATA, new long[] {1}, List.of());
        assertThrows(RuntimeException.class, () -> rig.map.commit(second));
    }

    private static boolean isDamaged(CheckpointRig rig, CompletableFuture<long[]> lookup) {
        while (!lookup.isDone()) {
            rig.runtime.step();
        }
        return lookup.isCompletedExceptionally();
    }

    private static Throwable failureOf(CheckpointRig rig, CompletableFuture<?> future) {
        return Failures.unwrap(assertThrows(RuntimeException.class, () -> rig.await(future)));
    }
}
