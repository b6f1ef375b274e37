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
    private static final int LOOKS_MAX = 5;

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
     * outcome open. A segment of an older epoch that stands there is an orphan and is replaced, unless {@code segment} is
     * a fence: then it fails with {@link SegmentTakenException} (see {@link #putFence}).
     *
     * <p>Fails with {@link FencedException} when another gateway's segment of the same or a newer epoch is there, and
     * with {@link DamagedObjectException} when something is there that is no segment of this volume.
     */
    public CompletableFuture<Void> put(SealedSegment segment, RequestCause cause) {
        SegmentHeader header = segment.header();
        long orphansBelowEpoch = header.kind() == SegmentHeader.Kind.FENCE ? 0 : header.epoch();
        return new Put(segment, orphansBelowEpoch, cause).begin();
    }

    /**
     * Puts the fence of an epoch behind the history that was listed. What stands there may be an orphan from behind an
     * older fence, which is replaced, or the last segment of the former owner, which arrived after the listing: then it
     * fails with {@link SegmentTakenException} and destroys nothing.
     *
     * @param historyEpoch epoch of the newest fence in the history, so of the former owner; 0 without one
     */
    public CompletableFuture<Void> putFence(SealedSegment fence, long historyEpoch, RequestCause cause) {
        return new Put(fence, historyEpoch, cause).begin();
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

    /**
     * One put with its look at what stands in the way. Immutable but for the count of looks; its steps follow one another.
     */
    private final class Put {
        private final SealedSegment segment;
        private final String key;
        private final long orphansBelowEpoch;
        private final RequestCause cause;
        private int looks;
        private String refusedEntityTag = "";

        Put(SealedSegment segment, long orphansBelowEpoch, RequestCause cause) {
            this.segment = segment;
            this.key = names.segment(segment.header().number());
            this.orphansBelowEpoch = orphansBelowEpoch;
            this.cause = cause;
        }

        CompletableFuture<Void> begin() {
            return orElse(
                    store.put(key, segment.bytes(), PutCondition.IF_ABSENT, cause),
                    ObjectStoreException.Kind.PRECONDITION_FAILED,
                    this::settle);
        }

        /** Something is there: looks at it and does what its origin asks for. */
        private CompletableFuture<Void> settle() {
            if (++looks > LOOKS_MAX) {
                return CompletableFuture.failedFuture(new ObjectStoreException(
                        ObjectStoreException.Kind.UNAVAILABLE,
                        "put of " + key + " to " + store.describe() + ": what is there keeps changing",
                        null));
            }
            long number = segment.header().number();
            CompletableFuture<Void> settled = store.head(key, cause)
                    .thenCompose(head ->
                            readHeader(number, head.sizeBytes(), cause).thenCompose(found -> decide(head, found)));
            return orElse(settled, ObjectStoreException.Kind.NOT_FOUND, this::begin);
        }

        private CompletableFuture<Void> decide(ObjectHead head, SegmentHeader found) {
            SegmentHeader ours = segment.header();
            if (found.epoch() == ours.epoch() && found.attemptTag() == ours.attemptTag()) {
                return CompletableFuture.completedFuture(null);
            }
            if (found.epoch() >= ours.epoch()) {
                return CompletableFuture.failedFuture(new FencedException(key, found.epoch(), ours.epoch()));
            }
            if (found.epoch() >= orphansBelowEpoch) {
                return CompletableFuture.failedFuture(new SegmentTakenException(key, found));
            }
            return replace(head.entityTag());
        }

        /**
         * Puts over exactly the orphan that was looked at, so that a newer gateway that replaces the same orphan at this
         * moment is not overwritten. A server that refuses although the orphan did not change does not understand
         * If-Match: then, and only then, unconditionally.
         */
        private CompletableFuture<Void> replace(String entityTag) {
            if (entityTag.equals(refusedEntityTag)) {
                return store.put(key, segment.bytes(), PutCondition.ALWAYS, cause)
                        .thenApply(tag -> null);
            }
            refusedEntityTag = entityTag;
            return store.putIfMatch(key, segment.bytes(), entityTag, cause)
                    .<Void>thenApply(tag -> null)
                    .exceptionallyCompose(failure ->
                            isRefusal(failure) ? settle() : CompletableFuture.failedFuture(Failures.unwrap(failure)));
        }
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
