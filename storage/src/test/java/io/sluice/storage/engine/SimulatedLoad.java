package io.sluice.storage.engine;

import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.volume.IoFailure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A host that keeps so many writes under way on one port, and notes how each of them went. */
final class SimulatedLoad {
    private final SimulatedRuntime runtime;
    private final SimulatedPort port;
    private final Lane timers;
    private final int bytes;
    private final int regionPieces;
    private final Duration think;
    private final List<Done> done = new ArrayList<>();
    private int nextPiece;
    private int underWay;
    private boolean stopped;

    /** One write. */
    record Done(long beginNanos, long endNanos, Optional<IoFailure> failure) {
        long nanos() {
            return endNanos - beginNanos;
        }
    }

    /** Writes pieces of {@code bytes} over and over the first {@code regionPieces}, with {@code think} time between two. */
    SimulatedLoad(SimulatedGateway gateway, int depth, int bytes, int regionPieces, Duration think) {
        this.runtime = gateway.runtime();
        this.port = gateway.openPort();
        this.timers = runtime.lane("host");
        this.bytes = bytes;
        this.regionPieces = regionPieces;
        this.think = think;
        for (int i = 0; i < depth; i++) {
            timers.schedule(think.dividedBy(depth).multipliedBy(i), this::next);
        }
    }

    private long now() {
        return runtime.clock().monotonicNanos();
    }

    private void next() {
        if (stopped) {
            return;
        }
        byte[] data = new byte[bytes];
        new java.util.Random(nextPiece).nextBytes(data);
        long offset = (long) (nextPiece++ % regionPieces) * bytes;
        long begin = now();
        underWay++;
        var unused = port.begin((on, completion) -> on.write(offset, ByteBuffer.wrap(data), false, failure -> {
            underWay--;
            done.add(new Done(begin, now(), Optional.ofNullable(failure)));
            timers.schedule(think, this::next);
            completion.complete(failure);
        }));
    }

    void stop() {
        stopped = true;
    }

    int underWay() {
        return underWay;
    }

    /** In the order in which they ended. */
    List<Done> done() {
        return done;
    }

    /** Those that ended at or after {@code nanos} and before {@code end}. */
    List<Done> doneBetween(long nanos, long end) {
        return done.stream()
                .filter(one -> one.endNanos >= nanos && one.endNanos < end)
                .toList();
    }
}
