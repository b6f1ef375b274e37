package io.sluice.target.server;

import io.sluice.config.SluiceConfiguration;
import io.sluice.config.load.ConfigurationLoader;
import io.sluice.storage.engine.SystemEnvironment;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.runtime.SystemRuntime;
import io.sluice.target.access.AccessPolicy;
import io.sluice.target.admin.AdminServer;
import io.sluice.target.cli.ExitStatus;
import io.sluice.target.cli.FailureText;
import io.sluice.target.iscsi.IscsiServer;
import io.sluice.target.iscsi.IscsiSettings;
import io.sluice.target.iscsi.session.PortalAddress;
import io.sluice.target.server.reload.Reload;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running server.
 *
 * <pre>
 *   starting: admin socket ─▶ volumes ─▶ portals ─▶ serving ──signal──▶ stopping: portals, sessions ─▶ volumes ─▶
 *   admin socket ─▶ ended
 * </pre>
 *
 * <ol>
 *   <li>The admin socket comes first: a second server of one configuration is told so before it touches a volume, and
 *       {@code sluice status} answers while volumes are opened and closed.
 *   <li>A volume that cannot be opened leaves its LUN out; when none can, or when a portal or the admin socket cannot be
 *       had, the server does not start.
 *   <li>Volumes are closed on every way out, after the last command has ended and the last reload is over.
 * </ol>
 */
public final class SluiceServer {
    private static final Logger log = LoggerFactory.getLogger(SluiceServer.class);

    private final SluiceConfiguration configuration;
    private final SystemRuntime runtime;
    private final PrintWriter out;
    private final StopSwitch stop;
    private final long startedMillis;
    private volatile String state = "starting";
    private final ServedLuns luns;
    private final Reload reload;
    private volatile @Nullable IscsiServer iscsi;
    private @Nullable AdminServer admin;

    /** {@code reload} reads the files again when asked; it is asked in vain before the server serves. */
    SluiceServer(
            SluiceConfiguration configuration, Reload reload, SystemRuntime runtime, PrintWriter out, StopSwitch stop) {
        this.configuration = configuration;
        this.reload = reload;
        this.runtime = runtime;
        this.out = out;
        this.stop = stop;
        this.startedMillis = runtime.clock().wallTime().toEpochMilli();
        this.luns = new ServedLuns(new Volumes(SystemEnvironment.on(runtime)), configuration);
    }

    /** Runs until a signal; the exit status. */
    public static int serve(Path file, SluiceConfiguration configuration, PrintWriter out, PrintWriter errors) {
        LogSetup.forServer(configuration.server().log());
        StopSwitch stop = new StopSwitch(() -> Main.endAtOnce(ExitStatus.FAILED));
        Signals.handle(name -> stop.ask("SIG" + name), "TERM", "INT");
        Reload reload = new Reload(() -> new ConfigurationLoader().load(file));
        Signals.handle(name -> reload.signalled("SIG" + name), "HUP");
        StartupBanner.log(file, configuration);
        try (SystemRuntime runtime = new SystemRuntime(Runtime.getRuntime().availableProcessors())) {
            return new SluiceServer(configuration, reload, runtime, out, stop).run(errors);
        }
    }

    /** Serves until {@link StopSwitch#ask}; the exit status. */
    int run(PrintWriter errors) {
        int status = ExitStatus.FAILED;
        try {
            start();
            stop.await();
            status = ExitStatus.OK;
        } catch (IOException | RuntimeException failure) {
            String text = FailureText.of(failure);
            log.error("the server does not start: {}", text, FailureText.isOurMistake(failure) ? failure : null);
            errors.println("sluice: " + text);
            errors.flush();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        boolean clean = stop();
        log.info("stopped {}", clean ? "cleanly" : "without closing everything in order");
        return clean ? status : ExitStatus.FAILED;
    }

    private void start() throws IOException, InterruptedException {
        IscsiSettings settings = IscsiWiring.settings(configuration.server());
        admin = AdminServer.start(
                configuration.server().adminSocket(),
                Map.of("status", this::status),
                Map.of(
                        "reload", words -> reload.run("sluice reload").toMap(),
                        "drain", new DrainQuestion(luns),
                        "scrub", new ScrubQuestion(luns)));
        AccessPolicy access = AccessPolicy.read(configuration.server(), runtime.entropy());
        luns.targets().replaceAccess(access, name -> true);
        luns.openAll();
        if (stop.isAsked()) {
            return;
        }
        List<ServedLun> all = luns.all();
        if (all.stream().noneMatch(ServedLun::isOpen)) {
            throw new IOException(all.isEmpty() ? "no LUN is configured: write a file into luns.d" : noneOpen(all));
        }
        luns.showAll();
        IscsiServer server = new IscsiServer(settings, luns.targets(), runtime.clock());
        iscsi = server;
        server.start();
        state = "serving";
        reload.serving(new LiveServer(configuration.server(), luns, server, runtime.entropy()));
        announce(server.boundPortals());
    }

    private static String noneOpen(List<ServedLun> luns) {
        StringBuilder text = new StringBuilder("no LUN can be served");
        for (ServedLun lun : luns) {
            text.append("; volume ")
                    .append(lun.settings().volume().name())
                    .append(": ")
                    .append(lun.failure());
        }
        return text.toString();
    }

    private Map<String, ?> status() {
        IscsiServer server = iscsi;
        Map<String, Object> report = new HashMap<>(
                StatusReport.of(state, startedMillis, luns.all(), server == null ? List.of() : server.sessions()));
        if (server != null) {
            report.putAll(AccessReport.of(luns.targets().describeAccess(), server.logins()));
        }
        return report;
    }

    /** Tells people and scripts that hosts can log in: one line per LUN on standard output. */
    private void announce(List<PortalAddress> portals) {
        InetSocketAddress first = portals.get(0).address();
        String host = first.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : first.getAddress().getHostAddress();
        String address = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + first.getPort();
        for (ServedLun lun : luns.all()) {
            if (lun.isOpen()) {
                out.println("ready: iscsi://" + address + "/" + lun.settings().targetName() + "/"
                        + lun.settings().lun());
            }
        }
        out.flush();
        log.info(
                "serving {} of {} LUNs on {}; started in {} ms",
                luns.all().stream().filter(ServedLun::isOpen).count(),
                luns.all().size(),
                portals.stream()
                        .map(portal -> StatusReport.text(portal.address()))
                        .toList(),
                runtime.clock().wallTime().toEpochMilli() - startedMillis);
    }

    /** Closes everything that was opened; false when a volume could not be closed in order. */
    private boolean stop() {
        state = "stopping";
        reload.stop();
        IscsiServer server = iscsi;
        if (server != null) {
            server.stop(configuration.server().sessionTimes().logoutGrace());
        }
        boolean clean = false;
        try {
            clean = luns.closeAll();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (admin != null) {
            try {
                admin.close();
            } catch (IOException failure) {
                log.warn("the admin socket could not be removed: {}", FailureText.of(failure));
            }
        }
        return clean;
    }
}
