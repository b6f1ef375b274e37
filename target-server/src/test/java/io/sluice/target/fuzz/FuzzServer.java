package io.sluice.target.fuzz;

import io.sluice.storage.runtime.EngineClock;
import io.sluice.target.iscsi.IscsiServer;
import io.sluice.target.iscsi.IscsiSettings;
import io.sluice.target.iscsi.login.Admission;
import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.session.PortalAddress;
import io.sluice.target.iscsi.session.SessionSettings;
import io.sluice.target.iscsi.session.TargetDirectory;
import io.sluice.target.lun.LogicalUnit;
import io.sluice.target.lun.LogicalUnitIdentity;
import io.sluice.target.lun.LogicalUnitSettings;
import io.sluice.target.lun.RamVolume;
import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.ScsiTarget;
import io.sluice.target.scsi.TargetDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server under attack: one target that is attacked, one that has nothing to do with it, all on volumes in memory.
 * Every bound is small, so that attacks reach it.
 */
final class FuzzServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FuzzServer.class);

    /** Attackers log in here. */
    static final String ATTACKED = "iqn.2026-11.io.sluice:attacked";

    /** And are not let in here. */
    static final String QUIET = "iqn.2026-11.io.sluice:quiet";

    /** Of every LUN. */
    static final int VOLUME_BYTES = 8 << 20;

    static final int LOOPS = 2;
    private static final Duration BUSY_POLL_MAX = Duration.ofNanos(50_000);
    static final int COMMAND_WINDOW = 128;
    static final int HALF_OPEN_MAX = 24;

    private final TargetDevice attackedDevice = device(ATTACKED, 3);
    private final TargetDevice quietDevice = device(QUIET, 1);
    private final GuardedTarget guard = new GuardedTarget(attackedDevice);
    private final ScsiTarget attacked;
    private final ScheduledExecutorService disk = Executors.newScheduledThreadPool(1);
    private final AtomicLong operations = new AtomicLong();
    private final IscsiServer server;

    FuzzServer() throws IOException {
        this(UnaryOperator.identity());
    }

    /** With something wrong in the attacked target, to see that it is found. */
    FuzzServer(UnaryOperator<ScsiTarget> defect) throws IOException {
        attacked = defect.apply(guard);
        PortalAddress portal = new PortalAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        server = new IscsiServer(
                new IscsiSettings(
                        List.of(portal), List.of(), LOOPS, BUSY_POLL_MAX, 64, NegotiationSettings.standard(), bounds()),
                new Targets(),
                new RealClock());
        server.start();
    }

    /** Where to connect. */
    InetSocketAddress address() {
        return server.boundPortals().get(0).address();
    }

    IscsiServer server() {
        return server;
    }

    GuardedTarget guard() {
        return guard;
    }

    int openNexuses() {
        return attackedDevice.openNexuses().size() + quietDevice.openNexuses().size();
    }

    /** What attackers may send. */
    List<CommandDescriptor> commands() {
        return java.util.Objects.requireNonNull(attackedDevice.unit(0))
                .commands()
                .all();
    }

    @Override
    public void close() {
        server.close();
        disk.shutdownNow();
    }

    private static SessionSettings bounds() {
        return new SessionSettings(
                COMMAND_WINDOW,
                16 << 10,
                1 << 20,
                2L << 20,
                64 << 10,
                16 << 20,
                24L << 20,
                64L << 20,
                96,
                32 << 10,
                2 * HALF_OPEN_MAX,
                HALF_OPEN_MAX,
                Duration.ofMillis(1_500),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofSeconds(1),
                Duration.ofSeconds(8));
    }

    private TargetDevice device(String name, int luns) {
        TargetDevice device = new TargetDevice(name, List.of(1));
        for (int lun = 0; lun < luns; lun++) {
            RamVolume volume = new RamVolume(VOLUME_BYTES);
            if (name.equals(ATTACKED) && lun != GuardedTarget.WITNESS_LUN) {
                volume.completeOn(this::slowly);
            }
            UUID id = new UUID(name.hashCode(), lun);
            device.addLogicalUnit(
                    lun,
                    new LogicalUnit(volume, LogicalUnitIdentity.ofVolume(id, "0001"), LogicalUnitSettings.DEFAULT));
        }
        return device;
    }

    /** Most operations end at once, some a little later: commands are then under way when the next PDUs come. */
    private void slowly(Runnable operation) {
        boolean late = operations.incrementAndGet() % 8 == 0;
        if (disk.isShutdown()) {
            return;
        }
        var unused = disk.schedule(() -> carryOut(operation), late ? 3 : 0, TimeUnit.MILLISECONDS);
    }

    private static void carryOut(Runnable operation) {
        try {
            operation.run();
        } catch (RuntimeException e) {
            log.error("an operation of the disk failed", e);
        }
    }

    /** Attackers see one target. */
    private final class Targets implements TargetDirectory {
        @Override
        public @Nullable ScsiTarget find(String targetName) {
            return targetName.equals(ATTACKED) ? attacked : targetName.equals(QUIET) ? quietDevice : null;
        }

        @Override
        public List<String> visibleTo(String initiatorName, InetAddress address) {
            return List.of(ATTACKED);
        }

        @Override
        public Admission admission(String initiatorName, InetAddress address, String targetName) {
            boolean witness = initiatorName.startsWith(GuardedTarget.WITNESS);
            if (targetName.equals(QUIET) && !witness) {
                return Admission.refused(Admission.Access.FORBIDDEN);
            }
            boolean found = targetName.isEmpty() || find(targetName) != null;
            return found ? Admission.open() : Admission.refused(Admission.Access.NOT_FOUND);
        }
    }

    /** The machine's clock. */
    private static final class RealClock implements EngineClock {
        @Override
        public long monotonicNanos() {
            return System.nanoTime();
        }

        @Override
        public Instant wallTime() {
            return Instant.now();
        }
    }
}
