package io.sluice.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Bytes that nobody may see: never in logs, {@code toString} or error texts. */
public final class Secret {
    private final byte[] bytes;

    /** Copies the bytes. */
    public Secret(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** The UTF-8 bytes of a text. */
    public static Secret ofText(String text) {
        return new Secret(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A copy, for the code that uses it; the caller wipes it. */
    public byte[] reveal() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /** Constant-time comparison. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    /** The same for all: reveals nothing. */
    @Override
    public int hashCode() {
        return 1;
    }

    @Override
    public String toString() {
        return "(secret)";
    }
}
