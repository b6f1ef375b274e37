package io.sluice.storage.engine;

import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.MappedRun;
import io.sluice.storage.volume.VolumePort;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** A port with its own simulated loop. */
record SimulatedPort(SimulatedRuntime runtime, VolumePort port, Lane loop) {
    private static final int READ_TRIES = 5;

    /** Begins something on the port's loop. */
    CompletableFuture<Optional<IoFailure>> begin(BiConsumer<VolumePort, IoCompletion> operation) {
        CompletableFuture<Optional<IoFailure>> result = new CompletableFuture<>();
        loop.execute(() -> {
            operation.accept(port, failure -> result.complete(Optional.ofNullable(failure)));
            port.submit();
        });
        return result;
    }

    Optional<IoFailure> run(BiConsumer<VolumePort, IoCompletion> operation) {
        return runtime.await(begin(operation));
    }

    CompletableFuture<Optional<IoFailure>> beginWrite(long offset, byte[] data, boolean durable) {
        return begin((on, done) -> on.write(offset, ByteBuffer.wrap(data), durable, done));
    }

    /** Writes bytes that are all {@code value}, and expects success. */
    void fill(long offset, int length, int value) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) value);
        write(offset, data);
    }

    void write(long offset, byte[] data) {
        run((on, done) -> on.write(offset, ByteBuffer.wrap(data), false, done)).ifPresent(why -> {
            throw new AssertionError("write failed: " + why);
        });
    }

    void unmap(long offset, long length) {
        run((on, done) -> on.unmap(offset, length, false, done)).ifPresent(why -> {
            throw new AssertionError("unmap failed: " + why);
        });
    }

    /** Expects success; tries again what is busy. */
    List<MappedRun> mapping(long offset, long length, int runsMax) {
        for (int i = 0; i < READ_TRIES; i++) {
            List<MappedRun> found = new ArrayList<>();
            Optional<IoFailure> failure = run((on, done) -> on.mapping(offset, length, runsMax, (runs, why) -> {
                found.addAll(runs);
                done.complete(why);
            }));
            if (failure.isEmpty()) {
                return found;
            }
            if (failure.get().kind() != IoFailure.Kind.BUSY) {
                throw new AssertionError("mapping failed: " + failure);
            }
        }
        throw new AssertionError("mapping is busy");
    }

    /** Fills with a pattern, and expects success. */
    void fillPattern(long offset, long length, byte[] pattern) {
        run((on, done) -> on.fill(offset, length, ByteBuffer.wrap(pattern), false, done))
                .ifPresent(why -> {
                    throw new AssertionError("fill failed: " + why);
                });
    }

    void copy(long source, long destination, long length) {
        run((on, done) -> on.copy(source, destination, length, false, done)).ifPresent(why -> {
            throw new AssertionError("copy failed: " + why);
        });
    }

    Optional<IoFailure> flush() {
        return run(VolumePort::flush);
    }

    Optional<IoFailure> tryRead(long offset, int length) {
        return run((on, done) -> on.read(offset, ByteBuffer.allocate(length), done));
    }

    /** Tries again what is busy, a few times, as a host does. */
    byte[] read(long offset, int length) {
        ByteBuffer destination = ByteBuffer.allocate(length);
        Optional<IoFailure> failure = Optional.empty();
        for (int i = 0; i < READ_TRIES; i++) {
            failure = run((on, done) -> on.read(offset, destination.clear(), done));
            if (failure.isEmpty() || failure.get().kind() != IoFailure.Kind.BUSY) {
                break;
            }
        }
        failure.ifPresent(why -> {
            throw new AssertionError("read failed: " + why);
        });
        return destination.array();
    }

    /** True when all bytes there are {@code value}. */
    boolean holds(long offset, int length, int value) {
        byte[] expected = new byte[length];
        Arrays.fill(expected, (byte) value);
        return Arrays.equals(expected, read(offset, length));
    }
}
