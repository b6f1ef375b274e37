package io.sluice.storage.recovery;

import java.io.IOException;

/** The bucket is older than the cache directory knows it, and nobody has said that this is wanted. Nothing was changed. */
public final class RollbackRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient RollbackReport report;

    RollbackRefusedException(RollbackReport report) {
        super(report.whatIsThere() + ": somebody has set it back, or a replica is behind, or objects were deleted; "
                + report.whatIsLost()
                + ". Bring the newer objects back, if they are anywhere. To go on with what is there: \"sluice volume"
                + " accept-rollback " + report.volume()
                + "\", then \"sluice reload\", or start the server. Nothing was changed");
        this.report = report;
    }

    /** What is known. */
    public RollbackReport report() {
        return report;
    }
}
