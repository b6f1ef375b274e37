package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;

import io.sluice.storage.object.RequestCause;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The way from a tree's root down to one leaf page; keeps its place while a page is fetched. */
final class PageWalk {
    /** A shift of a page number to a block number by so many never overflows. */
    private static final int BLOCK_BITS = 16;

    private final PageTree tree;
    private final long leafPage;
    private int level;
    private PagePointer pointer;
    private long @Nullable [] words;
    private long[] parent = {};

    PageWalk(PageTree tree, long leafPage) {
        this.tree = tree;
        this.leafPage = leafPage;
        this.level = tree.height();
        this.pointer = tree.holds(leafPage) ? tree.root() : PagePointer.ABSENT;
    }

    /** Goes on as far as memory allows; true when there, at the leaf page or where it is absent. */
    boolean advance(PageLoader loader) {
        while (words == null && !pointer.isAbsent()) {
            long[] page = loader.cached(pointer);
            if (page == null) {
                return false;
            }
            accept(page);
        }
        return true;
    }

    /** Fetches the page that is missing. */
    CompletableFuture<long[]> fetch(PageLoader loader, RequestCause cause) {
        return loader.load(pointer, tree.id(level, leafPage >>> (FAN_OUT_SHIFT * level)), cause);
    }

    /** As {@link #fetch}, of a page that will not be needed again soon. */
    CompletableFuture<long[]> fetchOnce(PageLoader loader, RequestCause cause) {
        return loader.loadOnce(pointer, tree.id(level, leafPage >>> (FAN_OUT_SHIFT * level)), cause);
    }

    /** Level of the page that is missing. */
    int level() {
        return level;
    }

    /** The page above the one that is missing, not to be changed. */
    long[] parent() {
        return parent;
    }

    /** The page that was missing. */
    void accept(long[] page) {
        if (level == 0) {
            words = page;
            return;
        }
        level--;
        parent = page;
        pointer = InnerPage.child(page, (int) ((leafPage >>> (FAN_OUT_SHIFT * level)) & (FAN_OUT - 1)));
    }

    /** The leaf page behind the last one that is absent together with the one looked for. */
    long absentUntil() {
        if (!tree.holds(leafPage)) {
            return Long.MAX_VALUE >>> BLOCK_BITS;
        }
        return ((leafPage >>> (FAN_OUT_SHIFT * level)) + 1) << (FAN_OUT_SHIFT * level);
    }

    /** The leaf page's words, not to be changed; null when it is absent. */
    long @Nullable [] words() {
        return words;
    }
}
