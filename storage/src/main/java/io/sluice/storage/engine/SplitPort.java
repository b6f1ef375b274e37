package io.sluice.storage.engine;

import io.sluice.storage.runtime.Lane;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.MappingCompletion;
import io.sluice.storage.volume.VolumePort;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread's way into the volume; large writes are encrypted and written on a lane beside it, so that the thread receives the
 * next ones meanwhile. Everything else the thread does itself, with the near port.
 *
 * <p>Invariants: 1. the far port is touched on the lane alone; 2. large writes go there in their order, and not before
 * {@link #submit}; 3. there is no far port before the first of them. Owned by the thread.
 */
final class SplitPort implements VolumePort {
    private final EnginePort near;
    private final int largeBytes;
    private final Lane lane;
    private final Supplier<EnginePort> farPorts;
    private @Nullable EnginePort far;
    private List<Runnable> begun = new ArrayList<>();

    /** Writes of {@code largeBytes} and more go through a port of {@code farPorts}, whose thread is {@code lane}. */
    SplitPort(EnginePort near, int largeBytes, Lane lane, Supplier<EnginePort> farPorts) {
        this.near = near;
        this.largeBytes = largeBytes;
        this.lane = lane;
        this.farPorts = farPorts;
    }

    EnginePort near() {
        return near;
    }

    private EnginePort far() {
        if (far == null) {
            far = farPorts.get();
        }
        return far;
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source, boolean durable, IoCompletion completion) {
        if (source.remaining() < largeBytes) {
            near.write(offsetBytes, source, durable, completion);
        } else {
            EnginePort port = far();
            begun.add(() -> port.write(offsetBytes, source, durable, completion));
        }
    }

    @Override
    public void write(
            long offsetBytes, ByteBuffer source, boolean durable, long deadlineNanos, IoCompletion completion) {
        if (source.remaining() < largeBytes) {
            near.write(offsetBytes, source, durable, deadlineNanos, completion);
        } else {
            EnginePort port = far();
            begun.add(() -> port.write(offsetBytes, source, durable, deadlineNanos, completion));
        }
    }

    @Override
    public void submit() {
        near.submit();
        if (!begun.isEmpty()) {
            List<Runnable> writes = begun;
            begun = new ArrayList<>();
            EnginePort port = far();
            lane.execute(() -> {
                writes.forEach(Runnable::run);
                port.submit();
            });
        }
    }

    @Override
    public void close() {
        submit();
        near.close();
        if (far != null) {
            lane.execute(far::close);
        }
    }

    @Override
    public void read(long offsetBytes, ByteBuffer destination, IoCompletion completion) {
        near.read(offsetBytes, destination, completion);
    }

    @Override
    public long newDeadlineNanos() {
        return near.newDeadlineNanos();
    }

    @Override
    public void read(long offsetBytes, ByteBuffer destination, long deadlineNanos, IoCompletion completion) {
        near.read(offsetBytes, destination, deadlineNanos, completion);
    }

    @Override
    public void unmap(long offsetBytes, long lengthBytes, boolean durable, IoCompletion completion) {
        near.unmap(offsetBytes, lengthBytes, durable, completion);
    }

    @Override
    public void fill(long offsetBytes, long lengthBytes, ByteBuffer pattern, boolean durable, IoCompletion completion) {
        near.fill(offsetBytes, lengthBytes, pattern, durable, completion);
    }

    @Override
    public void copy(
            long sourceBytes, long destinationBytes, long lengthBytes, boolean durable, IoCompletion completion) {
        near.copy(sourceBytes, destinationBytes, lengthBytes, durable, completion);
    }

    @Override
    public void mapping(long offsetBytes, long lengthBytes, int runsMax, MappingCompletion completion) {
        near.mapping(offsetBytes, lengthBytes, runsMax, completion);
    }

    @Override
    public void flush(IoCompletion completion) {
        near.flush(completion);
    }
}
