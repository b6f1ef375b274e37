package io.sluice.target.scsi;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A task whose initiator is the device server itself ({@link InternalInitiator}); its handler brings its own buffers. */
public final class InternalTask extends ScsiTask {
    private final ItlNexus from;
    private final Consumer<InternalTask> then;

    InternalTask(ItlNexus from, Consumer<InternalTask> then) {
        this.from = from;
        this.then = then;
    }

    /** Nothing: no data-in travels. */
    @Override
    public int dataInRoom() {
        return 0;
    }

    /** Never has memory. */
    @Override
    public @Nullable ByteBuffer allocateDataIn(int bytes) {
        return null;
    }

    @Override
    protected void ended() {
        from.resumeOnLoop(() -> then.accept(this));
    }
}
