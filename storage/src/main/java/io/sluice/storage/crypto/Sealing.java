package io.sluice.storage.crypto;

/**
 * How one volume protects what it puts into the bucket: AES-256-GCM when it is encrypted, a SHA-256 checksum of the same
 * length when it is not. Thread-safe.
 */
public interface Sealing {
    /** Length of a salt, bytes. */
    int SALT_BYTES = 16;

    /** A sealer for a new object of the kind {@code purpose} ("segment", "checkpoint", "manifest"): fresh random salt. */
    PieceSealer newObject(String purpose);

    /** The sealer of an existing object, from the salt stored with its pieces. */
    PieceSealer existing(String purpose, byte[] salt);

    /** False when the volume has {@code encryption = none}. */
    boolean encrypted();
}
