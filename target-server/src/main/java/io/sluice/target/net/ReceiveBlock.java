package io.sluice.target.net;

import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;

/**
 * Memory that a socket is read into, counted by reference: the connection holds one, and every task that still needs
 * bytes of it holds one. It is written again only when nobody else holds it. Confined to its loop.
 */
public final class ReceiveBlock implements Releasable {
    private final ReceiveBlockPool pool;
    private final ByteBuffer bytes;
    private int references;

    ReceiveBlock(ReceiveBlockPool pool, int capacityBytes) {
        this.pool = pool;
        this.bytes = ByteBuffer.allocateDirect(capacityBytes);
    }

    public ByteBuffer bytes() {
        return bytes;
    }

    /** One more holder. */
    public void retain() {
        Invariant.check(references > 0, "a receive block was retained after its end");
        references++;
    }

    /** One holder less; the last one gives it back. */
    @Override
    public void release() {
        Invariant.check(references > 0, "a receive block was released twice");
        references--;
        if (references == 0) {
            pool.giveBack(this);
        }
    }

    /** True when somebody besides the connection needs the bytes. */
    boolean isPinned() {
        return references > 1;
    }

    /** True when the next release gives it back. */
    boolean isLastReference() {
        return references == 1;
    }

    void begin() {
        Invariant.check(references == 0, "a receive block has two owners");
        references = 1;
        bytes.clear();
    }
}
