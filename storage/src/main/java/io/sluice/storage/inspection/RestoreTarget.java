package io.sluice.storage.inspection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Where the image of a volume goes. Used by one thread at a time; calls may block, and slow the restore down.
 *
 * <p>A pass over the volume is {@link #begin}, then sections and skipped parts in order of blocks, then {@link #finish} or
 * the next pass. At most two sections are open, and they end in order. A target that is repeatable is brought from one
 * point of the volume's history to a newer one by another pass: it remembers the locator of every block that it holds, and
 * equal locators mean equal contents.
 */
public interface RestoreTarget {
    /** Whether several passes may be made, and blocks written in any order. */
    boolean isRepeatable();

    /** Blocks of a section: a multiple of 4096. */
    int sectionBlocks();

    /** A pass begins: the image is of {@code volume} and will have {@code blocks} blocks of 4 KiB. */
    void begin(UUID volume, long blocks) throws IOException;

    /** Opens a section. */
    Section section(long firstBlock, int count) throws IOException;

    /** These blocks read as zeros; all sections before them have ended. */
    void skip(long firstBlock, long count) throws IOException;

    /** The image is complete: makes it durable. */
    void finish() throws IOException;

    /** A part of the image while it is filled. */
    interface Section {
        /**
         * What the target holds of it already: locators of blocks it has, ZERO where it reads as zeros, UNKNOWN where it
         * must be written whatever it becomes.
         */
        long[] standing();

        /** Puts blocks (the remaining bytes, a multiple of 4 KiB), the first of them being block {@code at} of the section. */
        void write(int at, ByteBuffer blocks) throws IOException;

        /** {@code count} blocks from block {@code at} of the section on read as zeros. */
        void zero(int at, int count) throws IOException;

        /** All blocks were put: these are their locators, UNKNOWN for those that are to be asked for again by a later pass. */
        void end(long[] locators) throws IOException;
    }
}
