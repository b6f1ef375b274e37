package io.sluice.storage.object;

import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers as told, in order; without a script it passes everything on. Can also hold answers back. */
final class ScriptedStore implements ObjectStore {
    private final ObjectStore inner;
    private final Deque<Optional<Kind>> script = new ArrayDeque<>();
    private final List<Runnable> held = new ArrayList<>();
    private final List<String> began = new ArrayList<>();
    private CompletableFuture<?> hanging = new CompletableFuture<>();
    private @Nullable Kind always;
    private boolean hang;
    private boolean hold;

    ScriptedStore(ObjectStore inner) {
        this.inner = inner;
    }

    /** One entry per attempt; null stands for success. */
    void answer(@Nullable Kind... kinds) {
        Arrays.stream(kinds).map(Optional::ofNullable).forEach(script::add);
    }

    void answerAlways(Kind kind) {
        always = kind;
    }

    void hang() {
        hang = true;
    }

    CompletableFuture<?> hanging() {
        return hanging;
    }

    /** From now on requests wait for {@link #release}. */
    void hold() {
        hold = true;
    }

    /** Lets the oldest held request go. */
    void release() {
        held.remove(0).run();
    }

    int attempts() {
        return began.size();
    }

    /** The keys, in the order in which requests began. */
    List<String> began() {
        return List.copyOf(began);
    }

    int heldRequests() {
        return held.size();
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return next(key, () -> inner.get(key, cause));
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        return next(key, () -> inner.getRange(key, offset, length, cause));
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return next(key, () -> inner.put(key, body, condition, cause));
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return next(key, () -> inner.putIfMatch(key, body, entityTag, cause));
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return next(key, () -> inner.head(key, cause));
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return next(prefix, () -> inner.list(prefix, startAfter, limit, cause));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        return next("delete", () -> inner.delete(keys, cause));
    }

    @Override
    public String describe() {
        return "scripted";
    }

    @Override
    public void close() {
        inner.close();
    }

    private <T> CompletableFuture<T> next(String key, Supplier<CompletableFuture<T>> request) {
        began.add(key);
        if (hang) {
            CompletableFuture<T> never = new CompletableFuture<>();
            hanging = never;
            return never;
        }
        if (hold) {
            CompletableFuture<T> later = new CompletableFuture<>();
            held.add(() -> later.completeAsync(() -> request.get().join(), Runnable::run));
            return later;
        }
        Optional<Kind> scripted = script.isEmpty() ? Optional.ofNullable(always) : script.remove();
        return scripted.<CompletableFuture<T>>map(kind ->
                        CompletableFuture.failedFuture(new ObjectStoreException(kind, "scripted " + kind, null)))
                .orElseGet(request);
    }
}
