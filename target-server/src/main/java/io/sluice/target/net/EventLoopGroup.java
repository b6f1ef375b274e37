package io.sluice.target.net;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The loops of one server, about one per core; connections are dealt out in turn. Thread-safe. */
public final class EventLoopGroup implements AutoCloseable {
    /** Makes the loops: the group does not know where clock and memory come from. */
    @FunctionalInterface
    public interface LoopSupplier {
        /** A running loop. */
        EventLoop create(int index) throws IOException;
    }

    private final List<EventLoop> loops = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    /** Starts {@code count} loops. */
    public EventLoopGroup(int count, LoopSupplier supplier) throws IOException {
        for (int i = 0; i < count; i++) {
            loops.add(supplier.create(i));
        }
    }

    /** The loop for the next connection. */
    public EventLoop next() {
        return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    /** The loop that portals listen on. */
    public EventLoop first() {
        return loops.get(0);
    }

    @Override
    public void close() {
        loops.forEach(EventLoop::close);
    }
}
