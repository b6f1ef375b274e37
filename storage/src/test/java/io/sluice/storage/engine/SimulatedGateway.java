package io.sluice.storage.engine;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.format.Failures;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.FaultyObjectStore;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestMeters;
import io.sluice.storage.object.RetrySchedule;
import io.sluice.storage.object.RetryingObjectStore;
import io.sluice.storage.recovery.OperatorWord;
import io.sluice.storage.recovery.VolumeOpener;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.volume.CloseReport;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One gateway process in simulation: the whole engine on a simulated disk and a bucket that may fail. The process can be
 * killed, the machine can lose power, the disk can be lost; the bucket stays.
 */
final class SimulatedGateway {
    static final int SECTOR = 512;

    private final MemoryObjectStore bucket;
    private final FaultPlan plan;
    private VolumeSettings settings;
    private long seed;
    private SimulatedDisk disk = SimulatedDisk.create();
    private Optional<Path> indexFile = Optional.empty();
    private int largeTransferBytes = 256 << 10;
    private UnaryOperator<ObjectStore> endpoint = store -> store;
    private Predicate<RecordingObjectStore.Request> trigger = request -> false;
    private Runnable hook = () -> {};
    private @Nullable SimulatedRuntime runtime;
    private @Nullable FaultyObjectStore faulty;
    private @Nullable RecordingObjectStore recording;
    private @Nullable OpenedVolume opened;
    private @Nullable SimulatedPort port;

    SimulatedGateway(MemoryObjectStore bucket, long seed, VolumeSettings settings, FaultPlan plan) {
        this.bucket = bucket;
        this.seed = seed;
        this.settings = settings;
        this.plan = plan;
    }

    /** Without faults. */
    SimulatedGateway(MemoryObjectStore bucket, long seed, SimulatedSettings settings) {
        this(bucket, seed, settings.settings(), FaultPlan.none());
    }

    /** Settings of the next opening. */
    void settings(SimulatedSettings next) {
        settings = next.settings();
    }

    /** Settings of the next opening, as they stand. */
    VolumeSettings settings() {
        return settings;
    }

    /** Keeps the index in a real file, so that it can be used again after a clean close. */
    /** From the next opening on. */
    void largeTransfersFrom(int bytes) {
        largeTransferBytes = bytes;
    }

    void indexFile(Path file) {
        indexFile = Optional.of(file);
    }

    /** What stands between the gateway and the bucket from the next opening on: a server with habits of its own. */
    void endpoint(UnaryOperator<ObjectStore> next) {
        endpoint = next;
    }

    /** What an operator has to allow before the volume can be opened here. */
    VolumeOpener.Obstacles obstacles() {
        Volumes volumes = volumes();
        VolumeOpener.Obstacles found = runtime().await(volumes.obstacles(settings));
        reopenAfterLook();
        return found;
    }

    /** The operator's word for what is in the bucket now. */
    void allow(OperatorWord.Kind kind) {
        allow(OperatorWord.of(kind, obstacles().newest()));
    }

    void allow(OperatorWord word) {
        Volumes volumes = volumes();
        runtime().await(volumes.allow(settings, word));
        reopenAfterLook();
    }

    /** The disk was closed by the one that looked. */
    private void reopenAfterLook() {
        try {
            disk = disk.reopen();
        } catch (IOException failure) {
            throw new AssertionError(failure);
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

    RecordingObjectStore requests() {
        return java.util.Objects.requireNonNull(recording);
    }

    /** Runs {@code action} once, before the next request that {@code when} accepts, now or after a later opening. */
    void beforeRequest(Predicate<RecordingObjectStore.Request> when, Runnable action) {
        trigger = when;
        hook = () -> {
            trigger = request -> false;
            action.run();
        };
        if (recording != null) {
            recording.before(trigger, hook);
        }
    }

    SimulatedDisk disk() {
        return disk;
    }

    SimulatedPort port() {
        return java.util.Objects.requireNonNull(port);
    }

    /** The way to the bucket from a process that has just begun. */
    Volumes volumes() {
        return volumes(boot());
    }

    private Volumes volumes(SimulatedRuntime on) {
        Lane storeLane = on.lane("bucket");
        FaultyObjectStore unreliable = new FaultyObjectStore(endpoint.apply(bucket), seed, plan, storeLane);
        faulty = unreliable;
        RecordingObjectStore noting = new RecordingObjectStore(unreliable);
        noting.before(trigger, hook);
        recording = noting;
        RequestMeters meters = new RequestMeters();
        return new Volumes(new VolumeEnvironment(
                        "simulated-host",
                        on,
                        ignored -> new MeteredObjectStore(
                                new RetryingObjectStore(
                                        noting,
                                        RetrySchedule.of(6, Duration.ofSeconds(30)),
                                        on.clock(),
                                        on.entropy(),
                                        on.lane("retries"),
                                        meters),
                                meters,
                                on.clock()),
                        directory -> disk,
                        directory -> indexFile)
                .largeTransfersFrom(largeTransferBytes));
    }

    void create(ByteSize size) {
        Volumes volumes = volumes();
        runtime().await(volumes.create(settings, size, 512));
    }

    void open() {
        Volumes volumes = volumes();
        opened = runtime().await(volumes.open(settings));
        port = openPort();
    }

    /** What an opening fails with. */
    Throwable openingFailure() {
        Volumes volumes = volumes();
        try {
            runtime().await(volumes.open(settings));
        } catch (CompletionException failure) {
            return Failures.unwrap(failure);
        }
        throw new AssertionError("the volume was opened");
    }

    /** Another port, with a loop of its own. */
    SimulatedPort openPort() {
        Lane loop = runtime().lane("loop");
        return new SimulatedPort(runtime(), opened().volume().openPort(loop), loop);
    }

    void drain() {
        runtime().await(opened().volume().drain());
    }

    /** Begins something on the first port's loop. */
    CompletableFuture<Optional<IoFailure>> begin(java.util.function.BiConsumer<VolumePort, IoCompletion> operation) {
        return port().begin(operation);
    }

    Optional<IoFailure> run(java.util.function.BiConsumer<VolumePort, IoCompletion> operation) {
        return port().run(operation);
    }

    byte[] readAll(long offset, int length) {
        return port().read(offset, length);
    }

    CloseReport close() {
        port().port().close();
        CloseReport report = runtime().await(opened().volume().close());
        forget();
        return report;
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

    /** Another cache directory, which nobody has open. */
    void useDisk(SimulatedDisk other) {
        disk = other;
    }

    void reopenDisk() throws IOException {
        disk = disk.reopen();
    }

    private void forget() {
        opened = null;
        port = null;
    }
}
