package io.sluice.storage.recovery;

import java.io.IOException;

/** Another gateway did not close the volume, and nobody has said that it may be taken over. Nothing was changed. */
public final class TakeoverRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient TakeoverReport report;

    TakeoverRefusedException(TakeoverReport report) {
        super(report.whoHadIt() + "; " + report.whatIsThere() + "; " + report.whatMayBeLost()
                + ". If that gateway or its cache directory still exists, stop it in order (or start it there once and stop"
                + " it), and nothing is lost. If not: \"sluice volume take-over " + report.volume()
                + "\", then \"sluice reload\", or start the server. Nothing was changed");
        this.report = report;
    }

    /** What is known. */
    public TakeoverReport report() {
        return report;
    }
}
