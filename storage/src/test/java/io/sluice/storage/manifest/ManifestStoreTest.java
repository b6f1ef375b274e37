package io.sluice.storage.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.SeededEntropy;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.segment.ObjectStoreFake;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

final class ManifestStoreTest {
    private static final String PREFIX = "demo/manifest/";

    private final ObjectNames names = new ObjectNames("demo");
    private final Sealing sealing = new ChecksumSealing(new SeededEntropy(1));
    private final ObjectStoreFake objects = new ObjectStoreFake();
    private final ManifestStore store = new ManifestStore(objects, names, new SeededEntropy(2));
    private final ManifestStore other = new ManifestStore(objects, names, new SeededEntropy(3));
    private final Manifest first =
            Manifest.builder(ManifestSamples.VOLUME, "demo").sizeBytes(1 << 20).build();

    private Manifest create(ManifestStore by, Manifest next) throws Exception {
        return by.create(next, sealing, RequestCause.MANIFEST).get();
    }

    private Optional<Manifest> newest() throws Exception {
        return store.newest(RequestCause.RECOVERY).get();
    }

    private static <E extends Throwable> E failure(Class<E> kind, CompletableFuture<?> future) {
        return assertInstanceOf(
                kind, assertThrows(ExecutionException.class, future::get).getCause());
    }

    private Manifest series(int count) throws Exception {
        Manifest last = create(store, first);
        for (int i = 1; i < count; i++) {
            last = create(store, last.next().epoch(i).build());
        }
        return last;
    }

    @Test
    void aBucketWithoutManifestsHasNoVolume() throws Exception {
        objects.objects.put("demo2/manifest/0000000000000001", new byte[5]);
        objects.objects.put("demo/segment/0000000000000001", new byte[5]);
        assertTrue(newest().isEmpty());
    }

    @Test
    void whatIsCreatedIsTheNewestAndVerifies() throws Exception {
        Manifest created = create(store, first);
        assertNotEquals(0, created.attemptTag());
        assertEquals(List.of("put " + names.manifest(1), "list " + PREFIX), objects.requests);
        assertEquals(Optional.of(created), newest());
        assertTrue(ManifestStore.verify(newest().orElseThrow(), sealing));
    }

    @Test
    void theNewestIsFoundBehindManyPages() throws Exception {
        Manifest last = series(25);
        objects.pageObjectsMax = 3;
        assertEquals(Optional.of(last), newest());
        assertEquals(25, store.list(RequestCause.ADMIN).get().size());
    }

    @Test
    void theSecondOfTwoGatewaysLosesAndIsToldWhoWon() throws Exception {
        create(store, first);
        Manifest winner =
                create(other, first.next().epoch(1).owner(new UUID(1, 1)).build());
        Manifest late = first.next().epoch(1).owner(new UUID(2, 2)).build();
        ManifestConflictException failure =
                failure(ManifestConflictException.class, store.create(late, sealing, RequestCause.MANIFEST));
        assertEquals(winner, failure.winner());
        assertEquals(Optional.of(winner), newest());
    }

    @Test
    void aCreationWhoseReplyGotLostSucceeds() throws Exception {
        objects.repliesToLose = 1;
        Manifest created = create(store, first);
        assertEquals(Optional.of(created), newest());
    }

    @Test
    void aCreationRepeatedWithTheSameTagSucceeds() throws Exception {
        Manifest tagged = first.toBuilder().attemptTag(77).build();
        Manifest created = create(store, tagged);
        assertEquals(created, create(store, tagged));
    }

    @Test
    void aGatewayThatSleptCannotTakeANumberThatPruningHasFreed() throws Exception {
        Manifest seen = create(store, first);
        Manifest winner = seen;
        for (int i = 0; i < 5; i++) {
            winner = create(other, winner.next().epoch(i).owner(new UUID(3, 3)).build());
        }
        Void unused = other.prune(winner.number(), 2).get();
        assertEquals(List.of(5L, 6L), store.list(RequestCause.ADMIN).get());
        ManifestConflictException failure = failure(
                ManifestConflictException.class, store.create(seen.next().build(), sealing, RequestCause.MANIFEST));
        assertEquals(winner, failure.winner());
        assertEquals(Optional.of(winner), newest());
    }

    @Test
    void pruningKeepsTheNewest() throws Exception {
        Manifest last = series(10);
        Void unused = store.prune(last.number(), 3).get();
        assertEquals(List.of(8L, 9L, 10L), store.list(RequestCause.ADMIN).get());
        assertEquals(9, store.read(9, RequestCause.ADMIN).get().number());
        objects.requests.clear();
        unused = store.prune(last.number(), 3).get();
        assertEquals(List.of("list " + PREFIX), objects.requests);
    }

    @Test
    void aManifestThatIsPrunedBetweenListingAndReadingIsNoFailure() throws Exception {
        Manifest last = series(2);
        objects.beforeNextGet = () -> {
            Manifest next = last.next().build();
            CompletableFuture<Manifest> created = other.create(next, sealing, RequestCause.MANIFEST);
            assertTrue(created.isDone());
            CompletableFuture<Void> pruned = other.prune(3, 1);
            assertTrue(pruned.isDone());
        };
        assertEquals(3, newest().orElseThrow().number());
    }

    @Test
    void aDamagedNewestManifestIsNamedAndNoOlderOneIsTaken() throws Exception {
        series(2);
        objects.objects.computeIfPresent(names.manifest(2), (key, bytes) -> new byte[bytes.length]);
        DamagedObjectException failure = failure(DamagedObjectException.class, store.newest(RequestCause.RECOVERY));
        assertEquals(names.manifest(2), failure.object());
    }

    @Test
    void anAbsurdlyLongManifestIsNotFetched() {
        objects.objects.put(names.manifest(1), new byte[ManifestCodec.MANIFEST_BYTES_MAX + 1]);
        DamagedObjectException unused = failure(DamagedObjectException.class, store.newest(RequestCause.RECOVERY));
        assertEquals(List.of("list " + PREFIX), objects.requests);
    }

    @Test
    void aManifestOfAnotherVolumeIsFound() throws Exception {
        Manifest foreign = Manifest.builder(ManifestSamples.VOLUME, "other").build();
        ManifestStore others = new ManifestStore(objects, new ObjectNames("other"), new SeededEntropy(4));
        create(others, foreign);
        byte[] bytes = objects.objects.getOrDefault("other/manifest/0000000000000001", new byte[0]);
        objects.objects.put(names.manifest(1), bytes);
        DamagedObjectException failure = failure(DamagedObjectException.class, store.newest(RequestCause.RECOVERY));
        assertTrue(failure.toString().contains("\"other\""), failure::toString);
    }

    @Test
    void anErrorIsNotAnAbsence() {
        objects.failListings = true;
        ObjectStoreException failure = failure(ObjectStoreException.class, store.newest(RequestCause.RECOVERY));
        assertEquals(ObjectStoreException.Kind.UNAVAILABLE, failure.kind());
        failure = failure(ObjectStoreException.class, store.create(first, sealing, RequestCause.MANIFEST));
        assertEquals(ObjectStoreException.Kind.UNAVAILABLE, failure.kind());
    }

    @Test
    void readingWhatIsNotKeptSaysNotFound() {
        ObjectStoreException failure = failure(ObjectStoreException.class, store.read(4, RequestCause.ADMIN));
        assertEquals(ObjectStoreException.Kind.NOT_FOUND, failure.kind());
    }
}
