package io.sluice.target.admin;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The admin socket cannot be made, or nobody answers there; the message names it and says what to do. */
public final class AdminSocketException extends IOException {
    private static final long serialVersionUID = 1L;

    AdminSocketException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
