package io.sluice.storage.checkpoint;

import org.jspecify.annotations.Nullable;

/** What a checkpoint changes in one of its trees. */
interface TreeEdits {
    /** The node, and all below it, is erased before anything else is done to it. */
    boolean erases(int level, long index);

    /** Something below the node changes, besides what {@link #erases} says of the node as a whole. */
    boolean touches(int level, long index);

    /** The leaf page behind the last one that may become present. */
    long endPage();

    /**
     * The new content of leaf page {@code index}, given the old one (not to be changed; all absent entries when there was
     * none): the very same array when nothing changed, null when nothing is left in it.
     */
    long @Nullable [] edit(long index, long[] old);

    /** The content of a leaf page that is absent. */
    long[] emptyPage();

    /** A present page was erased, with all below it. */
    void erased(int level, long index, PagePointer pointer);
}
