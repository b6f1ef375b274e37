package io.sluice.storage.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

final class SegmentStoreTest {
    private static final String KEY = "demo/segment/0000000000000003";

    private final Sealing sealing = SegmentSamples.gcm(1);
    private final SegmentCodec codec = SegmentSamples.codec(sealing, 1);
    private final ObjectStoreFake objects = new ObjectStoreFake();
    private final SegmentStore store = new SegmentStore(objects, new ObjectNames("demo"), codec);

    private void put(SealedSegment segment) throws Exception {
        Void unused = store.put(segment, RequestCause.FLUSH).get();
    }

    private static <E extends Throwable> E failure(Class<E> kind, CompletableFuture<?> future) {
        return assertInstanceOf(
                kind, assertThrows(ExecutionException.class, future::get).getCause());
    }

    private void assertStored(SealedSegment segment) {
        assertArrayEquals(SegmentSamples.bytes(segment.bytes()), objects.objects.get(KEY));
    }

    @Test
    void aPutIsOneRequest() throws Exception {
        SealedSegment segment = SegmentSamples.small(codec, 3, 5);
        put(segment);
        assertStored(segment);
        assertEquals(List.of("put " + KEY), objects.requests);
    }

    @Test
    void aPutWhoseReplyGotLostIsRecognisedAsOurs() throws Exception {
        SealedSegment segment = SegmentSamples.small(codec, 3, 5);
        objects.repliesToLose = 1;
        put(segment);
        assertStored(segment);
        assertEquals(List.of("put " + KEY, "head " + KEY, "getRange " + KEY), objects.requests);
    }

    @Test
    void aPutMayBeRepeated() throws Exception {
        SealedSegment segment = SegmentSamples.small(codec, 3, 5);
        put(segment);
        put(segment);
        assertStored(segment);
    }

    @Test
    void anOrphanOfAnOlderEpochIsReplaced() throws Exception {
        put(SegmentSamples.small(codec, 3, 4));
        objects.requests.clear();
        SealedSegment segment = SegmentSamples.small(codec, 3, 5);
        put(segment);
        assertStored(segment);
        assertEquals(List.of("put " + KEY, "head " + KEY, "getRange " + KEY, "putIfMatch " + KEY), objects.requests);
    }

    @Test
    void anOrphanIsReplacedAlsoWhereIfMatchNeverHolds() throws Exception {
        put(SegmentSamples.small(codec, 3, 4));
        objects.matchNeverHolds = true;
        SealedSegment segment = SegmentSamples.small(codec, 3, 5);
        put(segment);
        assertStored(segment);
        assertEquals("putAlways " + KEY, objects.requests.get(objects.requests.size() - 1));
    }

    @Test
    void replacingAnOrphanWithALostReplyIsRecognisedAsOurs() throws Exception {
        put(SegmentSamples.small(codec, 3, 4));
        objects.beforeNextPut = () -> objects.repliesToLose = 1;
        SealedSegment segment = SegmentSamples.small(codec, 3, 5);
        put(segment);
        assertStored(segment);
    }

    @Test
    void aNewerGatewayThatReplacesTheSameOrphanIsNotOverwritten() throws Exception {
        put(SegmentSamples.small(codec, 3, 4));
        SealedSegment newer = SegmentSamples.small(codec, 3, 6);
        Runnable takeOver = () -> {
            CompletableFuture<Void> unused = store.put(newer, RequestCause.FLUSH);
        };
        objects.beforeNextPut = () -> objects.beforeNextPut = takeOver;
        FencedException failure =
                failure(FencedException.class, store.put(SegmentSamples.small(codec, 3, 5), RequestCause.FLUSH));
        assertEquals(6, failure.epoch());
        assertStored(newer);
    }

    @Test
    void anotherGatewaysSegmentOfTheSameOrANewerEpochFencesUs() throws Exception {
        for (long epoch : new long[] {5, 6}) {
            objects.objects.clear();
            SealedSegment theirs = SegmentSamples.small(codec, 3, epoch);
            put(theirs);
            FencedException failure =
                    failure(FencedException.class, store.put(SegmentSamples.small(codec, 3, 5), RequestCause.FLUSH));
            assertEquals(epoch, failure.epoch());
            assertStored(theirs);
        }
    }

    private SealedSegment fence(long epoch) {
        return codec.builder(3, epoch, SegmentHeader.Kind.FENCE).seal(15, 15, 1);
    }

    @Test
    void aFenceDoesNotDestroyWhatTheFormerOwnerPutAfterTheListing() throws Exception {
        SealedSegment acknowledged = SegmentSamples.small(codec, 3, 4);
        put(acknowledged);
        for (CompletableFuture<Void> attempt : List.of(
                store.putFence(fence(5), 4, RequestCause.RECOVERY),
                store.putFence(fence(5), 3, RequestCause.RECOVERY),
                store.put(fence(5), RequestCause.RECOVERY))) {
            SegmentTakenException failure = failure(SegmentTakenException.class, attempt);
            assertEquals(acknowledged.header().attemptTag(), failure.found().attemptTag());
            assertStored(acknowledged);
        }
    }

    @Test
    void aFenceReplacesAnOrphanFromBehindAnOlderFence() throws Exception {
        put(SegmentSamples.small(codec, 3, 3));
        SealedSegment fence = fence(5);
        Void unused = store.putFence(fence, 4, RequestCause.RECOVERY).get();
        assertStored(fence);
    }

    @Test
    void aFenceIsPutOnlyOnceAlsoWhenTheReplyGotLost() throws Exception {
        objects.repliesToLose = 1;
        SealedSegment fence = fence(5);
        Void unused = store.putFence(fence, 4, RequestCause.RECOVERY).get();
        assertStored(fence);
        FencedException failure =
                failure(FencedException.class, store.put(SegmentSamples.small(codec, 3, 4), RequestCause.FLUSH));
        assertEquals(5, failure.epoch());
        assertStored(fence);
    }

    @Test
    void whatIsNoSegmentOfOursIsNamedAndLeftAlone() {
        byte[] foreign = SegmentSamples.bytes(SegmentSamples.small(SegmentSamples.codec(SegmentSamples.gcm(9), 1), 3, 1)
                .bytes());
        for (byte[] found : List.of(new byte[0], new byte[5000], foreign)) {
            byte[] before = found.clone();
            objects.objects.put(KEY, found);
            DamagedObjectException unused = failure(
                    DamagedObjectException.class, store.put(SegmentSamples.small(codec, 3, 5), RequestCause.FLUSH));
            assertArrayEquals(before, objects.objects.get(KEY));
        }
    }

    @Test
    void anOrphanThatVanishesMeanwhileDoesNotHinder() throws Exception {
        put(SegmentSamples.small(codec, 3, 4));
        objects.beforeNextHead = () -> objects.objects.remove(KEY);
        SealedSegment segment = SegmentSamples.small(codec, 3, 5);
        put(segment);
        assertStored(segment);
    }

    @Test
    void otherFailuresAreHandedOn() {
        ObjectStoreException failure =
                failure(ObjectStoreException.class, store.readFrame(3, 512, 512, RequestCause.HOST));
        assertEquals(ObjectStoreException.Kind.NOT_FOUND, failure.kind());
    }

    @Test
    void aHeaderIsOneRequestAndALongOneTwo() throws Exception {
        SealedSegment small = SegmentSamples.small(codec, 3, 5);
        put(small);
        objects.requests.clear();
        SegmentHeader header = store.readHeader(3, small.header().storedBytes(), RequestCause.RECOVERY)
                .get();
        assertEquals(small.header().attemptTag(), header.attemptTag());
        assertEquals(1, objects.requests.size());

        SegmentBuilder builder = codec.builder(4, 5, SegmentHeader.Kind.DATA);
        for (int i = 0; i < 50_000; i++) {
            builder.addZeros(1_000_000L + (2L * i), 1);
        }
        SealedSegment large = builder.seal(1, 2, 3);
        put(large);
        objects.requests.clear();
        SegmentHeader read = store.readHeader(4, large.header().storedBytes(), RequestCause.RECOVERY)
                .get();
        assertEquals(large.header().zeros(), read.zeros());
        assertEquals(2, objects.requests.size());
    }

    @Test
    void aTruncatedSegmentIsDamaged() throws Exception {
        put(SegmentSamples.small(codec, 3, 5));
        for (int size : new int[] {0, 79, 80, 511, 512, 1024}) {
            DamagedObjectException unused =
                    failure(DamagedObjectException.class, store.readHeader(3, size, RequestCause.RECOVERY));
        }
    }

    @Test
    void aFrameIsOneRequest() throws Exception {
        put(SegmentSamples.small(codec, 3, 5));
        objects.requests.clear();
        OpenedFrame frame = store.readFrame(3, 1024, 512, RequestCause.HOST).get();
        assertArrayEquals(new long[] {9}, frame.lbas());
        assertEquals(SegmentSamples.block(2), frame.blocks());
        assertEquals(List.of("getRange " + KEY), objects.requests);
    }

    @Test
    void aDamagedFrameFailsAsItIs() throws Exception {
        put(SegmentSamples.small(codec, 3, 5));
        objects.objects.computeIfPresent(KEY, (key, bytes) -> SegmentSamples.flipped(bytes, 1100 * 8));
        DamagedObjectException failure =
                failure(DamagedObjectException.class, store.readFrame(3, 1024, 512, RequestCause.HOST));
        assertEquals("frame at 1024 of segment 3 of volume " + SegmentSamples.VOLUME, failure.object());
    }
}
