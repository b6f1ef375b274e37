package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A write whose first or last block is covered only in part: takes its blocks exclusively at the {@link BlockGate},
 * reads the two edge blocks, merges, and goes on as a write of whole blocks.
 */
final class PartialWrite extends WriteOperation {
    private final long offsetBytes;
    private final @Nullable ByteBuffer data;
    private final int dataBytes;
    private final ByteBuffer merged;
    private final AtomicInteger edgesOpen = new AtomicInteger();
    private final AtomicReference<@Nullable IoFailure> edgeFailure = new AtomicReference<>();

    /** {@code data} null: {@code dataBytes} zeros. */
    PartialWrite(
            EnginePort port,
            long offsetBytes,
            @Nullable ByteBuffer data,
            int dataBytes,
            boolean durable,
            IoCompletion completion) {
        super(port, firstBlock(offsetBytes), blockCount(offsetBytes, dataBytes), null, durable, completion);
        this.offsetBytes = offsetBytes;
        this.data = data;
        this.dataBytes = dataBytes;
        this.merged = ByteBuffer.allocate((int) (count() << BlockGeometry.BLOCK_SHIFT));
        source(merged);
    }

    private static long firstBlock(long offsetBytes) {
        return offsetBytes >>> BlockGeometry.BLOCK_SHIFT;
    }

    private static long blockCount(long offsetBytes, int bytes) {
        return firstBlock(offsetBytes + bytes - 1) - firstBlock(offsetBytes) + 1;
    }

    @Override
    boolean isExclusive() {
        return true;
    }

    @Override
    void entered() {
        readEdges();
    }

    private void readEdges() {
        boolean head = offsetBytes % BlockGeometry.BLOCK_BYTES != 0;
        boolean tail = (offsetBytes + dataBytes) % BlockGeometry.BLOCK_BYTES != 0;
        boolean oneBlock = count() == 1;
        boolean readFirst = head || (oneBlock && tail);
        boolean readLast = tail && !oneBlock;
        edgesOpen.set((readFirst ? 1 : 0) + (readLast ? 1 : 0));
        if (readFirst) {
            readEdge(0);
        }
        if (readLast) {
            readEdge((int) count() - 1);
        }
    }

    private void readEdge(int block) {
        ByteBuffer window = merged.duplicate();
        window.position(block << BlockGeometry.BLOCK_SHIFT).limit((block + 1) << BlockGeometry.BLOCK_SHIFT);
        long start = (lba() + block) << BlockGeometry.BLOCK_SHIFT;
        new ReadOperation(port().readPathUntil(deadlineNanos()), start, window, failure -> edgeRead(failure)).run();
    }

    private void edgeRead(@Nullable IoFailure failure) {
        if (failure != null) {
            edgeFailure.set(failure);
        }
        if (edgesOpen.decrementAndGet() == 0) {
            loop().execute(this::merge);
        }
    }

    private void merge() {
        IoFailure failure = edgeFailure.get();
        if (failure != null) {
            abandon(failure);
            return;
        }
        if (endsLate()) {
            return;
        }
        int from = (int) (offsetBytes - (lba() << BlockGeometry.BLOCK_SHIFT));
        ByteBuffer target = merged.duplicate().position(from);
        if (data != null) {
            target.put(data.duplicate());
        } else {
            target.put(new byte[dataBytes]);
        }
        port().enqueue(this);
        port().submit();
    }
}
