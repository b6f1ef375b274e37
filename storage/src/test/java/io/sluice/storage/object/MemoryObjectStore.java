package io.sluice.storage.object;

import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The model of {@link ObjectStore}: exactly its promises, in memory, deterministic. Requests take effect and complete
 * as tasks of the given executor, inline without one. The methods below the interface look into the bucket and harm it
 * the way hardware and people do. Thread-safe.
 */
public final class MemoryObjectStore implements ObjectStore {
    private final Executor executor;
    private final NavigableMap<String, Stored> objects = new TreeMap<>();
    private long versions;

    private record Stored(byte[] bytes, String tag) {}

    private interface Work<T> {
        T run() throws ObjectStoreException;
    }

    /** Completes every future before the call returns. */
    public MemoryObjectStore() {
        this(Runnable::run);
    }

    /** Runs requests as tasks of {@code executor}. */
    public MemoryObjectStore(Executor executor) {
        this.executor = executor;
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return run(() -> {
            ObjectKeys.requireKey(key);
            return ByteBuffer.wrap(existing(key).bytes.clone()).asReadOnlyBuffer();
        });
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        return run(() -> {
            ObjectKeys.requireRange(key, offset, length);
            byte[] bytes = existing(key).bytes;
            if (offset + length > bytes.length) {
                throw new ObjectStoreException(Kind.INVALID, "'" + key + "' has only " + bytes.length + " bytes", null);
            }
            byte[] range = new byte[length];
            System.arraycopy(bytes, (int) offset, range, 0, length);
            return ByteBuffer.wrap(range).asReadOnlyBuffer();
        });
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return run(() -> {
            ObjectKeys.requireKey(key);
            if (condition == PutCondition.IF_ABSENT && objects.containsKey(key)) {
                throw conflict(key);
            }
            return store(key, body);
        });
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return run(() -> {
            ObjectKeys.requireKey(key);
            Stored current = objects.get(key);
            if (current == null || !current.tag.equals(entityTag)) {
                throw conflict(key);
            }
            return store(key, body);
        });
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return run(() -> {
            ObjectKeys.requireKey(key);
            return head(key, existing(key));
        });
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return run(() -> {
            ObjectKeys.requireListing(prefix, startAfter, limit);
            List<ObjectHead> found = new ArrayList<>();
            for (var entry : objects.tailMap(prefix, true).entrySet()) {
                if (!entry.getKey().startsWith(prefix)) {
                    break;
                }
                if (startAfter != null && entry.getKey().compareTo(startAfter) <= 0) {
                    continue;
                }
                if (found.size() == limit) {
                    return new ObjectPage(found, true);
                }
                found.add(head(entry.getKey(), entry.getValue()));
            }
            return new ObjectPage(found, false);
        });
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        List<String> all = List.copyOf(keys);
        return run(() -> {
                    for (String key : all) {
                        ObjectKeys.requireKey(key);
                    }
                    all.forEach(objects::remove);
                    return all;
                })
                .thenAccept(deleted -> {});
    }

    @Override
    public String describe() {
        return "memory";
    }

    @Override
    public void close() {}

    /** A bucket of its own with the same objects as this one has now. */
    public synchronized MemoryObjectStore copy() {
        MemoryObjectStore copy = new MemoryObjectStore();
        copy.objects.putAll(objects);
        copy.versions = versions;
        return copy;
    }

    /** All keys, ascending. */
    public synchronized List<String> keys() {
        return List.copyOf(objects.keySet());
    }

    /** A copy of the object's bytes; null when absent. */
    public synchronized byte @Nullable [] bytes(String key) {
        Stored stored = objects.get(key);
        return stored == null ? null : stored.bytes.clone();
    }

    /** Puts bytes there as they are. */
    public synchronized void replace(String key, byte[] bytes) {
        store(key, ByteBuffer.wrap(bytes));
    }

    /** Turns the bits of {@code mask} over in the byte at {@code offset}. */
    public synchronized void corrupt(String key, int offset, int mask) {
        byte[] bytes = required(key).bytes.clone();
        bytes[offset] ^= (byte) mask;
        store(key, ByteBuffer.wrap(bytes));
    }

    /** Cuts the object after {@code length} bytes. */
    public synchronized void truncate(String key, int length) {
        store(key, ByteBuffer.wrap(required(key).bytes, 0, length));
    }

    /** Removes the object without a request. */
    public synchronized void remove(String key) {
        objects.remove(key);
    }

    /** All bytes stored. */
    public synchronized long sizeBytes() {
        return objects.values().stream()
                .mapToLong(stored -> stored.bytes.length)
                .sum();
    }

    private <T> CompletableFuture<T> run(Work<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        executor.execute(() -> {
            T value;
            try {
                synchronized (this) {
                    value = work.run();
                }
            } catch (ObjectStoreException failure) {
                result.completeExceptionally(failure);
                return;
            }
            result.complete(value);
        });
        return result;
    }

    private synchronized String store(String key, ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        String tag = "v" + ++versions;
        objects.put(key, new Stored(bytes, tag));
        return tag;
    }

    private synchronized Stored existing(String key) throws ObjectStoreException {
        Stored stored = objects.get(key);
        if (stored == null) {
            throw new ObjectStoreException(Kind.NOT_FOUND, "no object '" + key + "' in memory", null);
        }
        return stored;
    }

    private Stored required(String key) {
        Stored stored = objects.get(key);
        if (stored == null) {
            throw new IllegalArgumentException("no object '" + key + "'");
        }
        return stored;
    }

    private static ObjectHead head(String key, Stored stored) {
        return new ObjectHead(key, stored.bytes.length, stored.tag);
    }

    private static ObjectStoreException conflict(String key) {
        return new ObjectStoreException(Kind.PRECONDITION_FAILED, "'" + key + "' is not as expected", null);
    }
}
