package io.sluice.storage.gc;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectStoreException;
import org.jspecify.annotations.Nullable;

/** Tells damage from what may pass. */
final class Damage {
    private Damage() {}

    /** What is wrong with the object for good; null when trying again may help. */
    static @Nullable String reason(Throwable failure) {
        Throwable cause = Failures.unwrap(failure);
        if (cause instanceof DamagedObjectException || cause instanceof UnsupportedFormatException) {
            return String.valueOf(cause.getMessage());
        }
        if (cause instanceof ObjectStoreException store
                && (store.kind() == ObjectStoreException.Kind.NOT_FOUND
                        || store.kind() == ObjectStoreException.Kind.INVALID)) {
            return store.getMessage();
        }
        return null;
    }
}
