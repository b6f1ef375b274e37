package io.sluice.storage.journal;

import java.io.IOException;

/** A journal file cannot be used as it is: of another version or volume, or not what its checksum promised. */
public final class JournalFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /** {@code message} names the file. */
    public JournalFormatException(String message) {
        super(message);
    }
}
