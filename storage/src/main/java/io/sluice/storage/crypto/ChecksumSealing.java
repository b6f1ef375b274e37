package io.sluice.storage.crypto;

import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * For {@code encryption = none}: the content stays in clear, and in place of the tag stand the first 16 bytes of SHA-256
 * over purpose, salt, piece number, additional data and content. Finds all damage and mix-ups; it does not stop a forger,
 * who can compute it too.
 */
public final class ChecksumSealing implements Sealing {
    private final Entropy entropy;

    /** Salts come from {@code entropy}. */
    public ChecksumSealing(Entropy entropy) {
        this.entropy = entropy;
    }

    @Override
    public PieceSealer newObject(String purpose) {
        return existing(purpose, entropy.bytes(SALT_BYTES));
    }

    @Override
    public PieceSealer existing(String purpose, byte[] salt) {
        Invariant.check(salt.length == SALT_BYTES, "length of a salt", salt.length, SALT_BYTES);
        return new Pieces(purpose, salt.clone());
    }

    @Override
    public boolean encrypted() {
        return false;
    }

    /** The pieces of one object. */
    private static final class Pieces implements PieceSealer {
        private final String purpose;
        private final byte[] salt;

        Pieces(String purpose, byte[] salt) {
            this.purpose = purpose;
            this.salt = salt;
        }

        @Override
        public byte[] salt() {
            return salt.clone();
        }

        @Override
        public void seal(long piece, ByteBuffer additional, ByteBuffer plain, ByteBuffer sealed) {
            byte[] checksum = checksum(piece, additional, plain.duplicate());
            sealed.put(plain).put(checksum);
        }

        @Override
        public void open(long piece, ByteBuffer additional, ByteBuffer sealed, ByteBuffer plain)
                throws NotAuthenticException {
            int length = sealed.remaining() - OVERHEAD_BYTES;
            if (length < 0) {
                throw new NotAuthenticException(purpose + " piece " + piece + " is too short");
            }
            ByteBuffer content = sealed.slice(sealed.position(), length);
            byte[] found = new byte[OVERHEAD_BYTES];
            sealed.get(sealed.position() + length, found);
            sealed.position(sealed.limit());
            if (!MessageDigest.isEqual(found, checksum(piece, additional, content.duplicate()))) {
                throw new NotAuthenticException(
                        purpose + " piece " + piece + " has a wrong checksum: damaged, swapped, or sealed with a key");
            }
            plain.put(content);
        }

        private byte[] checksum(long piece, ByteBuffer additional, ByteBuffer plain) {
            byte[] purposeBytes = purpose.getBytes(StandardCharsets.UTF_8);
            MessageDigest digest = sha256();
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, purposeBytes.length));
            digest.update(purposeBytes);
            digest.update(salt);
            digest.update(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                    .putLong(0, piece)
                    .putInt(Long.BYTES, additional.remaining()));
            digest.update(additional);
            digest.update(plain);
            return Arrays.copyOf(digest.digest(), OVERHEAD_BYTES);
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("this Java runtime lacks SHA-256", e);
            }
        }
    }
}
