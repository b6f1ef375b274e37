package io.sluice.storage.segment;

import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An object store in memory that answers at once, logs its requests, and can lose the replies of puts. */
public final class ObjectStoreFake implements ObjectStore {
    /** The requests so far, "operation key". */
    public final List<String> requests = new ArrayList<>();

    /** The objects; tests may change them. */
    public final TreeMap<String, byte[]> objects = new TreeMap<>();

    /** How many objects a page of a listing has at most. */
    public int pageObjectsMax = 1000;
    /** How many of the next puts are done, but answered by 412 as if another attempt had been made after them. */
    public int repliesToLose;
    /** Whether If-Match never matches, as on servers that compare entity tags in another form. */
    public boolean matchNeverHolds;
    /** Run once, right before the next put is looked at. */
    public @Nullable Runnable beforeNextPut;
    /** Whether listings fail. */
    public boolean failListings;
    /** Run once, right before the next get is answered. */
    public @Nullable Runnable beforeNextGet;
    /** Run once, right before the next head is answered. */
    public @Nullable Runnable beforeNextHead;

    private final TreeMap<String, Integer> versions = new TreeMap<>();

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        requests.add("get " + key);
        Runnable interference = beforeNextGet;
        beforeNextGet = null;
        if (interference != null) {
            interference.run();
        }
        byte[] found = objects.get(key);
        return found == null
                ? failed(Kind.NOT_FOUND, key)
                : CompletableFuture.completedFuture(ByteBuffer.wrap(found).asReadOnlyBuffer());
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        requests.add("getRange " + key);
        byte[] found = objects.get(key);
        if (found == null) {
            return failed(Kind.NOT_FOUND, key);
        }
        if (offset + length > found.length) {
            return failed(Kind.INVALID, key);
        }
        return CompletableFuture.completedFuture(
                ByteBuffer.wrap(found).slice((int) offset, length).asReadOnlyBuffer());
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        requests.add((condition == PutCondition.ALWAYS ? "putAlways " : "put ") + key);
        interfere();
        if (condition == PutCondition.IF_ABSENT && objects.containsKey(key)) {
            return failed(Kind.PRECONDITION_FAILED, key);
        }
        return store(key, body);
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        requests.add("putIfMatch " + key);
        interfere();
        if (matchNeverHolds || !objects.containsKey(key) || !entityTag.equals(tag(key))) {
            return failed(Kind.PRECONDITION_FAILED, key);
        }
        return store(key, body);
    }

    private void interfere() {
        Runnable interference = beforeNextPut;
        beforeNextPut = null;
        if (interference != null) {
            interference.run();
        }
    }

    private CompletableFuture<String> store(String key, ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        objects.put(key, bytes);
        int version = versions.merge(key, 1, Integer::sum);
        if (repliesToLose > 0) {
            repliesToLose--;
            return failed(Kind.PRECONDITION_FAILED, key);
        }
        return CompletableFuture.completedFuture("v" + version);
    }

    private String tag(String key) {
        return "v" + versions.getOrDefault(key, 0);
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        requests.add("head " + key);
        Runnable interference = beforeNextHead;
        beforeNextHead = null;
        if (interference != null) {
            interference.run();
        }
        byte[] found = objects.get(key);
        return found == null
                ? failed(Kind.NOT_FOUND, key)
                : CompletableFuture.completedFuture(new ObjectHead(key, found.length, tag(key)));
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        requests.add("list " + prefix);
        if (failListings) {
            return failed(Kind.UNAVAILABLE, prefix);
        }
        List<ObjectHead> page = new ArrayList<>();
        boolean more = false;
        for (String key : objects.keySet()) {
            if (key.startsWith(prefix) && (startAfter == null || key.compareTo(startAfter) > 0)) {
                if (page.size() == Math.min(limit, pageObjectsMax)) {
                    more = true;
                    break;
                }
                page.add(new ObjectHead(key, objects.get(key).length, tag(key)));
            }
        }
        return CompletableFuture.completedFuture(new ObjectPage(page, more));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        requests.add("delete " + keys.size());
        keys.forEach(objects::remove);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public String describe() {
        return "memory";
    }

    @Override
    public void close() {}

    private static <T> CompletableFuture<T> failed(Kind kind, String key) {
        return CompletableFuture.failedFuture(new ObjectStoreException(kind, kind + " " + key, null));
    }
}
