package io.sluice.storage.crypto;

import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The pieces of one object under AES-256-GCM. */
final class GcmPieceSealer implements PieceSealer {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 8 * OVERHEAD_BYTES;
    private static final int PLAIN_BYTES_MAX = 256 * 1024;

    private final SecretKeySpec key;
    private final String purpose;
    private final byte[] salt;
    private final GcmCiphers ciphers;

    GcmPieceSealer(SecretKeySpec key, String purpose, byte[] salt, GcmCiphers ciphers) {
        this.key = key;
        this.purpose = purpose;
        this.salt = salt;
        this.ciphers = ciphers;
    }

    @Override
    public byte[] salt() {
        return salt.clone();
    }

    @Override
    public void seal(long piece, ByteBuffer additional, ByteBuffer plain, ByteBuffer sealed) {
        Invariant.check(plain.remaining() <= PLAIN_BYTES_MAX, "piece too long", plain.remaining(), PLAIN_BYTES_MAX);
        try {
            int unused = run(Cipher.ENCRYPT_MODE, piece, additional, plain, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM of this Java runtime failed", e);
        }
    }

    @Override
    public void open(long piece, ByteBuffer additional, ByteBuffer sealed, ByteBuffer plain)
            throws NotAuthenticException {
        if (sealed.remaining() < OVERHEAD_BYTES) {
            throw new NotAuthenticException(purpose + " piece " + piece + " is too short");
        }
        int start = plain.position();
        try {
            int unused = run(Cipher.DECRYPT_MODE, piece, additional, sealed, plain);
        } catch (AEADBadTagException e) {
            plain.position(start);
            NotAuthenticException notAuthentic = new NotAuthenticException(
                    purpose + " piece " + piece + " is not authentic: damaged, swapped, or sealed with another key");
            notAuthentic.initCause(e);
            throw notAuthentic;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM of this Java runtime failed", e);
        }
    }

    private int run(int mode, long piece, ByteBuffer additional, ByteBuffer source, ByteBuffer destination)
            throws GeneralSecurityException {
        if (source.remaining() >= GcmWarmUp.WORTHWHILE_BYTES) {
            GcmWarmUp.once();
        }
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                .putLong(NONCE_BYTES - Long.BYTES, piece)
                .array();
        Cipher cipher = ciphers.take();
        try {
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(additional);
            return cipher.doFinal(reachable(source), destination);
        } finally {
            ciphers.giveBack(cipher);
        }
    }

    /**
     * The same bytes where the JDK reaches them at once: of a buffer that hides its array, as what came from a store does, it
     * takes small pieces, which is five times as slow.
     */
    private static ByteBuffer reachable(ByteBuffer source) {
        if (source.hasArray() || source.isDirect()) {
            return source;
        }
        ByteBuffer copy = ByteBuffer.allocate(source.remaining()).put(source);
        return copy.flip();
    }
}
