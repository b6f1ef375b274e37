package io.sluice.target.server.reload;

import io.sluice.config.SluiceConfiguration;
import io.sluice.target.cli.FailureText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the steps of one reload and notes how each went. */
final class ReloadSteps {
    private static final Logger log = LoggerFactory.getLogger(ReloadSteps.class);

    private final RunningServer server;
    private final SluiceConfiguration files;
    private final BooleanSupplier stopping;
    private final List<String> changes = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /** Steps that have not begun when {@code stopping} gets true are not done. */
    ReloadSteps(RunningServer server, SluiceConfiguration files, BooleanSupplier stopping) {
        this.server = server;
        this.files = files;
        this.stopping = stopping;
    }

    private interface Step {
        /** What is to be told of it, "" for nothing. */
        String run() throws IOException, InterruptedException;
    }

    /** Access comes first, and without it nothing else: nobody is to see a LUN by rules that could not be read. */
    ReloadReport carryOut(List<ReloadAction> actions, List<String> warnings) {
        // Also when no setting has changed: a secret may have, in the place that its setting names.
        attempt("access lists and secrets", () -> server.changeAccess(files));
        if (failures.isEmpty()) {
            attempt("sessions that are not allowed any more", server::endForbiddenSessions);
            for (ReloadAction action : actions) {
                attempt(action.text(), () -> told(action, carryOut(action)));
            }
            server.adopt(files);
        }
        return ReloadReport.done(changes, failures, warnings);
    }

    private static String told(ReloadAction action, String more) {
        return more.isEmpty() ? action.text() : action.text() + "; " + more;
    }

    private String carryOut(ReloadAction action) throws IOException, InterruptedException {
        if (action instanceof ReloadAction.RemoveTarget remove) {
            return server.removeTarget(remove.targetName());
        } else if (action instanceof ReloadAction.RemoveLun remove) {
            return server.removeLun(remove.lun());
        } else if (action instanceof ReloadAction.AddLun add) {
            return server.addLun(add.lun());
        } else if (action instanceof ReloadAction.GrowLun grow) {
            return server.growLun(grow.lun());
        } else if (action instanceof ReloadAction.PresentLun present) {
            server.presentLun(present.lun());
        } else if (action instanceof ReloadAction.ChangeLog change) {
            server.changeLog(change.log());
        }
        return ""; // ChangeAccess: done before
    }

    private void attempt(String text, Step step) {
        if (stopping.getAsBoolean()) {
            failures.add(text + ": not done, the server is stopping");
            return;
        }
        try {
            String done = step.run();
            if (!done.isEmpty()) {
                changes.add(done);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            failures.add(text + ": not finished, interrupted");
        } catch (IOException | RuntimeException failure) {
            if (FailureText.isOurMistake(failure)) {
                log.error("reload: {} failed by a mistake in Sluice", text, failure);
            }
            failures.add(text + ": " + FailureText.of(failure));
        }
    }
}
