package io.sluice.target.net;

import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;

/**
 * Where one connection's bytes arrive and are parsed in place.
 *
 * <pre>
 *   0          readIndex        writeIndex         capacity
 *   | consumed    | not yet parsed  | free            |
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Bytes that a task pinned ({@link #pin}) are not written again before it released them: a pinned block is only
 *       ever appended to, and left for a fresh one when it is full.
 *   <li>At most {@link #PINNED_BLOCKS_MAX} blocks are left behind pinned; {@link #mayPin} says no from then on, and the
 *       task copies its data instead.
 * </ol>
 */
public final class ReceiveBuffer {
    private static final int PINNED_BLOCKS_MAX = 4;
    private static final int TAIL_FRACTION = 8;

    private final ByteBuffer emptied = ByteBuffer.allocate(0);
    private ReceiveBlockPool pool;
    private ReceiveBlock block;
    private int readIndex;
    private int writeIndex;
    private int blocksLeftBehind;
    private boolean closed;

    ReceiveBuffer(ReceiveBlockPool pool) {
        this.pool = pool;
        this.block = pool.take();
    }

    /** The memory; absolute access from {@link #readIndex} on. */
    public ByteBuffer bytes() {
        return closed ? emptied : block.bytes();
    }

    public int readIndex() {
        return readIndex;
    }

    /** Bytes that are there and not consumed. */
    public int availableBytes() {
        return writeIndex - readIndex;
    }

    public int capacityBytes() {
        return pool.blockBytes();
    }

    /** These bytes are parsed. */
    public void consume(int bytes) {
        readIndex += bytes;
        Invariant.check(readIndex <= writeIndex, "more was parsed than had arrived", readIndex, writeIndex);
    }

    /** False when so many blocks are pinned that a task should copy its data. */
    public boolean mayPin() {
        return blocksLeftBehind < PINNED_BLOCKS_MAX;
    }

    /** Holds the present bytes until the returned block is released. */
    public ReceiveBlock pin() {
        block.retain();
        return block;
    }

    /** Makes room for at least the rest of a PDU of {@code neededBytes} from {@link #readIndex} on. */
    ByteBuffer prepareForRead(int neededBytes) {
        if (readIndex == writeIndex && !block.isPinned()) {
            readIndex = 0;
            writeIndex = 0;
        }
        int tailBytesMin = Math.max(neededBytes - availableBytes(), pool.blockBytes() / TAIL_FRACTION);
        if (pool.blockBytes() - writeIndex < Math.min(tailBytesMin, pool.blockBytes() - availableBytes())) {
            moveToFront();
        }
        ByteBuffer bytes = block.bytes();
        bytes.limit(pool.blockBytes());
        bytes.position(writeIndex);
        return bytes;
    }

    void received(int bytes) {
        writeIndex += bytes;
        block.bytes().clear();
    }

    /** From now on in blocks of this pool; what is there moves along. */
    void moveTo(ReceiveBlockPool otherPool) {
        Invariant.check(availableBytes() <= otherPool.blockBytes(), "the new receive block is too small");
        pool = otherPool;
        switchBlock();
    }

    private void moveToFront() {
        if (block.isPinned()) {
            blocksLeftBehind++;
            switchBlock();
        } else {
            ByteBuffer bytes = block.bytes();
            bytes.limit(writeIndex);
            bytes.position(readIndex);
            bytes.compact();
            writeIndex = availableBytes();
            readIndex = 0;
        }
    }

    private void switchBlock() {
        ReceiveBlock old = block;
        block = pool.take();
        old.bytes().limit(writeIndex);
        old.bytes().position(readIndex);
        block.bytes().put(old.bytes());
        old.bytes().clear();
        old.release();
        writeIndex = availableBytes();
        readIndex = 0;
    }

    /** A task released a block that this connection reads into no more. */
    public void unpin(ReceiveBlock pinned) {
        boolean leftBehind = closed || pinned != block;
        boolean last = leftBehind && pinned.isLastReference();
        pinned.release();
        if (last && !closed) {
            blocksLeftBehind--;
        }
    }

    void close() {
        if (!closed) {
            closed = true;
            readIndex = 0;
            writeIndex = 0;
            block.release();
        }
    }
}
