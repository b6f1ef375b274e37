package io.sluice.storage.disk;

import java.io.IOException;

/** The local disk has no space left; what was written before is intact. */
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1L;

    /** {@code message} names the file and the directory. */
    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
