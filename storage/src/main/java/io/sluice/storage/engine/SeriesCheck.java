package io.sluice.storage.engine;

import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

/**
 * Looks whether the bucket still holds what this gateway has put there, before it puts the next manifest: a bucket that
 * somebody sets back under a running gateway would take it gladly. Thread-safe.
 */
final class SeriesCheck {
    private static final int LIST_LIMIT = 1000;

    private final ObjectStore store;
    private final ObjectNames names;
    private final ManifestStore manifests;
    private final VolumeHealth health;
    private final OwnershipCheck ownership;

    SeriesCheck(VolumeParts parts, OwnershipCheck ownership) {
        this.ownership = ownership;
        this.store = parts.store();
        this.names = parts.names();
        this.manifests = parts.manifests();
        this.health = parts.health();
    }

    /** The series of manifests has gone back. */
    static final class SetBackException extends IOException {
        private static final long serialVersionUID = 1L;

        SetBackException(String message) {
            super(message);
        }
    }

    /**
     * Completes when manifest {@code current} is there, or newer ones are; fails with {@link SetBackException} when the
     * newest is an older one. One request, or two.
     */
    CompletableFuture<Void> manifestIsThere(Manifest current) {
        return store.head(names.manifest(current.number()), RequestCause.MANIFEST)
                .<Void>thenApply(head -> null)
                .exceptionallyCompose(failure -> isNotFound(failure)
                        ? newerAreThere(current)
                        : CompletableFuture.failedFuture(Failures.unwrap(failure)));
    }

    /** As {@link OwnershipCheck#verify}. */
    CompletableFuture<Void> ownerIsKnown() {
        return ownership.verify();
    }

    private CompletableFuture<Void> newerAreThere(Manifest current) {
        return manifests.newest(RequestCause.MANIFEST).thenCompose(newest -> {
            long found = newest.map(Manifest::number).orElse(0L);
            return found > current.number()
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(new SetBackException("manifest " + current.number()
                            + " of the volume is not in the bucket any more, the newest there is "
                            + (found == 0 ? "none" : found)
                            + ": somebody has set the bucket back to an older state"));
        });
    }

    private static boolean isNotFound(Throwable failure) {
        return Failures.unwrap(failure) instanceof ObjectStoreException store
                && store.kind() == ObjectStoreException.Kind.NOT_FOUND;
    }

    /**
     * Completes when it is known whether all segments behind {@code after} up to {@code last} are there, which nobody
     * deletes before a checkpoint covers them; those that are not are named, when the volume is still ours: a successor's
     * collector may delete them. One request for each thousand.
     */
    CompletableFuture<Void> segmentsAreThere(long after, long last) {
        return last <= after
                ? CompletableFuture.completedFuture(null)
                : look(after, names.segment(after), last, new HashSet<>());
    }

    private CompletableFuture<Void> look(long after, String from, long last, Set<String> found) {
        return store.list(names.segmentPrefix(), from, LIST_LIMIT, RequestCause.CHECKPOINT)
                .thenCompose((ObjectPage page) -> {
                    String newest = from;
                    for (ObjectHead object : page.objects()) {
                        newest = object.key();
                        found.add(newest);
                    }
                    if (page.more() && newest.compareTo(names.segment(last)) < 0) {
                        return look(after, newest, last, found);
                    }
                    return named(missing(after, last, found));
                });
    }

    private List<String> missing(long after, long last, Set<String> found) {
        return LongStream.rangeClosed(after + 1, last)
                .mapToObj(names::segment)
                .filter(name -> !found.contains(name))
                .toList();
    }

    private CompletableFuture<Void> named(List<String> missing) {
        return missing.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : ownership.verify().thenRun(() -> tellMissing(missing));
    }

    private void tellMissing(List<String> missing) {
        if (!health.isStopped()) {
            missing.forEach(name -> health.damage()
                    .found(
                            name,
                            DamageLog.Kind.MISSING,
                            "it was in the bucket, and is not any more: somebody has deleted it, or set the bucket"
                                    + " back"));
        }
    }
}
