package io.sluice.storage.engine;

import io.sluice.storage.format.Failures;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.volume.IoFailure;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failed read means for the host: an outage is never an unreadable medium. */
final class ReadFailures {
    private static final Logger log = LoggerFactory.getLogger(ReadFailures.class);

    private ReadFailures() {}

    /** {@code offsetBytes}: the first byte that could not be read. */
    static IoFailure of(Throwable failure, long offsetBytes) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        IoFailure result = new IoFailure(kind(cause), String.valueOf(cause.getMessage()), offsetBytes);
        if (result.kind() == IoFailure.Kind.UNREADABLE) {
            log.error("read at byte {} failed, the host gets MEDIUM ERROR: {}", offsetBytes, cause.getMessage());
            log.debug("the cause", cause);
        } else {
            log.warn("read at byte {} must be tried again: {}", offsetBytes, cause.getMessage());
        }
        return result;
    }

    /** True when the bucket may give it later: nothing is known to be wrong with the data. */
    static boolean isOutage(Throwable failure) {
        return kind(Failures.unwrap(failure)) == IoFailure.Kind.BUSY;
    }

    private static IoFailure.Kind kind(Throwable cause) {
        if (cause instanceof ObjectStoreException store) {
            return switch (store.kind()) {
                case NOT_FOUND, INVALID -> IoFailure.Kind.UNREADABLE;
                case PRECONDITION_FAILED, THROTTLED, UNAVAILABLE, DENIED, FULL -> IoFailure.Kind.BUSY;
            };
        }
        // Anything but an operating error is a mistake of ours, or the volume was closed: the medium is not to blame.
        return cause instanceof RuntimeException ? IoFailure.Kind.CLOSED : IoFailure.Kind.UNREADABLE;
    }
}
