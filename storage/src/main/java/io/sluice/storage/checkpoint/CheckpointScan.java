package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;
import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS_SHIFT;

import io.sluice.storage.checkpoint.CheckpointVisitor.Page;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads every page that a checkpoint reaches, of the mapping and of the segment table, each once, and tells a visitor.
 * What is below a page that cannot be read is left out. Children before other pages, so that few are waiting at a time.
 *
 * <p>Confined to the lane. One instance scans once.
 */
public final class CheckpointScan {
    private static final int CACHE_PAGES = 1;

    private final CheckpointRoot root;
    private final PageLoader loader;
    private final Lane lane;
    private final CheckpointVisitor visitor;
    private final int requestsMax;
    private final Deque<Place> waiting = new ArrayDeque<>();
    private final CompletableFuture<CheckpointFacts> result = new CompletableFuture<>();
    private CheckpointFacts facts = CheckpointFacts.of(RootRecord.EMPTY);
    private int underWay;

    private record Place(PageTree tree, int level, long index, PagePointer pointer) {
        Page page() {
            boolean ofMap = tree.leafKind() == PageKind.MAP_LEAF;
            int shift = FAN_OUT_SHIFT * level + (ofMap ? PAGE_BLOCKS_SHIFT : FAN_OUT_SHIFT);
            return new Page(
                    ofMap,
                    level,
                    index << shift,
                    1L << shift,
                    pointer.object(),
                    pointer.offsetBytes(),
                    pointer.storedBytes());
        }
    }

    /** Of the checkpoint {@code root}, with up to {@code requestsMax} gets at a time. */
    public CheckpointScan(
            UUID volume,
            CheckpointRoot root,
            ObjectStore store,
            LongFunction<String> checkpointName,
            Sealing sealing,
            Lane lane,
            int requestsMax,
            CheckpointVisitor visitor) {
        this.root = root;
        this.loader = new PageLoader(store, checkpointName, new PageCodec(volume, sealing), lane, CACHE_PAGES);
        this.lane = lane;
        this.visitor = visitor;
        this.requestsMax = requestsMax;
    }

    /** Starts. Fails when the root record cannot be read, or the store cannot be asked. */
    public CompletableFuture<CheckpointFacts> run() {
        if (root.object() == 0) {
            return CompletableFuture.completedFuture(facts);
        }
        Futures.then(loader.loadRoot(root), lane, (record, failure) -> {
            if (record == null) {
                result.completeExceptionally(unwrap(failure));
            } else {
                facts = CheckpointFacts.of(record);
                begin(record.segments());
                begin(record.map());
                goOn();
            }
        });
        return result;
    }

    private static Throwable unwrap(@Nullable Throwable failure) {
        return failure == null ? new IllegalStateException("neither page nor failure") : Failures.unwrap(failure);
    }

    private void begin(PageTree tree) {
        if (!tree.root().isAbsent()) {
            waiting.push(new Place(tree, tree.height(), 0, tree.root()));
        }
    }

    private void goOn() {
        while (underWay < requestsMax && !waiting.isEmpty() && !result.isDone()) {
            Place place = waiting.pop();
            underWay++;
            Futures.then(
                    loader.load(place.pointer(), place.tree().id(place.level(), place.index()), RequestCause.ADMIN),
                    lane,
                    (words, failure) -> arrived(place, words, failure));
        }
        if (underWay == 0 && waiting.isEmpty()) {
            result.complete(facts);
        }
    }

    private void arrived(Place place, long @Nullable [] words, @Nullable Throwable failure) {
        underWay--;
        if (words == null) {
            Throwable cause = unwrap(failure);
            if (isDamage(cause)) {
                visitor.unreadable(place.page(), cause);
            } else {
                result.completeExceptionally(cause);
            }
        } else {
            take(place, words);
        }
        goOn();
    }

    private static boolean isDamage(Throwable cause) {
        return cause instanceof DamagedObjectException
                || cause instanceof UnsupportedFormatException
                || (cause instanceof ObjectStoreException store
                        && (store.kind() == ObjectStoreException.Kind.NOT_FOUND
                                || store.kind() == ObjectStoreException.Kind.INVALID));
    }

    private void take(Place place, long[] words) {
        Page page = place.page();
        visitor.page(page);
        if (place.level() > 0) {
            takeInner(place, page, words);
        } else {
            if (place.pointer().oldestObject() != place.pointer().object()) {
                visitor.mistake(
                        page,
                        "its pointer says that it reaches back to object "
                                + place.pointer().oldestObject() + ", a leaf page reaches only its own");
            }
            if (page.ofMap()) {
                visitor.locators(page, words);
            } else {
                takeSegments(page, words);
            }
        }
    }

    private void takeInner(Place place, Page page, long[] words) {
        PagePointer pointer = place.pointer();
        long oldest = Math.min(pointer.object(), InnerPage.oldestObject(words));
        if (oldest != pointer.oldestObject()) {
            visitor.mistake(
                    page,
                    "its pointer says that it reaches back to object " + pointer.oldestObject() + ", its children to "
                            + oldest);
        }
        for (int i = FAN_OUT - 1; i >= 0; i--) {
            PagePointer child = InnerPage.child(words, i);
            if (child.object() > root.object()) {
                visitor.mistake(page, "it points to object " + child.object() + ", which is newer than the checkpoint");
            } else if (!child.isAbsent()) {
                waiting.push(new Place(place.tree(), place.level() - 1, (place.index() << FAN_OUT_SHIFT) + i, child));
            }
        }
    }

    private void takeSegments(Page page, long[] words) {
        for (int i = 0; i < FAN_OUT; i++) {
            if (SegmentPage.exists(words, i)) {
                visitor.segment(new CheckpointVisitor.Segment(
                        page.first() + i,
                        SegmentPage.liveBlocks(words, i),
                        SegmentPage.totalBlocks(words, i),
                        SegmentPage.storedBytes(words, i),
                        SegmentPage.deadSince(words, i),
                        SegmentPage.isShared(words, i),
                        SegmentPage.hasZeros(words, i)));
            }
        }
    }
}
