package io.sluice.storage.inspection;

import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * All objects of a volume as one complete listing gives them: lengths by number. Memory: about 100 bytes per object.
 */
final class ObjectCensus {
    private static final int LIST_LIMIT = 1000;
    private static final int UNKNOWN_MAX = 1000;
    /** Copies of manifests for a rebuild; probes of the endpoint that were cut short. */
    private static final String IDENTITY = "identity/";

    private final ObjectNames names;
    private final NavigableMap<Long, Long> segments = new TreeMap<>();
    private final NavigableMap<Long, Long> checkpoints = new TreeMap<>();
    private final List<String> unknown = new ArrayList<>();

    private ObjectCensus(ObjectNames names) {
        this.names = names;
    }

    static CompletableFuture<ObjectCensus> take(ObjectStore store, ObjectNames names, Lane lane) {
        ObjectCensus census = new ObjectCensus(names);
        return census.list(store, null, lane).thenApply(done -> census);
    }

    private CompletableFuture<Void> list(ObjectStore store, @Nullable String after, Lane lane) {
        return store.list(names.prefix(), after, LIST_LIMIT, RequestCause.ADMIN)
                .thenComposeAsync(
                        (ObjectPage page) -> {
                            page.objects().forEach(this::add);
                            return page.more()
                                    ? list(
                                            store,
                                            page.objects()
                                                    .get(page.objects().size() - 1)
                                                    .key(),
                                            lane)
                                    : CompletableFuture.completedFuture(null);
                        },
                        lane);
    }

    private void add(ObjectHead head) {
        OptionalLong segment = names.segmentNumber(head.key());
        OptionalLong checkpoint = names.checkpointNumber(head.key());
        if (segment.isPresent()) {
            segments.put(segment.getAsLong(), head.sizeBytes());
        } else if (checkpoint.isPresent()) {
            checkpoints.put(checkpoint.getAsLong(), head.sizeBytes());
        } else if (names.manifestNumber(head.key()).isEmpty()
                && !head.key().startsWith(names.prefix() + IDENTITY)
                && unknown.size() < UNKNOWN_MAX) {
            unknown.add(head.key());
        }
    }

    /** Length by number. */
    NavigableMap<Long, Long> segments() {
        return segments;
    }

    /** Length by number. */
    NavigableMap<Long, Long> checkpoints() {
        return checkpoints;
    }

    /** Objects below the volume's name that are none of its. */
    List<String> unknown() {
        return unknown;
    }
}
