package io.sluice.storage.engine;

import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** A port with its own simulated loop. */
record SimulatedPort(SimulatedRuntime runtime, VolumePort port, Lane loop) {
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

    Optional<IoFailure> flush() {
        return run(VolumePort::flush);
    }

    Optional<IoFailure> tryRead(long offset, int length) {
        return run((on, done) -> on.read(offset, ByteBuffer.allocate(length), done));
    }

    byte[] read(long offset, int length) {
        ByteBuffer destination = ByteBuffer.allocate(length);
        run((on, done) -> on.read(offset, destination, done)).ifPresent(why -> {
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
