package io.sluice.target.cli;

import java.io.PrintWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the operator why a command failed, and the shell with its status. */
final class FailureReport {
    private static final Logger log = LoggerFactory.getLogger(FailureReport.class);

    private FailureReport() {}

    /** One line to {@code errors}; a mistake in Sluice goes into the log with its stack. The exit status. */
    static int tell(Exception failure, String command, PrintWriter errors) {
        Throwable cause = FailureText.unwrap(failure);
        errors.println("sluice: " + FailureText.of(cause));
        if (FailureText.isOurMistake(cause)) {
            log.error("{} failed by a mistake in Sluice", command, cause);
        } else {
            log.debug("the command failed", cause);
        }
        return cause instanceof CommandFailure known ? known.status() : ExitStatus.FAILED;
    }
}
