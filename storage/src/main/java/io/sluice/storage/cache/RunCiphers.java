package io.sluice.storage.cache;

import io.sluice.storage.crypto.LocalCipher;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The ciphers of the runs whose slots are still here. A run (one opening of the cache) draws a salt of its own and
 * counts its fills from 0; a fill number is used once. So no salt and nonce ever stand for two contents, and nothing
 * about it has to be stored or synced: not after a crash, not when the disk is restored from a copy. Thread-safe.
 */
final class RunCiphers {
    private static final int KEPT_MAX = 256;

    private final Function<byte[], LocalCipher> factory;
    private final Map<ByteBuffer, LocalCipher> bySalt = new LinkedHashMap<>(16, 0.75f, true);

    RunCiphers(Function<byte[], LocalCipher> factory) {
        this.factory = factory;
    }

    /** The cipher for {@code salt}; made again when it has long not been used. */
    synchronized LocalCipher of(byte[] salt) {
        LocalCipher cipher = bySalt.computeIfAbsent(ByteBuffer.wrap(salt.clone()), key -> factory.apply(salt.clone()));
        if (bySalt.size() > KEPT_MAX) {
            bySalt.remove(bySalt.keySet().iterator().next());
        }
        return cipher;
    }
}
