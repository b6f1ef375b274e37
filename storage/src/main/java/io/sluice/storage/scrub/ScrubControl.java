package io.sluice.storage.scrub;

import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scrubs one volume when asked, one pass at a time. Thread-safe.
 *
 * <pre>
 *   none ──start──▶ running ──▶ done (report) | stopped | failed ──start──▶ running ...
 * </pre>
 */
public final class ScrubControl {
    private static final Logger log = LoggerFactory.getLogger(ScrubControl.class);
    private static final ScrubProgress NEVER =
            new ScrubProgress(ScrubProgress.State.NONE, 0, 0, 0, 0, 0, false, 0, 0, -1, "");

    private final ScrubParts parts;
    private final boolean waitsForStore;
    private @Nullable ScrubPass pass;
    private CompletableFuture<ScrubReport> running = CompletableFuture.failedFuture(new CancellationException("none"));
    private @Nullable ScrubReport report;
    private boolean closed;

    /**
     * Of the volume that {@code subject} is.
     *
     * @param disk where the state of an interrupted pass is kept
     * @param waitsForStore waits out an outage of the store, however long; else it ends the pass
     */
    public ScrubControl(
            EngineRuntime runtime,
            ObjectStore store,
            ObjectNames names,
            ScrubSubject subject,
            LocalDisk disk,
            boolean waitsForStore) {
        Lane lane = runtime.backgroundLane("scrub-" + names.volumeName());
        this.parts = new ScrubParts(runtime, lane, store, names, subject, new ScrubStateFile(disk));
        this.waitsForStore = waitsForStore;
    }

    /** Begins, unless a pass is running already: false then. Goes on with an interrupted pass unless told otherwise. */
    public synchronized boolean start(ScrubOptions options) {
        if (closed || !running.isDone()) {
            return false;
        }
        ScrubPass fresh = new ScrubPass(parts, options, waitsForStore);
        pass = fresh;
        report = null;
        running = fresh.run();
        log.info("volume {}: scrub begun", parts.names().volumeName());
        Futures.then(running, parts.lane(), (found, failure) -> ended(fresh, found, failure));
        return true;
    }

    private synchronized void ended(ScrubPass which, @Nullable ScrubReport found, @Nullable Throwable failure) {
        if (which == pass) {
            report = found;
        }
        if (found == null) {
            log.info(
                    "volume {}: scrub ended before its end: {}",
                    parts.names().volumeName(),
                    failure == null ? "" : failure.getMessage());
        } else {
            log.info(
                    "volume {}: scrub over, {} bytes read, {} damaged objects",
                    parts.names().volumeName(),
                    found.bytes(),
                    found.findings().size());
        }
    }

    /** Stops the pass after the object under way; a later one goes on there. */
    public synchronized void stop() {
        if (pass != null) {
            pass.stop();
        }
    }

    /** How far the last pass is. */
    public synchronized ScrubProgress progress() {
        return pass == null ? NEVER : pass.progress();
    }

    /** Of the last pass; empty while it runs, and when it did not come to its end. */
    public synchronized Optional<ScrubReport> report() {
        return Optional.ofNullable(report);
    }

    /** The pass that was begun last: its report, or why it ended. */
    public synchronized CompletableFuture<ScrubReport> outcome() {
        return running;
    }

    /** Ends what runs and begins nothing more; completes when neither disk nor store is used any more. */
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        ScrubPass last;
        synchronized (this) {
            closed = true;
            last = pass;
        }
        parts.lane().execute(() -> {
            if (last != null) {
                last.abandon();
            }
            done.complete(null);
        });
        return done;
    }
}
