package io.sluice.storage.crypto;

import io.sluice.storage.runtime.Entropy;
import java.util.Random;

/** Reproducible bytes for tests. */
public final class SeededEntropy implements Entropy {
    private final Random random;

    /** The same bytes for the same seed. */
    public SeededEntropy(long seed) {
        random = new Random(seed);
    }

    @Override
    public synchronized void fill(byte[] destination) {
        random.nextBytes(destination);
    }
}
