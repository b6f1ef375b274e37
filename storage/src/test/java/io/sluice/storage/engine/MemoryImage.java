package io.sluice.storage.engine;

import io.sluice.storage.format.Locator;
import io.sluice.storage.inspection.RestoreTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An image in memory that remembers the locators of its blocks; or, as a stream, that does not. */
final class MemoryImage implements RestoreTarget {
    private static final int BLOCK = 4096;

    private final boolean repeatable;
    private int failAtSection;
    private byte[] bytes = {};
    private long[] known = {};
    private long nextBlock;
    private int openSections;
    private int sections;
    private int passes;
    private boolean finished;
    private @Nullable Runnable atSection;

    MemoryImage(boolean repeatable) {
        this(repeatable, Integer.MAX_VALUE);
    }

    /** One that is full at the section with this number. */
    MemoryImage(boolean repeatable, int failAtSection) {
        this.repeatable = repeatable;
        this.failAtSection = failAtSection;
    }

    /** What is done each time a section is opened. */
    void atSection(Runnable action) {
        atSection = action;
    }

    /** It is not full any more. */
    void makeSpace() {
        failAtSection = Integer.MAX_VALUE;
    }

    byte[] bytes() {
        return bytes;
    }

    boolean isFinished() {
        return finished;
    }

    int passes() {
        return passes;
    }

    @Override
    public boolean isRepeatable() {
        return repeatable;
    }

    @Override
    public int sectionBlocks() {
        return BLOCK;
    }

    @Override
    public void begin(UUID volume, long blocks) {
        bytes = Arrays.copyOf(bytes, (int) blocks * BLOCK);
        int before = known.length;
        known = Arrays.copyOf(known, (int) blocks);
        Arrays.fill(known, before, known.length, Locator.ZERO);
        nextBlock = 0;
        openSections = 0;
        passes++;
    }

    @Override
    public Section section(long firstBlock, int count) throws IOException {
        if (sections++ >= failAtSection) {
            throw new IOException("no space left");
        }
        if (++openSections > 2) {
            throw new IllegalStateException("three sections are open");
        }
        if (atSection != null) {
            atSection.run();
        }
        return new OpenSection((int) firstBlock, count);
    }

    @Override
    public void skip(long firstBlock, long count) {
        expectNext(firstBlock, count);
        fillZeros((int) firstBlock, (int) count);
        Arrays.fill(known, (int) firstBlock, (int) (firstBlock + count), Locator.ZERO);
    }

    private void expectNext(long firstBlock, long count) {
        if (firstBlock != nextBlock) {
            throw new IllegalStateException("block " + firstBlock + " comes where " + nextBlock + " was to be");
        }
        nextBlock = firstBlock + count;
    }

    private void fillZeros(int firstBlock, int count) {
        Arrays.fill(bytes, firstBlock * BLOCK, (firstBlock + count) * BLOCK, (byte) 0);
    }

    @Override
    public void finish() {
        if (nextBlock != known.length) {
            throw new IllegalStateException("the image ends at block " + nextBlock);
        }
        finished = true;
    }

    private final class OpenSection implements Section {
        private final int first;
        private final int count;

        OpenSection(int first, int count) {
            this.first = first;
            this.count = count;
        }

        @Override
        public long[] standing() {
            return Arrays.copyOfRange(known, first, first + count);
        }

        @Override
        public void write(int at, ByteBuffer blocks) {
            blocks.duplicate().get(bytes, (first + at) * BLOCK, blocks.remaining());
        }

        @Override
        public void zero(int at, int zeros) {
            fillZeros(first + at, zeros);
        }

        @Override
        public void end(long[] locators) {
            expectNext(first, count);
            openSections--;
            System.arraycopy(locators, 0, known, first, count);
        }
    }
}
