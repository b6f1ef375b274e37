package io.sluice.storage.recovery;

import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The cache directory belongs to another volume. Nothing was changed, neither there nor in the bucket. */
public final class WrongCacheDirectoryException extends IOException {
    private static final long serialVersionUID = 1L;

    /** {@code what} says whose it is. */
    WrongCacheDirectoryException(String directory, String name, UUID volume, String what, @Nullable Throwable cause) {
        super(
                "the cache directory " + directory + " is not that of volume \"" + name + "\" (" + volume + "): " + what
                        + "; give the LUN another cache-directory, or, if the other volume is of no use any more, remove"
                        + " the directory",
                cause);
    }
}
