package io.sluice.storage.checkpoint;

import io.sluice.storage.checkpoint.RootRecord.ObjectUse;
import io.sluice.storage.format.Failures;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one checkpoint as they are filled and put, and the object table as it becomes. Objects are put with
 * "only if absent": a number that turns out to be taken (left over from a checkpoint that never got into a manifest, or
 * written by another gateway) is never overwritten; the checkpoint is then written again under higher numbers.
 */
final class CheckpointOutput {
    private final ObjectStore store;
    private final LongFunction<String> objectName;
    private final PageCodec codec;
    private final TreeMap<Long, ObjectUse> objects;
    private long nextObject;
    private @Nullable CheckpointObject current;
    private long pagesWritten;

    /** The object number is taken by something else. */
    static final class NumberTakenException extends IOException {
        private static final long serialVersionUID = 1L;

        private final long number;

        NumberTakenException(long number) {
            super("checkpoint object " + number + " exists already");
            this.number = number;
        }

        long number() {
            return number;
        }
    }

    CheckpointOutput(
            ObjectStore store,
            LongFunction<String> objectName,
            PageCodec codec,
            SortedMap<Long, ObjectUse> objects,
            long nextObject) {
        this.store = store;
        this.objectName = objectName;
        this.codec = codec;
        this.objects = new TreeMap<>(objects);
        this.nextObject = nextObject;
    }

    /** Appends a page that will be reached. */
    PagePointer append(PageId id, long[] words, long oldestBelow) {
        PagePointer pointer = object().append(id, PageCodec.toBytes(words), oldestBelow);
        addLive(pointer.object(), pointer.storedBytes());
        pagesWritten++;
        return pointer;
    }

    /** Appends a part of the root. */
    PagePointer appendRoot(int part, byte[] content) {
        pagesWritten++;
        return object().append(new PageId(PageKind.ROOT, 0, part), content, Long.MAX_VALUE);
    }

    /** The page at {@code pointer} is no longer reached. */
    void retire(PagePointer pointer) {
        if (!pointer.isAbsent()) {
            addLive(pointer.object(), -pointer.storedBytes());
        }
    }

    /** These were deleted from the store. */
    void forget(Collection<Long> deleted) {
        for (Long number : deleted) {
            ObjectUse use = objects.remove(number);
            Invariant.check(use == null || use.liveBytes() == 0, "a live checkpoint object was deleted", number, 0);
        }
    }

    /** Puts the object under way when it is full: what to wait for, else null. */
    @Nullable
    CompletableFuture<?> putIfFull() {
        return current != null && current.isFull() ? putCurrent() : null;
    }

    /** Puts the object under way. */
    CompletableFuture<?> putCurrent() {
        CheckpointObject full = current;
        if (full == null) {
            return CompletableFuture.completedFuture(null);
        }
        current = null;
        long live = liveBytes(full.number());
        objects.put(full.number(), new ObjectUse(full.sizeBytes(), live, 0));
        String key = objectName.apply(full.number());
        return store.put(key, full.content(), PutCondition.IF_ABSENT, RequestCause.CHECKPOINT)
                .thenCompose(tag -> done())
                .exceptionallyCompose(failure -> judge(full, key, failure));
    }

    /** The object the next page goes to; begins one when there is none. */
    CheckpointObject object() {
        CheckpointObject open = current;
        if (open == null) {
            open = new CheckpointObject(codec, nextObject);
            nextObject++;
            current = open;
            objects.put(open.number(), new ObjectUse(0, 0, 0));
        }
        return open;
    }

    /** The table as of checkpoint {@code number}, whose root will stand in the object under way. */
    SortedMap<Long, ObjectUse> tableFor(long number) {
        long last = object().number();
        TreeMap<Long, ObjectUse> table = new TreeMap<>();
        objects.forEach((object, use) -> {
            boolean died = use.liveBytes() == 0 && use.deadSince() == 0 && object != last;
            table.put(object, died ? new ObjectUse(use.totalBytes(), 0, number) : use);
        });
        return table;
    }

    long nextObject() {
        return nextObject;
    }

    long pagesWritten() {
        return pagesWritten;
    }

    /** A put with a lost reply fails as if somebody else had been there: look whether the object is ours. */
    private CompletableFuture<@Nullable Void> judge(CheckpointObject object, String key, Throwable failure) {
        Throwable cause = Failures.unwrap(failure);
        boolean exists = cause instanceof ObjectStoreException refused
                && refused.kind() == ObjectStoreException.Kind.PRECONDITION_FAILED;
        if (!exists) {
            return CompletableFuture.failedFuture(cause);
        }
        return store.get(key, RequestCause.CHECKPOINT).thenCompose(found -> isOurs(object, found));
    }

    private static CompletableFuture<@Nullable Void> isOurs(CheckpointObject object, ByteBuffer found) {
        if (found.equals(object.content())) {
            return done();
        }
        return CompletableFuture.failedFuture(new NumberTakenException(object.number()));
    }

    private static CompletableFuture<@Nullable Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    private long liveBytes(long object) {
        ObjectUse use = objects.get(object);
        return use == null ? 0 : use.liveBytes();
    }

    private void addLive(long object, long change) {
        ObjectUse use = objects.get(object);
        Invariant.check(use != null, "a page stands in an unknown checkpoint object", object, change);
        if (use != null) {
            long live = use.liveBytes() + change;
            Invariant.check(live >= 0, "live bytes of a checkpoint object", object, live);
            objects.put(object, new ObjectUse(use.totalBytes(), live, use.deadSince()));
        }
    }
}
