package io.sluice.target.server;

import io.sluice.config.Portal;
import io.sluice.config.ServerSettings;
import io.sluice.config.SluiceConfiguration;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.engine.SystemEnvironment;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.runtime.SystemRuntime;
import io.sluice.storage.volume.CloseReport;
import io.sluice.target.admin.AdminServer;
import io.sluice.target.cli.ExitStatus;
import io.sluice.target.iscsi.IscsiServer;
import io.sluice.target.iscsi.IscsiSettings;
import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.session.PortalAddress;
import io.sluice.target.iscsi.session.SessionSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running server.
 *
 * <pre>
 *   opening volumes ─▶ admin socket, portals ─▶ serving ─signal─▶ logging hosts out ─▶ closing volumes ─▶ ended
 * </pre>
 *
 * A volume that cannot be opened leaves its LUN out; when none can, or when a portal or the admin socket cannot be had,
 * the server does not start. Volumes are closed on every way out.
 */
public final class SluiceServer {
    private static final Logger log = LoggerFactory.getLogger(SluiceServer.class);
    private static final Duration LOGOUT_GRACE = Duration.ofSeconds(3);
    private static final int PORTAL_GROUP = 1;

    private final SluiceConfiguration configuration;
    private final SystemRuntime runtime;
    private final PrintWriter out;
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private final long startedMillis;
    private List<ServedLun> luns = List.of();
    private @Nullable IscsiServer iscsi;
    private @Nullable AdminServer admin;

    private SluiceServer(SluiceConfiguration configuration, SystemRuntime runtime, PrintWriter out) {
        this.configuration = configuration;
        this.runtime = runtime;
        this.out = out;
        this.startedMillis = runtime.clock().wallTime().toEpochMilli();
    }

    /** Runs until a signal; the exit status. */
    public static int serve(SluiceConfiguration configuration, PrintWriter out, PrintWriter errors) {
        LogSetup.forServer(configuration.server().log());
        try (SystemRuntime runtime = new SystemRuntime(Runtime.getRuntime().availableProcessors())) {
            SluiceServer server = new SluiceServer(configuration, runtime, out);
            AtomicInteger signals = new AtomicInteger();
            Signals.handle(name -> server.signalled(name, signals.incrementAndGet()), "TERM", "INT");
            return server.run(errors);
        }
    }

    private void signalled(String name, int count) {
        if (count > 1) {
            log.warn("a second signal (SIG{}): ending at once; what was acknowledged is safe as after a crash", name);
            Main.endAtOnce(ExitStatus.FAILED);
        }
        log.info("SIG{}: stopping; a second signal ends at once", name);
        stopAsked.countDown();
    }

    private int run(PrintWriter errors) {
        int status = ExitStatus.FAILED;
        try {
            start();
            stopAsked.await();
            status = ExitStatus.OK;
        } catch (IOException failure) {
            log.error("the server does not start: {}", failure.getMessage());
            errors.println("sluice: " + failure.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return stop() ? status : ExitStatus.FAILED;
    }

    private void start() throws IOException {
        Volumes volumes = new Volumes(SystemEnvironment.on(runtime));
        luns = VolumeOpening.openAll(volumes, configuration.luns());
        if (luns.stream().allMatch(lun -> lun.opened() == null)) {
            throw new IOException(
                    luns.isEmpty() ? "no LUN is configured" : "no LUN can be served; the reasons are told above");
        }
        IscsiServer server =
                new IscsiServer(iscsiSettings(configuration.server()), new ServedTargets(luns), runtime.clock());
        iscsi = server;
        admin = AdminServer.start(
                configuration.server().adminSocket(),
                Map.of("status", () -> StatusReport.of(luns, server.sessions(), startedMillis)));
        server.start();
        announce(server.boundPortals());
    }

    static IscsiSettings iscsiSettings(ServerSettings settings) {
        ServerSettings.Limits limits = settings.limits();
        SessionSettings standard = SessionSettings.standard();
        SessionSettings session = new SessionSettings(
                limits.commandsPerSession(),
                Math.max(
                        standard.preLoginBufferBytes(),
                        Math.toIntExact(limits.memoryBeforeLogin().bytes())),
                standard.receiveBufferBytes(),
                standard.sendQueueBytesMax(),
                standard.dataInPieceBytes(),
                standard.taskDataBytesMax(),
                limits.memoryPerSession().bytes(),
                Math.max(
                        standard.serverMemoryBytesMax(),
                        limits.memoryPerSession().bytes()),
                limits.connections(),
                limits.connectionsBeforeLogin(),
                limits.loginTimeout(),
                standard.pingAfterIdle(),
                standard.dropAfterSilence(),
                standard.logoutTime());
        int loops = settings.eventLoops() > 0
                ? settings.eventLoops()
                : Runtime.getRuntime().availableProcessors();
        List<PortalAddress> portals = new ArrayList<>();
        for (Portal portal : settings.portals()) {
            portals.add(new PortalAddress(new InetSocketAddress(portal.host(), portal.port()), PORTAL_GROUP));
        }
        return new IscsiSettings(portals, loops, limits.sessions(), NegotiationSettings.standard(), session);
    }

    /** Tells people and scripts that hosts can log in: one line per LUN on standard output. */
    private void announce(List<PortalAddress> portals) {
        InetSocketAddress first = portals.get(0).address();
        String host = first.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : first.getAddress().getHostAddress();
        String address = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + first.getPort();
        for (ServedLun lun : luns) {
            if (lun.opened() != null) {
                out.println("ready: iscsi://" + address + "/" + lun.settings().targetName() + "/"
                        + lun.settings().lun());
            }
        }
        out.flush();
        log.info(
                "serving {} LUNs on {}",
                luns.stream().filter(lun -> lun.opened() != null).count(),
                portals);
    }

    /** Closes everything that was opened; false when a volume could not be closed in order. */
    private boolean stop() {
        if (iscsi != null) {
            iscsi.stop(LOGOUT_GRACE);
        }
        boolean clean = closeVolumes();
        if (admin != null) {
            try {
                admin.close();
            } catch (IOException failure) {
                log.warn("the admin socket could not be removed", failure);
            }
        }
        log.info("stopped");
        return clean;
    }

    private boolean closeVolumes() {
        Map<ServedLun, CompletableFuture<CloseReport>> closing = new LinkedHashMap<>();
        for (ServedLun lun : luns) {
            OpenedVolume opened = lun.opened();
            if (opened != null) {
                closing.put(lun, opened.volume().close());
            }
        }
        boolean clean = true;
        for (Map.Entry<ServedLun, CompletableFuture<CloseReport>> each : closing.entrySet()) {
            clean &= report(each.getKey(), each.getValue());
        }
        return clean;
    }

    private static boolean report(ServedLun lun, CompletableFuture<CloseReport> closing) {
        String name = lun.settings().volume().name();
        try {
            CloseReport report = closing.join();
            if (report.drained()) {
                log.info("volume {} closed: the bucket holds everything, sequence {}", name, report.lastSequence());
            } else {
                log.warn(
                        "volume {} closed: {} bytes are only in the local journal, the bucket ends at sequence {}",
                        name,
                        report.bytesOnlyInJournal(),
                        report.lastSequence());
            }
            return true;
        } catch (RuntimeException failure) {
            log.error("volume {} could not be closed in order; the next start recovers it", name, failure);
            return false;
        }
    }
}
