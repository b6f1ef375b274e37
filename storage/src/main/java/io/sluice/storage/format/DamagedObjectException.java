package io.sluice.storage.format;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An object or file is not what Sluice wrote there: damaged, truncated, swapped, or forged. Never a reason to go on. */
public final class DamagedObjectException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String object;

    /** {@code object} names the object or file, {@code what} says what is wrong with it. */
    public DamagedObjectException(String object, String what) {
        this(object, what, null);
    }

    /** With the exception that told us. */
    public DamagedObjectException(String object, String what, @Nullable Throwable cause) {
        super(object + ": " + what, cause);
        this.object = object;
    }

    /** Name of the object or file. */
    public String object() {
        return object;
    }
}
