package io.sluice.storage.manifest;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The series of manifests of one volume in its bucket. Creating number <em>n</em> only if it is absent is the volume's
 * compare-and-swap.
 *
 * <ol>
 *   <li>A manifest is never changed and never put over another.
 *   <li>{@link #create} succeeds only when the new manifest was the newest after it was put: a gateway that slept while
 *       others went on and removed old numbers cannot squeeze itself into a number that has become free.
 *   <li>The newest is never removed.
 *   <li>An error is never taken for an absence: only a complete listing without any manifest says that there is none.
 * </ol>
 *
 * Thread-safe. Futures complete on threads of the object store.
 */
public final class ManifestStore {
    /** Manifests that a gateway keeps at most, or twice as many until the next are removed. */
    public static final int KEPT_MAX = 64;

    private static final int PAGE_OBJECTS = 1000;
    private static final int ATTEMPTS_MAX = 5;

    private final ObjectStore store;
    private final ObjectNames names;
    private final Entropy entropy;

    /** Attempt tags come from {@code entropy}. */
    public ManifestStore(ObjectStore store, ObjectNames names, Entropy entropy) {
        this.store = store;
        this.names = names;
        this.entropy = entropy;
    }

    /** As {@link ManifestCodec#verify}. To be asked as soon as the key is known, before anything else is believed. */
    public static boolean verify(Manifest manifest, Sealing sealing) {
        return ManifestCodec.verify(manifest, sealing);
    }

    /** The newest manifest, not yet verified; empty when the volume has none. */
    public CompletableFuture<Optional<Manifest>> newest(RequestCause cause) {
        return newest(cause, ATTEMPTS_MAX);
    }

    private CompletableFuture<Optional<Manifest>> newest(RequestCause cause, int attempts) {
        return listAfter(null, cause).thenCompose(heads -> {
            if (heads.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            return fetch(heads.get(heads.size() - 1), cause)
                    .thenApply(Optional::of)
                    .exceptionallyCompose(
                            failure -> isKind(failure, ObjectStoreException.Kind.NOT_FOUND) && attempts > 1
                                    ? newest(cause, attempts - 1)
                                    : CompletableFuture.failedFuture(Failures.unwrap(failure)));
        });
    }

    /** The numbers of the manifests that are kept, ascending. */
    public CompletableFuture<List<Long>> list(RequestCause cause) {
        return listAfter(null, cause).thenApply(heads -> {
            List<Long> numbers = new ArrayList<>();
            for (ObjectHead head : heads) {
                names.manifestNumber(head.key()).ifPresent(numbers::add);
            }
            return List.copyOf(numbers);
        });
    }

    /** Manifest {@code number}, not yet verified; fails with {@code NOT_FOUND} when it is not kept. */
    public CompletableFuture<Manifest> read(long number, RequestCause cause) {
        return store.head(names.manifest(number), cause).thenCompose(head -> fetch(head, cause));
    }

    /**
     * Seals {@code next} and creates it. An attempt tag of 0 is replaced by a fresh one; who may call this again with the
     * same manifest after a failure that left the outcome open draws the tag himself, and is then told of an earlier
     * success.
     *
     * @return the manifest as it stands in the bucket; fails with {@link ManifestConflictException} when another one was
     *     created first
     */
    public CompletableFuture<Manifest> create(Manifest next, Sealing sealing, RequestCause cause) {
        Invariant.check(next.name().equals(names.volumeName()), "a manifest is put under another volume's name");
        Manifest sealed = ManifestCodec.seal(tagged(next), sealing);
        return store.put(names.manifest(sealed.number()), ManifestCodec.encode(sealed), PutCondition.IF_ABSENT, cause)
                .thenApply(entityTag -> sealed)
                .exceptionallyCompose(failure -> isKind(failure, ObjectStoreException.Kind.PRECONDITION_FAILED)
                        ? settle(sealed, cause)
                        : CompletableFuture.failedFuture(Failures.unwrap(failure)))
                .thenCompose(created -> confirmNewest(created, cause));
    }

    private Manifest tagged(Manifest next) {
        if (next.attemptTag() != 0) {
            return next;
        }
        return next.toBuilder().attemptTag(entropy.nextLong() | 1).build();
    }

    /** The number is taken: by an earlier attempt of ours whose reply got lost, or by somebody else. */
    private CompletableFuture<Manifest> settle(Manifest ours, RequestCause cause) {
        return read(ours.number(), cause)
                .thenCompose(found -> found.attemptTag() == ours.attemptTag()
                        ? CompletableFuture.completedFuture(found)
                        : CompletableFuture.failedFuture(new ManifestConflictException(ours.number(), found)))
                .exceptionallyCompose(failure -> isKind(failure, ObjectStoreException.Kind.NOT_FOUND)
                        ? conflictWithNewest(ours, cause)
                        : CompletableFuture.failedFuture(Failures.unwrap(failure)));
    }

    private CompletableFuture<Manifest> confirmNewest(Manifest created, RequestCause cause) {
        return listAfter(names.manifest(created.number()), cause).thenCompose(newer -> {
            if (newer.isEmpty()) {
                return CompletableFuture.completedFuture(created);
            }
            return conflictWithNewest(created, cause);
        });
    }

    private CompletableFuture<Manifest> conflictWithNewest(Manifest ours, RequestCause cause) {
        return newest(cause).thenCompose(newest -> {
            Throwable failure = newest.<Throwable>map(winner -> new ManifestConflictException(ours.number(), winner))
                    .orElseGet(() -> new DamagedObjectException(
                            names.manifest(ours.number()), "was there, and now the volume has no manifest at all"));
            return CompletableFuture.failedFuture(failure);
        });
    }

    /** Removes what is older than the {@code keep} (at least 1) newest numbers up to {@code newest}. */
    public CompletableFuture<Void> prune(long newest, int keep) {
        Invariant.check(keep >= 1, "manifests to keep", keep, newest);
        return list(RequestCause.MANIFEST).thenCompose(numbers -> {
            List<String> old = numbers.stream()
                    .filter(number -> number <= newest - keep)
                    .map(names::manifest)
                    .toList();
            if (old.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            return store.delete(old, RequestCause.MANIFEST);
        });
    }

    /** Removes single manifests that are all older than {@code newest}. */
    public CompletableFuture<Void> remove(List<Long> numbers, long newest) {
        Invariant.check(numbers.stream().allMatch(number -> number < newest), "the newest manifest is never removed");
        return store.delete(numbers.stream().map(names::manifest).toList(), RequestCause.MANIFEST);
    }

    /** All manifests behind {@code startAfter}, ascending: page after page, until the listing is complete. */
    private CompletableFuture<List<ObjectHead>> listAfter(@Nullable String startAfter, RequestCause cause) {
        return listAfter(startAfter, new ArrayList<>(), cause);
    }

    private CompletableFuture<List<ObjectHead>> listAfter(
            @Nullable String startAfter, List<ObjectHead> found, RequestCause cause) {
        return store.list(names.manifestPrefix(), startAfter, PAGE_OBJECTS, cause)
                .thenCompose(page -> {
                    for (ObjectHead head : page.objects()) {
                        if (names.manifestNumber(head.key()).isPresent()) {
                            found.add(head);
                        }
                    }
                    if (!page.more()) {
                        return CompletableFuture.completedFuture(found);
                    }
                    return listAfter(lastKey(page), found, cause);
                });
    }

    private String lastKey(ObjectPage page) {
        if (page.objects().isEmpty()) {
            throw new CompletionException(new ObjectStoreException(
                    ObjectStoreException.Kind.INVALID,
                    "listing of " + names.manifestPrefix() + " in " + store.describe()
                            + " says that there is more, but gives nothing",
                    null));
        }
        return page.objects().get(page.objects().size() - 1).key();
    }

    private CompletableFuture<Manifest> fetch(ObjectHead head, RequestCause cause) {
        if (head.sizeBytes() > ManifestCodec.MANIFEST_BYTES_MAX) {
            return CompletableFuture.failedFuture(
                    new DamagedObjectException(head.key(), "is too long for a manifest: " + head.sizeBytes()));
        }
        return store.get(head.key(), cause).thenApply(bytes -> decode(head.key(), bytes));
    }

    private Manifest decode(String key, ByteBuffer bytes) {
        try {
            OptionalLong number = names.manifestNumber(key);
            Manifest manifest = ManifestCodec.decode(key, number.orElseThrow(), bytes);
            if (!manifest.name().equals(names.volumeName())) {
                throw new DamagedObjectException(key, "belongs to a volume called \"" + manifest.name() + "\"");
            }
            return manifest;
        } catch (DamagedObjectException | UnsupportedFormatException e) {
            throw new CompletionException(e);
        }
    }

    private static boolean isKind(Throwable failure, ObjectStoreException.Kind kind) {
        return Failures.unwrap(failure) instanceof ObjectStoreException refused && refused.kind() == kind;
    }
}
