package io.sluice.storage.manifest;

import java.nio.ByteBuffer;

/**
 * What proves that a manifest was written by an owner of the volume's key; kept with the manifest because the key is known
 * only later.
 *
 * @param covered the object's bytes it vouches for
 * @param salt of the sealing
 * @param tag sealed form of nothing, with {@code covered} as additional data
 */
public record ManifestSeal(ByteBuffer covered, ByteBuffer salt, ByteBuffer tag) {
    /** Of a manifest that was not written yet. */
    public static final ManifestSeal NONE =
            new ManifestSeal(ByteBuffer.allocate(0), ByteBuffer.allocate(0), ByteBuffer.allocate(0));

    /** Keeps read-only views. */
    public ManifestSeal {
        covered = covered.asReadOnlyBuffer();
        salt = salt.asReadOnlyBuffer();
        tag = tag.asReadOnlyBuffer();
    }

    @Override
    public ByteBuffer covered() {
        return covered.duplicate();
    }

    @Override
    public ByteBuffer salt() {
        return salt.duplicate();
    }

    @Override
    public ByteBuffer tag() {
        return tag.duplicate();
    }

    @Override
    public String toString() {
        return tag.hasRemaining() ? "(sealed)" : "(not sealed)";
    }
}
