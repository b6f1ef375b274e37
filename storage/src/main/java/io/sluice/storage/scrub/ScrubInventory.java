package io.sluice.storage.scrub;

import io.sluice.storage.checkpoint.CheckpointInspection;
import io.sluice.storage.checkpoint.SegmentUse;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Finds out which objects of a volume are in use and have to be sound. */
final class ScrubInventory {
    private static final int PAGE_OBJECTS = 1000;
    /** A fence is not in the segment table; its object is not larger than this. */
    private static final long FENCE_BYTES_MAX = 4096;

    private final ObjectStore store;
    private final ObjectNames names;
    private final ScrubSubject subject;

    ScrubInventory(ObjectStore store, ObjectNames names, ScrubSubject subject) {
        this.store = store;
        this.names = names;
        this.subject = subject;
    }

    /**
     * What is to be read.
     *
     * @param state as of which
     * @param items by key
     * @param unreferenced objects that are not in use
     * @param checkpointProblem why the checkpoint cannot tell what is in use; null when it can. Then everything counts as used
     */
    record Inventory(
            ScrubSubject.State state,
            List<ScrubItem> items,
            long unreferenced,
            @Nullable String checkpointProblem) {}

    /** What is in use according to the newest checkpoint; {@code problem}: it cannot be read. */
    private record Used(
            CheckpointInspection.@Nullable Needed needed,
            @Nullable String problem) {}

    CompletableFuture<Inventory> take() {
        return subject.state()
                .thenCompose(state -> used(state.manifest())
                        .thenCompose(used -> listAll().thenApply(heads -> compose(state, used, heads))));
    }

    private CompletableFuture<Used> used(Manifest manifest) {
        return subject.checkpoint(manifest)
                .needed()
                .thenApply(needed -> new Used(needed, null))
                .exceptionally(failure -> {
                    Throwable cause = Failures.unwrap(failure);
                    if (isDamage(cause)) {
                        return new Used(null, String.valueOf(cause.getMessage()));
                    }
                    throw new CompletionException(cause);
                });
    }

    /** An answer that trying again does not change: something is damaged or not there. */
    static boolean isDamage(Throwable cause) {
        return cause instanceof DamagedObjectException
                || cause instanceof UnsupportedFormatException
                || (cause instanceof ObjectStoreException refused
                        && (refused.kind() == ObjectStoreException.Kind.NOT_FOUND
                                || refused.kind() == ObjectStoreException.Kind.INVALID));
    }

    private CompletableFuture<Map<String, Long>> listAll() {
        Map<String, Long> sizes = new TreeMap<>();
        return list(names.manifestPrefix(), null, sizes)
                .thenCompose(done -> list(names.identityPrefix(), null, sizes))
                .thenCompose(done -> list(names.checkpointPrefix(), null, sizes))
                .thenCompose(done -> list(names.segmentPrefix(), null, sizes))
                .thenApply(done -> sizes);
    }

    private CompletableFuture<Void> list(String prefix, @Nullable String after, Map<String, Long> sizes) {
        return store.list(prefix, after, PAGE_OBJECTS, RequestCause.SCRUB).thenCompose((ObjectPage page) -> {
            for (ObjectHead head : page.objects()) {
                sizes.put(head.key(), head.sizeBytes());
            }
            return page.more()
                    ? list(prefix, page.objects().get(page.objects().size() - 1).key(), sizes)
                    : CompletableFuture.completedFuture(null);
        });
    }

    private Inventory compose(ScrubSubject.State state, Used used, Map<String, Long> sizes) {
        List<ScrubItem> items = new ArrayList<>();
        SortedSet<Long> checkpoints = numbers(sizes, key -> number(names.checkpointNumber(key)));
        SortedSet<Long> segments = numbers(sizes, key -> number(names.segmentNumber(key)));
        long listed = (long) checkpoints.size() + segments.size();
        for (Long number : numbers(sizes, key -> number(names.manifestNumber(key)))) {
            if (number <= state.manifest().number()) {
                add(items, ScrubItem.Kind.MANIFEST, number, names.manifest(number), sizes);
            }
        }
        for (Long number : numbers(sizes, key -> number(names.identityNumber(key)))) {
            add(items, ScrubItem.Kind.IDENTITY, number, names.identity(number), sizes);
        }
        CheckpointInspection.Needed needed = used.needed();
        SortedSet<Long> usedCheckpoints = needed == null ? checkpoints : needed.objects();
        for (Long number : usedCheckpoints) {
            add(items, ScrubItem.Kind.CHECKPOINT, number, names.checkpoint(number), sizes);
        }
        for (Long number : needed == null ? segments : usedSegments(state, needed, segments, sizes)) {
            add(items, ScrubItem.Kind.SEGMENT, number, names.segment(number), sizes);
        }
        items.sort(ScrubItem.BY_KEY);
        long read = items.stream()
                .filter(item -> !item.isMissing()
                        && (item.kind() == ScrubItem.Kind.CHECKPOINT || item.kind() == ScrubItem.Kind.SEGMENT))
                .count();
        return new Inventory(state, items, listed - read, used.problem());
    }

    private SortedSet<Long> usedSegments(
            ScrubSubject.State state,
            CheckpointInspection.Needed needed,
            SortedSet<Long> listed,
            Map<String, Long> sizes) {
        TreeSet<Long> used = new TreeSet<>();
        Set<Long> inTable = new HashSet<>();
        for (SegmentUse segment : needed.segments()) {
            inTable.add(segment.number());
            if (segment.liveBlocks() > 0 || segment.zeros()) {
                used.add(segment.number());
            }
        }
        long covered = state.manifest().checkpoint().coversSegment();
        for (Long number : listed) {
            boolean mayBeFence = sizes.getOrDefault(names.segment(number), Long.MAX_VALUE) <= FENCE_BYTES_MAX;
            if (number <= covered && mayBeFence && !inTable.contains(number)) {
                used.add(number);
            }
        }
        for (long number = covered + 1; number <= state.lastSegment(); number++) {
            used.add(number);
        }
        return used;
    }

    private static long number(OptionalLong number) {
        return number.orElse(-1);
    }

    private static SortedSet<Long> numbers(Map<String, Long> sizes, ToLongFunction<String> number) {
        TreeSet<Long> numbers = new TreeSet<>();
        for (String key : sizes.keySet()) {
            long found = number.applyAsLong(key);
            if (found >= 0) {
                numbers.add(found);
            }
        }
        return numbers;
    }

    private static void add(
            List<ScrubItem> items, ScrubItem.Kind kind, long number, String key, Map<String, Long> sizes) {
        items.add(new ScrubItem(key, kind, number, sizes.getOrDefault(key, -1L)));
    }
}
