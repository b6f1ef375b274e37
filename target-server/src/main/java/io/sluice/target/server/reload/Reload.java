package io.sluice.target.server.reload;

import io.sluice.config.ConfigurationMistake;
import io.sluice.config.ConfigurationResult;
import io.sluice.config.SluiceConfiguration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a running server to what its files say.
 *
 * <pre>
 *   starting ──serving(server)──▶ ready ──stop()──▶ over
 * </pre>
 *
 * <ol>
 *   <li>One reload at a time; the next one reads the files when it is its turn. Before and after <em>ready</em> they are
 *       refused.
 *   <li>Nothing is touched before the files were read without a mistake and everything they want is known to be possible
 *       online.
 *   <li>A step that fails does not keep the others from being done; the next reload tries it again.
 *   <li>When {@link #stop} returns, no reload is under way and none will be: a stop closes what reloads have opened.
 * </ol>
 *
 * Thread-safe; {@link #run} blocks as long as the steps take.
 */
public final class Reload {
    private static final Logger log = LoggerFactory.getLogger(Reload.class);

    private final Supplier<ConfigurationResult> files;
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile @Nullable RunningServer server;
    private volatile boolean stopping;
    private final AtomicBoolean signalWaits = new AtomicBoolean();

    /** {@code files} reads the whole configuration again. */
    public Reload(Supplier<ConfigurationResult> files) {
        this.files = files;
    }

    /** From now on reloads are possible. */
    public void serving(RunningServer running) {
        server = running;
    }

    /** No more reloads; the steps of one under way that have not begun are not done. Waits for the one that has. */
    public void stop() {
        stopping = true;
        turn.lock();
        try {
            log.debug("no reload is under way, and none will be");
        } finally {
            turn.unlock();
        }
    }

    /** Like {@link #run}; when one that was asked for by a signal has not begun yet, that one will see the files as well. */
    public void signalled(String who) {
        if (signalWaits.compareAndSet(false, true)) {
            run(who);
        }
    }

    /** One reload, asked for by {@code who}. */
    public ReloadReport run(String who) {
        turn.lock();
        try {
            signalWaits.set(false);
            log.info("{}: the configuration is read again", who);
            ReloadReport report = inTurn();
            tell(report);
            return report;
        } finally {
            turn.unlock();
        }
    }

    private ReloadReport inTurn() {
        RunningServer running = server;
        if (running == null || stopping) {
            String why = stopping ? "the server is stopping" : "the server is still starting: try again when it serves";
            return ReloadReport.nothingDone(ReloadReport.Outcome.REFUSED, List.of(why), List.of());
        }
        ConfigurationResult result = files.get();
        List<String> warnings = texts(result.warnings());
        if (!(result instanceof ConfigurationResult.Usable usable)) {
            List<ConfigurationMistake> mistakes = ((ConfigurationResult.Unusable) result).mistakes();
            return ReloadReport.nothingDone(ReloadReport.Outcome.MISTAKES, texts(mistakes), warnings);
        }
        SluiceConfiguration wanted = usable.configuration();
        ReloadPlan plan = ConfigurationDifference.of(running.settings(), running.luns(), wanted);
        if (!plan.refusals().isEmpty()) {
            return ReloadReport.nothingDone(ReloadReport.Outcome.NEEDS_RESTART, plan.refusals(), warnings);
        }
        return new ReloadSteps(running, wanted, () -> stopping).carryOut(plan.actions(), warnings);
    }

    private static List<String> texts(List<ConfigurationMistake> mistakes) {
        return mistakes.stream().map(ConfigurationMistake::text).toList();
    }

    private static void tell(ReloadReport report) {
        report.warnings().forEach(text -> log.warn("reload: {}", text));
        report.problems().forEach(text -> log.error("reload: nothing was changed: {}", text));
        report.changes().forEach(text -> log.info("reload: {}", text));
        report.failures().forEach(text -> log.error("reload: failed: {}", text));
        log.info("reload: {}", report.outcome());
    }
}
