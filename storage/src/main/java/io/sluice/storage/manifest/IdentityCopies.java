package io.sluice.storage.manifest;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of manifests that say who the volume is: UUID, size, wrapped key, serial number. Manifests come and go; when the
 * last one is lost, a copy and the segments are enough to rebuild the volume ({@code sluice volume rebuild}).
 *
 * <ol>
 *   <li>A copy is the bytes of the manifest of the same number, written after it is durable. It never decides anything
 *       while a manifest can be read: opening does not look into it.
 *   <li>It is written when the identity changes: at creation, growth, change of the passphrase; and at an opening that
 *       finds none that says the same.
 *   <li>Writing one is best effort: a failure is told and mended by the next opening, never a reason to refuse.
 *   <li>The {@value #KEPT} newest are kept; those from before a change of the passphrase are deleted at once, because the old
 *       passphrase would open them. What a process that died, or a late request, has left beyond that goes with {@link #sweep}.
 * </ol>
 *
 * Thread-safe. Futures complete on threads of the object store.
 */
public final class IdentityCopies {
    /** Copies that are kept. */
    public static final int KEPT = 2;

    private static final Logger log = LoggerFactory.getLogger(IdentityCopies.class);
    private static final int PAGE_OBJECTS = 1000;

    private final ObjectStore store;
    private final ObjectNames names;

    /** Of the volume that {@code names} names. */
    public IdentityCopies(ObjectStore store, ObjectNames names) {
        this.store = store;
        this.names = names;
    }

    /**
     * Writes the first copy of a new volume: one request. Never fails: a failure is logged.
     */
    public CompletableFuture<Void> writeFirst(Manifest sealed, RequestCause cause) {
        return tolerate(put(sealed, cause));
    }

    /**
     * Writes the copy of {@code sealed}, a manifest as it stands in the bucket, and deletes all but the {@code keep} newest.
     * Never fails: a failure is logged.
     */
    public CompletableFuture<Void> write(Manifest sealed, int keep, RequestCause cause) {
        return tolerate(put(sealed, cause).thenCompose(done -> prune(keep, cause)));
    }

    /**
     * Writes the copy of {@code sealed} unless the newest copy says the same of the volume's identity: two requests when
     * it does. Never fails: a failure is logged.
     */
    public CompletableFuture<Void> ensure(Manifest sealed, RequestCause cause) {
        return tolerate(numbers(cause)
                .thenCompose(numbers -> numbers.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.<Manifest>empty())
                        : read(numbers.get(numbers.size() - 1), cause)
                                .thenApply(Optional::of)
                                .exceptionally(IdentityCopies::noneWhenDamaged))
                .thenCompose(newest ->
                        newest.filter(copy -> saysTheSame(copy, sealed)).isPresent()
                                ? CompletableFuture.<Void>completedFuture(null)
                                : put(sealed, cause).thenCompose(done -> prune(KEPT, cause))));
    }

    /**
     * Deletes what rule 4 does not keep, which a process that died, or a request that arrived late, may have left: one request
     * when there is one copy. Fails as the requests do.
     *
     * @return how many were deleted
     */
    public CompletableFuture<Integer> sweep(RequestCause cause) {
        return numbers(cause).thenCompose(numbers -> {
            int end = numbers.size();
            if (end < 2) {
                return CompletableFuture.completedFuture(0);
            }
            return haveTheSameKey(numbers.get(end - 1), numbers.get(end - 2), cause)
                    .thenCompose(same -> {
                        List<Long> old = numbers.subList(0, end - (same ? KEPT : 1));
                        return delete(old, cause).thenApply(done -> old.size());
                    });
        });
    }

    private CompletableFuture<Boolean> haveTheSameKey(long newest, long before, RequestCause cause) {
        return read(newest, cause)
                .thenCombine(read(before, cause), (one, other) -> one.key().equals(other.key()))
                .exceptionally(failure -> {
                    noneWhenDamaged(failure);
                    return true; // which of the two is of use is for people to say
                });
    }

    /** The numbers of all copies, ascending. */
    public CompletableFuture<List<Long>> numbers(RequestCause cause) {
        return store.list(names.identityPrefix(), null, PAGE_OBJECTS, cause).thenApply((ObjectPage page) -> {
            List<Long> numbers = new ArrayList<>();
            for (ObjectHead head : page.objects()) {
                names.identityNumber(head.key()).ifPresent(numbers::add);
            }
            return numbers;
        });
    }

    /** Copy {@code number}, not yet verified; fails with {@link DamagedObjectException} when it is not what it should be. */
    public CompletableFuture<Manifest> read(long number, RequestCause cause) {
        return store.get(names.identity(number), cause).thenApply(bytes -> decode(number, bytes));
    }

    private Manifest decode(long number, ByteBuffer bytes) {
        try {
            Manifest manifest = ManifestCodec.decode(names.identity(number), number, bytes);
            if (!manifest.name().equals(names.volumeName())) {
                throw new DamagedObjectException(
                        names.identity(number), "belongs to a volume called \"" + manifest.name() + "\"");
            }
            return manifest;
        } catch (DamagedObjectException | UnsupportedFormatException failure) {
            throw new CompletionException(failure);
        }
    }

    /** Whether both name the same volume, of the same size, with the same wrapped key. */
    static boolean saysTheSame(Manifest one, Manifest other) {
        return one.volume().equals(other.volume())
                && one.sizeBytes() == other.sizeBytes()
                && one.logicalBlockBytes() == other.logicalBlockBytes()
                && one.serialNumber().equals(other.serialNumber())
                && one.naaIdentifier() == other.naaIdentifier()
                && one.createdMillis() == other.createdMillis()
                && one.key().equals(other.key());
    }

    /** The same manifest has the same bytes, so that putting over an earlier attempt of ours changes nothing. */
    private CompletableFuture<Void> put(Manifest sealed, RequestCause cause) {
        return store.put(names.identity(sealed.number()), ManifestCodec.encode(sealed), PutCondition.ALWAYS, cause)
                .thenApply(tag -> null);
    }

    private CompletableFuture<Void> prune(int keep, RequestCause cause) {
        return numbers(cause).thenCompose(numbers -> {
            return delete(numbers.subList(0, Math.max(0, numbers.size() - keep)), cause);
        });
    }

    private CompletableFuture<Void> delete(List<Long> old, RequestCause cause) {
        return old.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : store.delete(old.stream().map(names::identity).toList(), cause);
    }

    private static Optional<Manifest> noneWhenDamaged(Throwable failure) {
        Throwable cause = Failures.unwrap(failure);
        if (cause instanceof DamagedObjectException || cause instanceof UnsupportedFormatException) {
            log.warn("the copy of the volume's identity is of no use and is written again: {}", cause.getMessage());
            return Optional.empty();
        }
        throw new CompletionException(cause);
    }

    /** Completes normally, whatever the outcome. */
    private CompletableFuture<Void> tolerate(CompletableFuture<Void> work) {
        return work.handle((done, failure) -> {
            if (failure != null) {
                log.warn(
                        "volume {}: the copy of its identity ({}) could not be written: {}; the next opening tries again",
                        names.volumeName(),
                        names.identityPrefix(),
                        Failures.unwrap(failure).getMessage());
            }
            return null;
        });
    }
}
