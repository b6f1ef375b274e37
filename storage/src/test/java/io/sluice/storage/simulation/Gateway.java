package io.sluice.storage.simulation;

import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.engine.VolumeEnvironment;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.RequestMeters;
import io.sluice.storage.object.RetrySchedule;
import io.sluice.storage.object.RetryingObjectStore;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.volume.CloseReport;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One machine that runs the engine: its disk, and the process of the moment.
 *
 * <pre>
 *   down ──open()──▶ opening ──▶ open ──close()──▶ closing ──▶ closed
 *    ▲                  └─────────┴──────────────────┴── die() ──▶ dead
 *    └───────────────────────── reboot() ◀──────────────────────────┘
 * </pre>
 */
final class Gateway {
    private static final RetrySchedule RETRIES = RetrySchedule.of(4, Duration.ofSeconds(20));

    /** What goes with a process when it dies. */
    enum Loss {
        PROCESS,
        POWER,
        DISK
    }

    /** What counts down to a death. */
    enum Trigger {
        DISK_OPERATION,
        REQUEST,
        STEP
    }

    private final World world;
    private final String name;
    private final DiskTrouble trouble;
    private SimulatedDisk disk = SimulatedDisk.create();
    private SimulatedRuntime process;
    private final List<Port> ports = new ArrayList<>();
    private @Nullable OpenedVolume opened;
    private @Nullable Loss death;
    private @Nullable Loss armed;
    private Trigger trigger = Trigger.STEP;
    private long countdown;
    private boolean superseded;
    private boolean closing;
    private boolean stopped;
    private boolean everStopped;
    private int disks;

    /** A port with its own loop. */
    record Port(VolumePort volume, Lane loop) {}

    Gateway(World world, String name, long seed) {
        this.world = world;
        this.name = name;
        this.trouble = new DiskTrouble(world.scheduler(), seed, () -> count(Trigger.DISK_OPERATION));
        this.process = new SimulatedRuntime(world.scheduler(), name);
        replaceDisk();
    }

    DiskTrouble trouble() {
        return trouble;
    }

    /** Names the cache directory: another disk is another one. */
    String directory() {
        return name + disks;
    }

    SimulatedDisk disk() {
        return disk;
    }

    List<Port> ports() {
        return ports;
    }

    OpenedVolume opened() {
        return Objects.requireNonNull(opened);
    }

    @Nullable
    Loss death() {
        return death;
    }

    boolean isDead() {
        return death != null;
    }

    /** It has the volume, and goes on having it. */
    boolean isOpen() {
        return opened != null && death == null && !superseded && !closing;
    }

    boolean isSuperseded() {
        return superseded;
    }

    boolean isClosing() {
        return closing;
    }

    /** For some time the process did not run: what waited in it may have waited too long. */
    boolean wasStopped() {
        return everStopped;
    }

    boolean isStopped() {
        return stopped;
    }

    /** Another gateway has begun to open the volume. */
    void supersede() {
        superseded = true;
    }

    /** Begins an opening, by a new process. */
    CompletableFuture<OpenedVolume> open() {
        process = new SimulatedRuntime(world.scheduler(), name);
        superseded = false;
        closing = false;
        stopped = false;
        opened = null;
        ports.clear();
        return volumes(process).open(world.setup().settings());
    }

    /** The opening has ended well. */
    void take(OpenedVolume volume, int portCount) {
        opened = volume;
        for (int i = 0; i < portCount; i++) {
            Lane loop = process.lane("loop" + i);
            ports.add(new Port(world.sabotage().port(volume.volume().openPort(loop)), loop));
        }
    }

    Volumes volumes(SimulatedRuntime on) {
        RequestMeters meters = new RequestMeters();
        return new Volumes(new VolumeEnvironment(
                        "host",
                        on,
                        ignored -> new MeteredObjectStore(
                                new RetryingObjectStore(
                                        world.sabotage()
                                                .client(world.network().client(on, () -> count(Trigger.REQUEST))),
                                        RETRIES,
                                        on.clock(),
                                        on.entropy(),
                                        on.lane("retries"),
                                        meters),
                                meters,
                                on.clock()),
                        directory -> world.sabotage().disk(disk),
                        directory -> Optional.empty())
                .largeTransfersFrom(12 << 10));
    }

    SimulatedRuntime process() {
        return process;
    }

    /** Begins something in a turn of the port's loop; {@code done} is not told when the process dies before. */
    void begin(Port port, BiConsumer<VolumePort, IoCompletion> operation, Consumer<@Nullable IoFailure> done) {
        SimulatedRuntime mine = process;
        port.loop().execute(() -> {
            operation.accept(port.volume(), failure -> {
                if (death == null && mine == process) {
                    world.scheduler().checked(() -> done.accept(failure));
                }
            });
            port.volume().submit();
        });
    }

    CompletableFuture<CloseReport> close() {
        closing = true;
        ports.forEach(port -> port.loop().execute(port.volume()::close));
        return opened().volume().close();
    }

    /** SIGSTOP, SIGCONT. */
    void stop(boolean stop) {
        stopped = stop;
        everStopped |= stop;
        world.scheduler().note(stop ? "stopped" : "goes on", name, 0, 0);
        process.stop(stop);
    }

    /** Dies when {@code count} of {@code when} have happened; instead of what was armed before. */
    void arm(Loss loss, Trigger when, long count) {
        armed = loss;
        trigger = when;
        countdown = count;
    }

    void disarm() {
        armed = null;
    }

    /** A step of the simulation was taken. */
    void noteStep() {
        count(Trigger.STEP);
    }

    private void count(Trigger what) {
        Loss loss = armed;
        if (loss != null && what == trigger && death == null && --countdown <= 0) {
            die(loss);
        }
    }

    void die(Loss loss) {
        armed = null;
        death = loss;
        world.scheduler().note("death of " + name, loss.name(), 0, 0);
        process.kill();
        if (loss == Loss.POWER) {
            disk.crashMachine(world.random().nextLong());
        } else {
            disk.crashProcess();
        }
        if (loss == Loss.DISK) {
            replaceDisk();
        }
    }

    /** The disk is lost and another one takes its place, empty. */
    void replaceDisk() {
        disks++;
        disk = SimulatedDisk.create();
        disk.observe(trouble);
        disk.crashProcess();
    }

    /** The next process can begin: after a death, or after a clean end. */
    void reboot() throws IOException {
        death = null;
        armed = null;
        trouble.forget();
        trouble.set(0, 0);
        disk.limitBytes(Long.MAX_VALUE);
        disk = disk.reopen();
    }
}
