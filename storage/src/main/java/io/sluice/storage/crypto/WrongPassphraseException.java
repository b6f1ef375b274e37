package io.sluice.storage.crypto;

import java.io.IOException;

/** The passphrase does not open the volume's key. Nothing was changed; another passphrase may be tried. */
public final class WrongPassphraseException extends IOException {
    private static final long serialVersionUID = 1L;

    /** {@code cause} is what the unwrapping said. */
    public WrongPassphraseException(Throwable cause) {
        super("wrong passphrase: it does not open the volume's key", cause);
    }

    /** The same, naming where the passphrase came from. */
    public WrongPassphraseException(String source, WrongPassphraseException cause) {
        super(cause.getMessage() + " (the passphrase is from " + source + ")", cause);
    }
}
