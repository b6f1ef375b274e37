package io.sluice.storage.object;

import io.sluice.storage.runtime.Entropy;
import java.util.Random;

/** The same bytes for the same seed. */
public final class SeededEntropy implements Entropy {
    private final Random random;

    /** Begins the sequence of {@code seed}. */
    public SeededEntropy(long seed) {
        this.random = new Random(seed);
    }

    @Override
    public synchronized void fill(byte[] destination) {
        random.nextBytes(destination);
    }
}
