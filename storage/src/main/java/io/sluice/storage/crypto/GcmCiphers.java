package io.sluice.storage.crypto;

import java.security.GeneralSecurityException;
import java.util.concurrent.ArrayBlockingQueue;
import javax.crypto.Cipher;

/** Cipher instances at rest; making one costs a search through the JDK's providers. Thread-safe. */
final class GcmCiphers {
    static final String TRANSFORMATION = "AES/GCM/NoPadding";

    private static final int RESTING_MAX = 32;

    private final ArrayBlockingQueue<Cipher> resting = new ArrayBlockingQueue<>(RESTING_MAX);

    /** One for the caller alone. */
    Cipher take() throws GeneralSecurityException {
        Cipher cipher = resting.poll();
        return cipher != null ? cipher : Cipher.getInstance(TRANSFORMATION);
    }

    /** Gives it back; it is initialised anew before its next use. Dropped when enough are at rest. */
    void giveBack(Cipher cipher) {
        boolean unused = resting.offer(cipher);
    }
}
