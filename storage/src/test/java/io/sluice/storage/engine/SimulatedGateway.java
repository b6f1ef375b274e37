package io.sluice.storage.engine;

import io.sluice.config.ByteSize;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.FaultyObjectStore;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.RequestMeters;
import io.sluice.storage.object.RetrySchedule;
import io.sluice.storage.object.RetryingObjectStore;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One gateway process in simulation: the whole engine on a simulated disk and a bucket that may fail. The process can be
 * killed, the machine can lose power, the disk can be lost; the bucket stays.
 */
final class SimulatedGateway {
    static final int SECTOR = 512;

    private final MemoryObjectStore bucket;
    private final boolean encrypted;
    private final VolumeSettings.Durability durability;
    private final FaultPlan plan;
    private long seed;
    private SimulatedDisk disk = SimulatedDisk.create();
    private @Nullable SimulatedRuntime runtime;
    private @Nullable FaultyObjectStore faulty;
    private @Nullable OpenedVolume opened;
    private @Nullable VolumePort port;
    private @Nullable Lane loop;

    SimulatedGateway(
            MemoryObjectStore bucket,
            long seed,
            boolean encrypted,
            VolumeSettings.Durability durability,
            FaultPlan plan) {
        this.bucket = bucket;
        this.seed = seed;
        this.encrypted = encrypted;
        this.durability = durability;
        this.plan = plan;
    }

    static VolumeSettings settings(boolean encrypted, VolumeSettings.Durability durability) {
        Optional<SecretSource> passphrase = encrypted ? Optional.of(new FixedSecret()) : Optional.empty();
        return new VolumeSettings(
                "sim",
                Path.of("cache"),
                new StoreSettings.File(Path.of("bucket")),
                passphrase,
                1,
                durability,
                new VolumeSettings.Journal(ByteSize.ofKiB(1024), ByteSize.ofKiB(128), Duration.ofSeconds(20)),
                new VolumeSettings.Flush(
                        Duration.ofSeconds(2), ByteSize.ofMiB(64), ByteSize.ofKiB(64), 3, Duration.ofSeconds(60)),
                new VolumeSettings.ReadCache(ByteSize.ofKiB(1024), ByteSize.ofKiB(256)),
                new VolumeSettings.Index(ByteSize.ofMiB(1)),
                new VolumeSettings.Checkpoint(Duration.ofSeconds(10), 5));
    }

    private record FixedSecret() implements SecretSource {
        @Override
        public Secret read() {
            return Secret.ofText("a passphrase");
        }

        @Override
        public String describe() {
            return "test";
        }
    }

    private SimulatedRuntime boot() {
        seed = seed * 6364136223846793005L + 1442695040888963407L;
        SimulatedRuntime fresh = new SimulatedRuntime(seed);
        runtime = fresh;
        return fresh;
    }

    SimulatedRuntime runtime() {
        return java.util.Objects.requireNonNull(runtime);
    }

    FaultyObjectStore faults() {
        return java.util.Objects.requireNonNull(faulty);
    }

    OpenedVolume opened() {
        return java.util.Objects.requireNonNull(opened);
    }

    private Volumes volumes(SimulatedRuntime on) {
        Lane storeLane = on.lane("bucket");
        FaultyObjectStore unreliable = new FaultyObjectStore(bucket, seed, plan, storeLane);
        faulty = unreliable;
        RequestMeters meters = new RequestMeters();
        return new Volumes(new VolumeEnvironment(
                on,
                settings -> new MeteredObjectStore(
                        new RetryingObjectStore(
                                unreliable,
                                RetrySchedule.of(6, Duration.ofSeconds(30)),
                                on.clock(),
                                on.entropy(),
                                on.lane("retries"),
                                meters),
                        meters,
                        on.clock()),
                directory -> disk,
                directory -> Optional.empty()));
    }

    void create(ByteSize size) {
        SimulatedRuntime on = boot();
        on.await(volumes(on).create(settings(encrypted, durability), size, 512));
    }

    void open() {
        SimulatedRuntime on = boot();
        OpenedVolume volume = on.await(volumes(on).open(settings(encrypted, durability)));
        opened = volume;
        Lane ownLoop = on.lane("loop");
        loop = ownLoop;
        port = volume.volume().openPort(ownLoop);
    }

    /** Begins something on the port's loop. */
    CompletableFuture<Optional<IoFailure>> begin(java.util.function.BiConsumer<VolumePort, IoCompletion> operation) {
        CompletableFuture<Optional<IoFailure>> result = new CompletableFuture<>();
        VolumePort on = java.util.Objects.requireNonNull(port);
        java.util.Objects.requireNonNull(loop).execute(() -> {
            operation.accept(on, failure -> result.complete(Optional.ofNullable(failure)));
            on.submit();
        });
        return result;
    }

    Optional<IoFailure> run(java.util.function.BiConsumer<VolumePort, IoCompletion> operation) {
        return runtime().await(begin(operation));
    }

    byte[] readAll(long offset, int length) {
        ByteBuffer destination = ByteBuffer.allocate(length);
        run((on, done) -> on.read(offset, destination, done)).ifPresent(failure -> {
            throw new AssertionError("read failed: " + failure);
        });
        return destination.array();
    }

    void close() {
        java.util.Objects.requireNonNull(port).close();
        runtime().await(opened().volume().close());
        forget();
    }

    /** kill -9. */
    void crashProcess() throws IOException {
        runtime().crash();
        disk.crashProcess();
        disk = disk.reopen();
        forget();
    }

    /** Power loss. */
    void crashMachine() throws IOException {
        runtime().crash();
        disk.crashMachine(seed);
        disk = disk.reopen();
        forget();
    }

    /** The process dies and its cache directory with it. */
    void loseDisk() {
        runtime().crash();
        disk = SimulatedDisk.create();
        forget();
    }

    /** After a clean close: the cache directory is deleted. */
    void deleteCache() {
        disk = SimulatedDisk.create();
    }

    void reopenDisk() throws IOException {
        disk = disk.reopen();
    }

    private void forget() {
        opened = null;
        port = null;
        loop = null;
    }

    /** Runs {@code action} on the runtime. */
    void with(Consumer<SimulatedRuntime> action) {
        action.accept(runtime());
    }
}
