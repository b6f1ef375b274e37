package io.sluice.config.secret;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.SecretSource.SecretUnavailableException;
import java.util.Arrays;

/** What every source does with the bytes it got: bound, line end, not empty. */
final class SecretBytes {
    /** Longer ones are a mistake, such as the wrong file. */
    static final int LENGTH_MAX = 64 * 1024;

    private SecretBytes() {}

    /** The first {@code length} bytes without one line end; the caller wipes {@code bytes}. */
    static Secret secretOf(byte[] bytes, int length, SecretSource source) throws SecretUnavailableException {
        if (length > LENGTH_MAX) {
            throw new SecretUnavailableException(
                    source.describe() + " gives more than " + LENGTH_MAX + " bytes; give a source of the secret alone");
        }
        int end = length;
        if (end > 0 && bytes[end - 1] == '\n') {
            end--;
            if (end > 0 && bytes[end - 1] == '\r') {
                end--;
            }
        }
        if (end == 0) {
            throw new SecretUnavailableException(source.describe() + " is empty; put the secret there");
        }
        byte[] trimmed = Arrays.copyOf(bytes, end);
        try {
            return new Secret(trimmed);
        } finally {
            Arrays.fill(trimmed, (byte) 0);
        }
    }
}
