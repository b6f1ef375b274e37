package io.sluice.storage.segment;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The segments of one volume in its bucket.
 *
 * <p>A segment is put only if its number is absent. When something is there already, its authenticated header says what
 * that means ({@link #put}): our own earlier attempt whose reply got lost, an orphan of an epoch that was fenced, or a
 * gateway that has fenced us.
 *
 * <p>Thread-safe. Futures complete on threads of the object store, or on {@code decoders} when given.
 */
public final class SegmentStore {
    private static final int REPLACEMENTS_MAX = 4;

    private final ObjectStore store;
    private final ObjectNames names;
    private final SegmentCodec codec;
    private final Executor decoders;

    /** Decrypts and decompresses on the store's threads. */
    public SegmentStore(ObjectStore store, ObjectNames names, SegmentCodec codec) {
        this(store, names, codec, Runnable::run);
    }

    /** Decrypts and decompresses on {@code decoders}. */
    public SegmentStore(ObjectStore store, ObjectNames names, SegmentCodec codec, Executor decoders) {
        this.store = store;
        this.names = names;
        this.codec = codec;
        this.decoders = decoders;
    }

    /**
     * Puts the segment under its number. May be repeated with the same {@code segment} after a failure that left the
     * outcome open. Fails with {@link FencedException} when another gateway's segment of the same or a newer epoch is
     * there, and with {@link DamagedObjectException} when something is there that is no segment of this volume.
     */
    public CompletableFuture<Void> put(SealedSegment segment, RequestCause cause) {
        return orElse(
                store.put(key(segment), segment.bytes(), PutCondition.IF_ABSENT, cause),
                ObjectStoreException.Kind.PRECONDITION_FAILED,
                () -> settle(segment, cause, REPLACEMENTS_MAX, ""));
    }

    /** Something is there: looks at it and does what its origin asks for. */
    private CompletableFuture<Void> settle(
            SealedSegment segment, RequestCause cause, int replacements, String refusedEntityTag) {
        long number = segment.header().number();
        return orElse(
                store.head(key(segment), cause)
                        .thenCompose(head -> readHeader(number, head.sizeBytes(), cause)
                                .thenCompose(
                                        found -> decide(segment, head, found, cause, replacements, refusedEntityTag))),
                ObjectStoreException.Kind.NOT_FOUND,
                () -> replacements > 0 ? putAgain(segment, cause, replacements) : changesTooOften(segment));
    }

    private CompletableFuture<Void> putAgain(SealedSegment segment, RequestCause cause, int replacements) {
        return orElse(
                store.put(key(segment), segment.bytes(), PutCondition.IF_ABSENT, cause),
                ObjectStoreException.Kind.PRECONDITION_FAILED,
                () -> settle(segment, cause, replacements - 1, ""));
    }

    private CompletableFuture<Void> decide(
            SealedSegment segment,
            ObjectHead head,
            SegmentHeader found,
            RequestCause cause,
            int replacements,
            String refusedEntityTag) {
        SegmentHeader ours = segment.header();
        if (found.epoch() == ours.epoch() && found.attemptTag() == ours.attemptTag()) {
            return CompletableFuture.completedFuture(null);
        }
        if (found.epoch() >= ours.epoch()) {
            return CompletableFuture.failedFuture(new FencedException(head.key(), found.epoch(), ours.epoch()));
        }
        if (replacements == 0) {
            return changesTooOften(segment);
        }
        return replaceOrphan(segment, head, cause, replacements, refusedEntityTag);
    }

    /**
     * Puts over exactly the orphan that was looked at, so that a newer gateway that replaces the same orphan at this moment
     * is not overwritten. A server that refuses although the orphan did not change does not understand If-Match: then,
     * and only then, unconditionally.
     */
    private CompletableFuture<Void> replaceOrphan(
            SealedSegment segment, ObjectHead orphan, RequestCause cause, int replacements, String refusedEntityTag) {
        if (orphan.entityTag().equals(refusedEntityTag)) {
            return store.put(orphan.key(), segment.bytes(), PutCondition.ALWAYS, cause)
                    .thenApply(entityTag -> null);
        }
        return store.putIfMatch(orphan.key(), segment.bytes(), orphan.entityTag(), cause)
                .<Void>thenApply(entityTag -> null)
                .exceptionallyCompose(failure -> isRefusal(failure)
                        ? settle(segment, cause, replacements - 1, orphan.entityTag())
                        : CompletableFuture.failedFuture(Failures.unwrap(failure)));
    }

    private CompletableFuture<Void> changesTooOften(SealedSegment segment) {
        return CompletableFuture.failedFuture(new ObjectStoreException(
                ObjectStoreException.Kind.UNAVAILABLE,
                "put of " + key(segment) + " to " + store.describe() + ": what is there keeps changing",
                null));
    }

    /** The authenticated header of segment {@code number}, whose object is {@code sizeBytes} long. */
    public CompletableFuture<SegmentHeader> readHeader(long number, long sizeBytes, RequestCause cause) {
        int length = (int) Math.min(sizeBytes, SegmentFormat.HEADER_READ_BYTES);
        if (length < SegmentFormat.PROLOGUE_BYTES) {
            return CompletableFuture.failedFuture(
                    new DamagedObjectException(names.segment(number), "has only " + sizeBytes + " bytes"));
        }
        return readHeader(number, sizeBytes, length, cause);
    }

    private CompletableFuture<SegmentHeader> readHeader(long number, long sizeBytes, int length, RequestCause cause) {
        return store.getRange(names.segment(number), 0, length, cause)
                .thenComposeAsync(
                        prefix -> {
                            try {
                                return CompletableFuture.completedFuture(codec.readHeader(number, prefix, sizeBytes));
                            } catch (NeedMoreBytesException e) {
                                return readHeader(number, sizeBytes, e.bytesNeeded(), cause);
                            } catch (DamagedObjectException | UnsupportedFormatException e) {
                                return CompletableFuture.failedFuture(e);
                            }
                        },
                        decoders);
    }

    /** The authenticated content of one frame: one ranged get. */
    public CompletableFuture<OpenedFrame> readFrame(
            long segment, int offsetBytes, int storedBytes, RequestCause cause) {
        return store.getRange(names.segment(segment), offsetBytes, storedBytes, cause)
                .thenApplyAsync(stored -> openFrame(segment, offsetBytes, stored), decoders);
    }

    private OpenedFrame openFrame(long segment, int offsetBytes, ByteBuffer stored) {
        try {
            return codec.openFrame(segment, offsetBytes, stored);
        } catch (DamagedObjectException | UnsupportedFormatException e) {
            throw new CompletionException(e);
        }
    }

    private String key(SealedSegment segment) {
        return names.segment(segment.header().number());
    }

    /** {@code request}, or what {@code otherwise} gives when it fails with {@code kind}. */
    private static CompletableFuture<Void> orElse(
            CompletableFuture<?> request, ObjectStoreException.Kind kind, Supplier<CompletableFuture<Void>> otherwise) {
        return request.<Void>thenApply(ignored -> null)
                .exceptionallyCompose(failure ->
                        Failures.unwrap(failure) instanceof ObjectStoreException refused && refused.kind() == kind
                                ? otherwise.get()
                                : CompletableFuture.failedFuture(Failures.unwrap(failure)));
    }

    private static boolean isRefusal(Throwable failure) {
        return Failures.unwrap(failure) instanceof ObjectStoreException refused
                && (refused.kind() == ObjectStoreException.Kind.PRECONDITION_FAILED
                        || refused.kind() == ObjectStoreException.Kind.INVALID);
    }
}
