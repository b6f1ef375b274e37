package io.sluice.storage.engine;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.volume.IoFailure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failed read means for the host: an outage is never an unreadable medium. Thread-safe. */
final class ReadFailures {
    private static final Logger log = LoggerFactory.getLogger(ReadFailures.class);

    private final VolumeHealth health;
    private final OwnershipCheck ownership;

    /** What cannot be read is told to the damage log of {@code health}. */
    ReadFailures(VolumeHealth health, OwnershipCheck ownership) {
        this.health = health;
        this.ownership = ownership;
    }

    /** To be asked before a host is told that something is missing. */
    OwnershipCheck ownership() {
        return ownership;
    }

    /** {@code offsetBytes}: the first byte that could not be read. */
    IoFailure of(Throwable failure, long offsetBytes) {
        return of(failure, offsetBytes, null);
    }

    /**
     * The same; {@code object} is the one that was needed there, when it is known. What cannot be read by a volume that has
     * stopped says nothing about the medium: it ends as the volume did.
     */
    IoFailure of(Throwable failure, long offsetBytes, @Nullable String object) {
        Throwable cause = Failures.unwrap(failure);
        String what = String.valueOf(cause.getMessage());
        IoFailure result = new IoFailure(kind(cause), what, offsetBytes);
        IoFailure over = health.stopReason();
        if (result.kind() == IoFailure.Kind.UNREADABLE && over != null) {
            return over;
        }
        if (result.kind() == IoFailure.Kind.UNREADABLE) {
            health.damage().failedRead(object == null ? name(cause) : object, damageKind(cause), what, offsetBytes);
        } else {
            log.warn("read at byte {} must be tried again: {}", offsetBytes, what);
        }
        return result;
    }

    private static String name(Throwable cause) {
        return cause instanceof DamagedObjectException damaged ? damaged.object() : String.valueOf(cause.getMessage());
    }

    /** Of a failure that is no outage. */
    static DamageLog.Kind damageKind(Throwable failure) {
        Throwable cause = Failures.unwrap(failure);
        for (int depth = 0; cause != null && depth < 8; depth++, cause = cause.getCause()) {
            if (cause instanceof ObjectStoreException store && store.kind() == ObjectStoreException.Kind.NOT_FOUND) {
                return DamageLog.Kind.MISSING;
            }
        }
        return DamageLog.Kind.DAMAGED;
    }

    /** True when an object is not in the bucket. */
    static boolean isMissing(Throwable failure) {
        return damageKind(failure) == DamageLog.Kind.MISSING;
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
