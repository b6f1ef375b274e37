package io.sluice.storage.checkpoint;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Fetches pages, one request per page however many want it, and keeps the decoded ones that were used last. Failures are
 * not kept. Callers must not change the words they get. Confined to the lane; futures complete on it.
 */
final class PageLoader {
    private final ObjectStore store;
    private final LongFunction<String> objectName;
    private final PageCodec codec;
    private final Lane lane;
    private final LinkedHashMap<Long, long[]> cache;
    private final Map<Long, CompletableFuture<long[]>> underWay = new HashMap<>();
    private long fetches;

    PageLoader(ObjectStore store, LongFunction<String> objectName, PageCodec codec, Lane lane, int cachePages) {
        this.store = store;
        this.objectName = objectName;
        this.codec = codec;
        this.lane = lane;
        this.cache = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, long[]> eldest) {
                return size() > cachePages;
            }
        };
    }

    /** The page when it is in memory. */
    long @Nullable [] cached(PagePointer pointer) {
        return cache.get(pointer.key());
    }

    void remember(PagePointer pointer, long[] words) {
        cache.put(pointer.key(), words);
    }

    /** Requests made so far, for tests and status. */
    long fetches() {
        return fetches;
    }

    CompletableFuture<long[]> load(PagePointer pointer, PageId id, RequestCause cause) {
        return load(pointer, id, cause, true);
    }

    /** As {@link #load}, but the page is not kept for others: for walks over all of them. */
    CompletableFuture<long[]> loadOnce(PagePointer pointer, PageId id, RequestCause cause) {
        return load(pointer, id, cause, false);
    }

    private CompletableFuture<long[]> load(PagePointer pointer, PageId id, RequestCause cause, boolean keep) {
        long[] known = cached(pointer);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        CompletableFuture<long[]> running = underWay.get(pointer.key());
        if (running != null) {
            return running;
        }
        CompletableFuture<long[]> result = new CompletableFuture<>();
        underWay.put(pointer.key(), result);
        fetches++;
        CompletableFuture<?> unused = store.getRange(
                        objectName.apply(pointer.object()), pointer.offsetBytes(), pointer.storedBytes(), cause)
                .whenComplete(
                        (bytes, failure) -> lane.execute(() -> arrive(pointer, id, keep, result, bytes, failure)));
        return result;
    }

    private void arrive(
            PagePointer pointer,
            PageId id,
            boolean keep,
            CompletableFuture<long[]> result,
            @Nullable ByteBuffer bytes,
            @Nullable Throwable failure) {
        underWay.remove(pointer.key());
        if (bytes == null || failure != null) {
            result.completeExceptionally(notRead(pointer.object(), failure));
            return;
        }
        try {
            byte[] raw = codec.open(pointer.object(), pointer.offsetBytes(), bytes, id);
            if (raw.length != id.kind().words() * Long.BYTES) {
                throw new DamagedObjectException(id.toString(), "checkpoint page has a wrong length");
            }
            long[] words = PageCodec.toWords(raw);
            if (keep) {
                remember(pointer, words);
            }
            result.complete(words);
        } catch (DamagedObjectException damaged) {
            result.completeExceptionally(new DamagedObjectException(
                    objectName.apply(pointer.object()), String.valueOf(damaged.getMessage()), damaged));
        } catch (IOException failed) {
            result.completeExceptionally(failed);
        }
    }

    /** An object that is missing or cut is named; anything else stays what it is. */
    private Throwable notRead(long object, @Nullable Throwable failure) {
        if (failure == null) {
            return new IllegalStateException("store gave nothing");
        }
        if (Failures.unwrap(failure) instanceof ObjectStoreException store
                && (store.kind() == ObjectStoreException.Kind.NOT_FOUND
                        || store.kind() == ObjectStoreException.Kind.INVALID)) {
            return new DamagedObjectException(
                    objectName.apply(object), "a page in it cannot be read: " + store.getMessage(), store);
        }
        return failure;
    }

    /** The record at {@code root}; one request. */
    CompletableFuture<RootRecord> loadRoot(CheckpointRoot root) {
        CompletableFuture<RootRecord> result = new CompletableFuture<>();
        fetches++;
        CompletableFuture<?> unused = store.getRange(
                        objectName.apply(root.object()), root.offsetBytes(), root.storedBytes(), RequestCause.RECOVERY)
                .whenComplete((bytes, failure) -> lane.execute(() -> arriveRoot(root, result, bytes, failure)));
        return result;
    }

    private void arriveRoot(
            CheckpointRoot root,
            CompletableFuture<RootRecord> result,
            @Nullable ByteBuffer bytes,
            @Nullable Throwable failure) {
        if (bytes == null || failure != null) {
            result.completeExceptionally(notRead(root.object(), failure));
            return;
        }
        try {
            result.complete(RootCodec.open(codec, root, bytes));
        } catch (DamagedObjectException damaged) {
            result.completeExceptionally(new DamagedObjectException(
                    objectName.apply(root.object()), String.valueOf(damaged.getMessage()), damaged));
        } catch (IOException failed) {
            result.completeExceptionally(failed);
        }
    }
}
