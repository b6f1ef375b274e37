package io.sluice.storage.format;

import java.io.IOException;

/** An object or file was written by a newer Sluice than this one. Nothing is wrong with it. */
public final class UnsupportedFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int foundVersion;
    private final int supportedVersion;

    /** {@code object} is of format version {@code found}; this Sluice reads up to {@code supported}. */
    public UnsupportedFormatException(String object, int found, int supported) {
        super(object + " has format version " + found + ", but this Sluice reads versions up to " + supported
                + ": upgrade Sluice to use it");
        this.foundVersion = found;
        this.supportedVersion = supported;
    }

    public int foundVersion() {
        return foundVersion;
    }

    public int supportedVersion() {
        return supportedVersion;
    }
}
