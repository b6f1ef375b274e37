package io.sluice.storage.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Has the JIT compile the JDK's AES-GCM before the first frame needs it. The processor's AES and carry-less multiplication are
 * reached only from callers that are compiled, and those are compiled after thousands of calls, however long each is. So of the
 * first 5000 frames of a process (640 MiB) each would take about 1 ms; with this it takes 15 to 200 us. Short pieces are as
 * good as long ones for that: some 300 ms of one processor, once. Measured with JDK 17.
 */
final class GcmWarmUp {
    /** From so many bytes on a piece is worth it; a process that seals only short ones never pays. */
    static final int WORTHWHILE_BYTES = 16 << 10;

    private static final int CALLS = 12_000;
    private static final int PIECE_BYTES = 64;
    private static final int KEY_BYTES = 32;
    private static final int TAG_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    private GcmWarmUp() {}

    /** Once in each process, on the thread of whoever is first; the others do not wait. */
    static void once() throws GeneralSecurityException {
        if (!BEGUN.get() && BEGUN.compareAndSet(false, true)) {
            run(Cipher.getInstance(GcmCiphers.TRANSFORMATION), Cipher.getInstance(GcmCiphers.TRANSFORMATION));
        }
    }

    /** A key of zeros and content of zeros: nothing of it leaves this method. */
    private static void run(Cipher sealing, Cipher opening) throws GeneralSecurityException {
        SecretKeySpec key = new SecretKeySpec(new byte[KEY_BYTES], "AES");
        ByteBuffer plain = ByteBuffer.allocate(PIECE_BYTES);
        ByteBuffer sealed = ByteBuffer.allocate(PIECE_BYTES + TAG_BYTES);
        for (int call = 0; call < CALLS; call++) {
            byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putLong(call).array();
            GCMParameterSpec parameters = new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce);
            sealing.init(Cipher.ENCRYPT_MODE, key, parameters);
            sealing.updateAAD(ByteBuffer.wrap(nonce));
            int unusedSealed = sealing.doFinal(plain.clear(), sealed.clear());
            opening.init(Cipher.DECRYPT_MODE, key, parameters);
            opening.updateAAD(ByteBuffer.wrap(nonce));
            int unusedOpened = opening.doFinal(sealed.flip(), plain.clear());
        }
    }
}
