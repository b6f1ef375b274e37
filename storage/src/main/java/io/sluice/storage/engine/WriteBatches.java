package io.sluice.storage.engine;

import io.sluice.storage.volume.IoFailure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The journal batches of one port, with the writes in them, used again and again: nearly always a batch is acknowledged
 * while it is being sent, and then nothing of it is garbage.
 *
 * <p>Invariant: a batch or a write is used again only by who sent it, and only after the acknowledgement of the batch has
 * ended; any other, such as one that was given up, is left to the collector of garbage. Owned by the port's thread, but for
 * {@link Batch#run}.
 */
final class WriteBatches {
    /** Writes that rest: about as many as a command window lets a host have under way. */
    private static final int FREE_MAX = 256;

    /**
     * Those that were not acknowledged while they were sent: an older one of another port was under way. In the order they
     * were sent, and told in it when the volume stops; nearly always the first one leaves.
     */
    private final Queue<Batch> unacknowledged = new ConcurrentLinkedQueue<>();

    private final ArrayDeque<WriteOperation> free = new ArrayDeque<>();
    private @Nullable Batch spare;

    /**
     * The operations of one journal batch; told once: when it is acknowledged, or when that can never come.
     *
     * <pre>
     *   gathering ──▶ sent ──run──▶ acknowledging ──▶ acknowledged ──▶ gathering (used again)
     *                   └──giveUp──▶ given up (the journal may still know it)
     * </pre>
     *
     * Acknowledged on any thread.
     */
    final class Batch implements Runnable {
        private static final int UNTOLD = 0;
        private static final int TOLD = 1;
        private static final int ACKNOWLEDGED = 2;

        private final List<WriteOperation> operations = new ArrayList<>();
        private final AtomicInteger state = new AtomicInteger(UNTOLD);

        /** To be added to while it is gathered. */
        List<WriteOperation> operations() {
            return operations;
        }

        @Override
        public void run() {
            if (state.compareAndSet(UNTOLD, TOLD)) {
                unacknowledged.remove(this);
                for (int i = 0; i < operations.size(); i++) {
                    operations.get(i).batchAcknowledged();
                }
                state.set(ACKNOWLEDGED);
            }
        }

        void giveUp(IoFailure why) {
            if (state.compareAndSet(UNTOLD, TOLD)) {
                unacknowledged.remove(this);
                for (WriteOperation operation : operations) {
                    operation.batchLost(why);
                }
            }
        }

        /** It was sent: from now on it waits for its acknowledgement, if that has not come yet. */
        void awaitAcknowledgement() {
            if (state.get() == UNTOLD) {
                unacknowledged.add(this);
                if (state.get() != UNTOLD) {
                    unacknowledged.remove(this); // it came in between, and did not find it there
                }
            }
        }
    }

    /** An empty one. */
    Batch begin() {
        Batch taken = spare;
        spare = null;
        return taken == null ? new Batch() : taken;
    }

    /** A write that has ended, to be {@link WriteOperation#reuse}d; null when there is none. */
    @Nullable
    WriteOperation takeFree() {
        return free.pollLast();
    }

    /** Nobody looks at the batch any more but who may have to acknowledge it. */
    void leave(Batch batch) {
        if (batch.state.get() != Batch.ACKNOWLEDGED) {
            return;
        }
        for (int i = 0; i < batch.operations.size(); i++) {
            WriteOperation operation = batch.operations.get(i);
            if (free.size() < FREE_MAX && operation.servesAgain()) {
                free.addLast(operation);
            }
        }
        batch.operations.clear();
        batch.state.set(Batch.UNTOLD);
        spare = batch;
    }

    /** The acknowledgements that are still missing will never come. */
    void giveUp(IoFailure why) {
        unacknowledged.forEach(sent -> sent.giveUp(why));
    }
}
