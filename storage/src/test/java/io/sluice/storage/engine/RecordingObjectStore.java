package io.sluice.storage.engine;

import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Notes every request, in order, and can run something just before a request of a certain kind. */
final class RecordingObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final List<Request> requests = new ArrayList<>();
    private @Nullable Predicate<Request> trigger;
    private Runnable hook = () -> {};

    /** One request; {@code subject} is its key, the first of its keys, or the prefix of a listing. */
    record Request(ObjectOperation operation, String subject, RequestCause cause) {
        boolean isPut() {
            return operation.isMutating() && operation != ObjectOperation.DELETE;
        }

        /** "putIfAbsent segment FLUSH": without name of the volume and number. */
        String kind() {
            String[] parts = subject.split("/", -1);
            return operation.label() + " " + (parts.length > 1 ? parts[1] : subject) + " " + cause;
        }
    }

    RecordingObjectStore(ObjectStore inner) {
        this.inner = inner;
    }

    /** Runs {@code action} once, before the next request that {@code when} accepts is sent. */
    void before(Predicate<Request> when, Runnable action) {
        trigger = when;
        hook = action;
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    void forget() {
        requests.clear();
    }

    long count(Predicate<Request> which) {
        return requests.stream().filter(which).count();
    }

    /** How many of each {@linkplain Request#kind kind}. */
    Map<String, Integer> kinds() {
        Map<String, Integer> kinds = new TreeMap<>();
        requests.forEach(request -> kinds.merge(request.kind(), 1, Integer::sum));
        return kinds;
    }

    private void note(ObjectOperation operation, String subject, RequestCause cause) {
        Request request = new Request(operation, subject, cause);
        Predicate<Request> armed = trigger;
        if (armed != null && armed.test(request)) {
            trigger = null;
            hook.run();
        }
        requests.add(request);
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        note(ObjectOperation.GET, key, cause);
        return inner.get(key, cause);
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        note(ObjectOperation.GET_RANGE, key, cause);
        return inner.getRange(key, offset, length, cause);
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        note(ObjectOperation.of(condition), key, cause);
        return inner.put(key, body, condition, cause);
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        note(ObjectOperation.PUT_IF_MATCH, key, cause);
        return inner.putIfMatch(key, body, entityTag, cause);
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        note(ObjectOperation.HEAD, key, cause);
        return inner.head(key, cause);
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        note(ObjectOperation.LIST, prefix, cause);
        return inner.list(prefix, startAfter, limit, cause);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        note(ObjectOperation.DELETE, keys.get(0), cause);
        return inner.delete(keys, cause);
    }

    @Override
    public java.util.OptionalLong serverTimeMillis() {
        return inner.serverTimeMillis();
    }

    @Override
    public String describe() {
        return inner.describe();
    }

    @Override
    public void close() {
        inner.close();
    }
}
