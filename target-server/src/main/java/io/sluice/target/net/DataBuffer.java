package io.sluice.target.net;

import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Direct memory for the data of one task, from a {@link DataBufferPool}. The views over it are made once and used
 * again, so that sending data in pieces makes no garbage.
 */
public final class DataBuffer implements Releasable {
    private final DataBufferPool pool;
    private final int sizeClass;
    private final ByteBuffer bytes;
    private final List<ByteBuffer> views = new ArrayList<>();
    private @Nullable MemoryBudget budget;

    DataBuffer(DataBufferPool pool, int sizeClass, int capacityBytes) {
        this.pool = pool;
        this.sizeClass = sizeClass;
        this.bytes = ByteBuffer.allocateDirect(capacityBytes);
    }

    /** The memory; whoever owns the buffer may move position and limit. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** The view number {@code index} of this use, set to {@code [from, from + length)}. */
    public ByteBuffer view(int index, int from, int length) {
        while (views.size() <= index) {
            views.add(bytes.duplicate());
        }
        ByteBuffer view = views.get(index);
        view.limit(from + length);
        view.position(from);
        return view;
    }

    int sizeClass() {
        return sizeClass;
    }

    void begin(MemoryBudget chargedTo) {
        Invariant.check(budget == null, "a data buffer has two owners");
        budget = chargedTo;
        bytes.clear();
    }

    /** Back to the pool and to the budget. */
    @Override
    public void release() {
        MemoryBudget charged = budget;
        Invariant.check(charged != null, "a data buffer was released twice");
        budget = null;
        if (charged != null) {
            charged.release(bytes.capacity());
        }
        pool.giveBack(this);
    }
}
