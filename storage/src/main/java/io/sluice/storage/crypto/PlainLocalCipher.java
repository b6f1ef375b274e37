package io.sluice.storage.crypto;

import java.nio.ByteBuffer;

/** The cipher of a volume without encryption: a copy. */
public final class PlainLocalCipher implements LocalCipher {
    /** It has no state. */
    public static final PlainLocalCipher INSTANCE = new PlainLocalCipher();

    private PlainLocalCipher() {}

    /** In place nothing is to be done; {@link ByteBuffer#put(ByteBuffer)} copies overlapping memory correctly. */
    @Override
    public void apply(long nonce, int offset, ByteBuffer source, ByteBuffer destination) {
        destination.put(source);
    }
}
