package io.sluice.storage.checkpoint;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A checkpoint page is not what was written: damaged, swapped, truncated, or sealed with another key. */
public final class DamagedPageException extends IOException {
    private static final long serialVersionUID = 1L;

    /** {@code message} names object, offset and what is wrong. */
    public DamagedPageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
