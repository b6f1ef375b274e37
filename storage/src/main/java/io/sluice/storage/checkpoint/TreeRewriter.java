package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;

import io.sluice.storage.object.RequestCause;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes the changed pages of one tree, children before parents, with an explicit stack so that it can stop for a page
 * to be fetched, and fetches ahead.
 *
 * <pre>
 *   visit node ─▶ fetch old page ─▶ leaf: edit ────────────────────────┐
 *                                 └▶ inner: visit each child to change ─┴▶ append new page, hand pointer to the parent
 * </pre>
 */
final class TreeRewriter implements WriteStage {
    private static final int FETCH_AHEAD = 16;

    private final PageLoader loader;
    private final CheckpointOutput output;
    private final TreeEdits edits;
    private final Evacuation evacuation;
    private final Deque<Node> stack = new ArrayDeque<>();
    private PageTree tree;

    /** A node on the way from the root to the page at work. */
    private static final class Node {
        final int level;
        final long index;
        final PagePointer old;
        final @Nullable CompletableFuture<long[]> fetch;
        /** Children to visit, once the page of an inner node is there. */
        int @Nullable [] todo;

        long[] words = {};
        boolean changed;
        int next;
        int requested;
        final Map<Integer, CompletableFuture<long[]>> ahead = new HashMap<>();

        Node(int level, long index, PagePointer old, @Nullable CompletableFuture<long[]> fetch) {
            this.level = level;
            this.index = index;
            this.old = old;
            this.fetch = fetch;
        }
    }

    TreeRewriter(PageTree before, PageLoader loader, CheckpointOutput output, TreeEdits edits, Evacuation evacuation) {
        this.tree = before;
        this.loader = loader;
        this.output = output;
        this.edits = edits;
        this.evacuation = evacuation;
        eraseRoot();
        grow();
        if (needsVisit(tree.height(), 0, tree.root())) {
            push(tree.height(), 0, tree.root(), fetch(tree.height(), 0, tree.root()));
        }
    }

    /** The tree as it is after the last step. */
    PageTree result() {
        return tree;
    }

    @Override
    public boolean isDone() {
        return stack.isEmpty();
    }

    @Override
    public @Nullable CompletableFuture<?> step() {
        Node node = stack.element();
        if (node.fetch != null && !node.fetch.isDone()) {
            return node.fetch;
        }
        if (node.level == 0) {
            finishLeaf(node);
        } else {
            stepInner(node);
        }
        return null;
    }

    private void eraseRoot() {
        if (edits.erases(tree.height(), 0) && !tree.root().isAbsent()) {
            edits.erased(tree.height(), 0, tree.root());
            tree = tree.with(tree.height(), PagePointer.ABSENT);
        }
    }

    /** Puts levels on top until the tree holds every page to come. */
    private void grow() {
        while (edits.endPage() > 0 && !tree.holds(edits.endPage() - 1)) {
            PagePointer root = tree.root();
            PagePointer higher = PagePointer.ABSENT;
            if (!root.isAbsent()) {
                long[] words = new long[TreeGeometry.INNER_WORDS];
                InnerPage.child(words, 0, root);
                higher = output.append(tree.id(tree.height() + 1, 0), words, root.oldestObject());
                loader.remember(higher, words);
            }
            tree = tree.with(tree.height() + 1, higher);
        }
    }

    private boolean needsVisit(int level, long index, PagePointer pointer) {
        return edits.touches(level, index) || evacuation.wantsBelow(pointer);
    }

    private void stepInner(Node node) {
        if (node.todo == null) {
            open(node);
        } else if (node.next < node.todo.length) {
            visitNext(node, node.todo);
        } else {
            finishInner(node);
        }
    }

    private void open(Node node) {
        node.words = node.fetch == null
                ? new long[TreeGeometry.INNER_WORDS]
                : node.fetch.join().clone();
        int[] todo = new int[FAN_OUT];
        int count = 0;
        long firstChild = node.index << FAN_OUT_SHIFT;
        for (int child = 0; child < FAN_OUT; child++) {
            PagePointer pointer = InnerPage.child(node.words, child);
            if (!pointer.isAbsent() && edits.erases(node.level - 1, firstChild + child)) {
                edits.erased(node.level - 1, firstChild + child, pointer);
                setChild(node, child, PagePointer.ABSENT);
                pointer = PagePointer.ABSENT;
            }
            if (needsVisit(node.level - 1, firstChild + child, pointer)) {
                todo[count] = child;
                count++;
            }
        }
        node.todo = java.util.Arrays.copyOf(todo, count);
    }

    private void visitNext(Node node, int[] todo) {
        while (node.requested < todo.length && node.requested < node.next + FETCH_AHEAD) {
            int child = todo[node.requested];
            CompletableFuture<long[]> fetch =
                    fetch(node.level - 1, childIndex(node, child), InnerPage.child(node.words, child));
            if (fetch != null) {
                node.ahead.put(child, fetch);
            }
            node.requested++;
        }
        int child = todo[node.next];
        node.next++;
        push(node.level - 1, childIndex(node, child), InnerPage.child(node.words, child), node.ahead.remove(child));
    }

    private void finishLeaf(Node node) {
        long[] old = node.fetch == null ? edits.emptyPage() : node.fetch.join();
        long[] words = edits.touches(0, node.index) ? edits.edit(node.index, old) : old;
        PagePointer pointer = node.old;
        if (words == null) {
            output.retire(node.old);
            pointer = PagePointer.ABSENT;
        } else if (words != old || evacuation.takes(node.old)) {
            output.retire(node.old);
            pointer = output.append(tree.id(0, node.index), words, Long.MAX_VALUE);
        }
        pop(pointer);
    }

    private void finishInner(Node node) {
        PagePointer pointer = node.old;
        if (InnerPage.isEmpty(node.words)) {
            output.retire(node.old);
            pointer = PagePointer.ABSENT;
        } else if (node.changed || evacuation.takes(node.old)) {
            output.retire(node.old);
            pointer = output.append(tree.id(node.level, node.index), node.words, InnerPage.oldestObject(node.words));
            loader.remember(pointer, node.words);
        }
        pop(pointer);
    }

    private void push(int level, long index, PagePointer old, @Nullable CompletableFuture<long[]> fetch) {
        stack.push(new Node(level, index, old, fetch));
    }

    private void pop(PagePointer pointer) {
        Node node = stack.pop();
        Node parent = stack.peek();
        if (parent == null) {
            tree = tree.with(tree.height(), pointer);
        } else {
            setChild(parent, (int) (node.index & (FAN_OUT - 1)), pointer);
        }
    }

    private static void setChild(Node node, int child, PagePointer pointer) {
        if (!InnerPage.child(node.words, child).equals(pointer)) {
            InnerPage.child(node.words, child, pointer);
            node.changed = true;
        }
    }

    private static long childIndex(Node node, int child) {
        return (node.index << FAN_OUT_SHIFT) + child;
    }

    private @Nullable CompletableFuture<long[]> fetch(int level, long index, PagePointer pointer) {
        return pointer.isAbsent() ? null : loader.load(pointer, tree.id(level, index), RequestCause.CHECKPOINT);
    }
}
